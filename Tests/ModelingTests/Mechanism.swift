import Modeling
import Testing

/// A choice of the model's mechanisms, with small windows so that tiny texts pass them.
struct Mechanism: Sendable, Equatable, CustomTestStringConvertible {
  var mixer = ModelConfiguration.Mixer.mlstm
  var convolution = 0
  var features = ModelConfiguration.FeatureMap.identity
  var window = ModelConfiguration.SlidingWindow.none
  var memory = 0
  var isolates = false

  func set(_ configuration: inout ModelConfiguration) {
    configuration.mixer = mixer
    configuration.convolutionWidth = convolution
    configuration.featureMap = features
    configuration.slidingWindow = window
    configuration.slidingWindowLength = 3
    configuration.slidingWindowMemory = memory
    configuration.isolateDocuments = isolates
  }

  var testDescription: String {
    "\(mixer)\(convolution > 0 ? " convolution" : "") \(features) \(window)"
      + (memory > 0 ? " memory" : "") + (isolates ? " isolated" : "")
  }

  /// All of one mixer.
  static let everything = Mechanism(
    convolution: 4,
    features: .hedgehog,
    window: .bounded,
    memory: 2,
    isolates: true
  )

  /// Every combination.
  static let all: [Mechanism] = {
    var result: [Mechanism] = []
    for isolates in [false, true] {
      result.append(Mechanism(mixer: .attention, isolates: isolates))
      for convolution in [0, 4] {
        for features in ModelConfiguration.FeatureMap.allCases {
          for window in ModelConfiguration.SlidingWindow.allCases {
            for memory in window == .none ? [0] : [0, 2] {
              result.append(
                Mechanism(
                  convolution: convolution,
                  features: features,
                  window: window,
                  memory: memory,
                  isolates: isolates
                )
              )
            }
          }
        }
      }
    }
    return result
  }()
}
