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

  /// Opens a run.
  ///
  /// - Parameter directory: The run's folder.
  /// - Throws: `Failure` where there is no run or no checkpoint, or none of them is whole.
  public init(directory: String) throws {
    configuration = try RunConfiguration(directory: directory)
    model = try Model(configuration.model)
    let layout = model.layout
    let newest = try CheckpointStore(folder: directory + "/checkpoints").newest { path, step in
      (parameters: try Safetensors.read(layout, from: path + "/model.safetensors"), step: step)
    }
    guard let newest else {
      throw Failure(
        what: "the run has no checkpoint yet",
        place: directory,
        remedy: "run `blalm train` until its first checkpoint"
      )
    }
    parameters = newest.value.parameters
    step = newest.value.step
  }
}
