// The runs of a workspace side by side: how far each is, what came out, and in what they differ.

public import Files
import Foundation
import Modeling
import Storage
import Training

/// A run in a few figures.
public struct RunSummary: Sendable, Codable, Equatable {
  /// The run's name.
  public let name: String
  /// The parameters of the model.
  public let parameters: Int
  /// The steps done, and those of the whole run where it has ended or been stopped.
  public let steps: Int
  /// The steps of the whole run, where a report tells.
  public let stepCount: Int?
  /// The words seen, repeats included.
  public let words: Int
  /// The last step's loss.
  public let loss: Double?
  /// The newest perplexity of the dev split.
  public let devPerplexity: Double?
  /// The newest bits a byte of the dev split.
  public let devBitsPerByte: Double?
  /// The targets a second.
  public let tokensPerSecond: Double?
  /// The settings of model and training in which the runs of the workspace differ.
  public var differences: [String: String]
  /// What a person should look at.
  public let warnings: [String]
}

extension StageContext {
  /// Looks at all runs of the workspace.
  ///
  /// - Parameter passOver: Told why a run cannot be read; the others are shown all the same.
  /// - Returns: The runs, by name.
  /// - Throws: ``Failure`` where the folder of the runs cannot be read.
  public func runs(passOver: (Failure) -> Void) throws -> [RunSummary] {
    let folder = workspace.path(of: "runs")
    guard FileManager.default.fileExists(atPath: folder) else { return [] }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      .filter { FileManager.default.fileExists(atPath: "\(folder)/\($0)/config.json") }
    var summaries: [RunSummary] = []
    var settings: [[String: String]] = []
    for name in names {
      do {
        let configuration = try RunConfiguration(directory: "\(folder)/\(name)")
        summaries.append(try summary(name, configuration, in: "\(folder)/\(name)"))
        settings.append(flattened(configuration))
      } catch let failure as Failure {
        passOver(failure)
      }
    }
    let keys = Set(settings.flatMap(\.keys))
    let differing = keys.filter { key in Set(settings.map { $0[key] }).count > 1 }
    for index in summaries.indices {
      summaries[index].differences = settings[index].filter { differing.contains($0.key) }
    }
    return summaries
  }

  private func summary(
    _ name: String,
    _ configuration: RunConfiguration,
    in directory: String
  ) throws -> RunSummary {
    let log = try RunLogSummary(directory: directory)
    let report = try? JSONDecoder().decode(
      TrainingReport.self,
      from: Data(contentsOf: URL(filePath: directory + "/report.json"))
    )
    return RunSummary(
      name: name,
      parameters: try Model(configuration.model).layout.count,
      steps: log.last?.step ?? 0,
      stepCount: report?.stepCount,
      words: log.last?.words ?? 0,
      loss: log.last?.loss,
      devPerplexity: log.evaluation?.devPerplexity,
      devBitsPerByte: log.evaluation?.devBitsPerByte,
      tokensPerSecond: report?.tokensPerSecond ?? log.last?.tokensPerSecond,
      differences: [:],
      warnings: report?.warnings ?? log.warnings
    )
  }
}

/// The settings of model and training as texts, by name.
private func flattened(_ configuration: RunConfiguration) -> [String: String] {
  var result: [String: String] = ["train": "\(configuration.train.sha256.prefix(8))"]
  for (prefix, json) in [
    ("model", canonicalJSON(configuration.model)),
    ("training", canonicalJSON(configuration.settings)),
  ] {
    let object = try? JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    for (key, value) in object ?? [:] { result["\(prefix).\(key)"] = "\(value)" }
  }
  return result
}
