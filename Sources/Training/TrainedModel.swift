// What a run's folder holds of a trained network: the newest checkpoint's weights.

import Files
public import Modeling

/// The network of a run's newest whole checkpoint, to decode with or to measure.
public struct TrainedModel: Sendable {
  /// What the run was started with.
  public let configuration: RunConfiguration
  /// The network.
  public let model: Model
  /// Its parameters.
  public let parameters: ParameterBuffer
  /// The step after which they were saved.
  public let step: Int
  /// Why newer checkpoints were passed over, the newest first; mostly empty.
  public let passedOver: [String]

  /// Opens a run.
  ///
  /// - Parameter directory: The run's folder.
  /// - Throws: `Failure` where there is no run or no checkpoint, or none of them is whole.
  public init(directory: String) throws {
    configuration = try RunConfiguration(directory: directory)
    model = try Model(configuration.model)
    let store = CheckpointStore(folder: directory + "/checkpoints")
    guard let newest = try store.latestParameters(layout: model.layout) else {
      throw Failure(
        what: "the run has no checkpoint yet",
        place: directory,
        remedy: "run `blalm train` until its first checkpoint"
      )
    }
    parameters = newest.value.parameters
    step = newest.value.step
    passedOver = newest.passedOver
  }
}
