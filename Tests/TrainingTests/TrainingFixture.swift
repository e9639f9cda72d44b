import Documents
import Foundation
import Modeling
import Testing
import Tokenization
import Training

/// A small own corpus as token shards in a temporary folder, removed with the value.
final class TrainingFixture {
  let folder: String
  let tokenizer: Tokenizer

  var train: String { folder + "/train-00000" }
  var dev: String { folder + "/dev-00000" }

  init() throws {
    folder = FileManager.default.temporaryDirectory.path + "/blalm-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var trainer = try BPETrainer(BPETrainer.Settings(vocabularySize: 320))
    for story in stories(0..<40) { trainer.add(story.utf8Span.span) }
    tokenizer = try trainer.train()
    try write(stories(0..<40), to: train)
    try write(stories(40..<46), to: dev)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func write(_ texts: [String], to path: String, sources: [String] = ["own"]) throws {
    var writer = try TokenShardWriter(path: path, tokenizer: tokenizer)
    for (index, text) in texts.enumerated() {
      try writer.append(
        text: text.utf8Span.span,
        id: DocumentID(source: "own", key: "\(index)"),
        source: sources[index % sources.count]
      )
    }
    _ = try writer.finish()
  }

  /// A network that trains in a second.
  var model: ModelConfiguration {
    ModelConfiguration(
      hiddenSize: 32,
      blockCount: 2,
      headCount: 2,
      feedForwardSize: 48,
      vocabularySize: tokenizer.vocabularySize,
      contextLength: 24,
      chunkLength: 8
    )
  }

  /// Small batches and many checkpoints.
  var settings: TrainingSettings {
    var settings = TrainingSettings(preset: .nano)
    settings.batchWindows = 4
    settings.windowsPerPass = 2
    settings.learningRate = 1e-2
    settings.checkpointInterval = 10
    return settings
  }

  func run(_ name: String, _ settings: TrainingSettings, threads: Int = 2) -> TrainingRun {
    TrainingRun(
      directory: "\(folder)/\(name)",
      model: model,
      settings: settings,
      train: train,
      dev: dev,
      tokenizer: tokenizer,
      threadCount: threads
    )
  }

  /// The numbers of the lines of a run's log.
  func log(_ name: String) throws -> [[String: Double]] {
    try String(contentsOfFile: "\(folder)/\(name)/log.jsonl", encoding: .utf8)
      .split(separator: "\n")
      .map {
        try JSONDecoder().decode([String: MaybeNumber].self, from: Data($0.utf8))
          .compactMapValues(\.number)
      }
  }

  func file(_ path: String) throws -> Data {
    try Data(contentsOf: URL(filePath: folder + "/" + path))
  }

  func checkpoints(_ name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(name)/checkpoints").sorted()
  }
}

/// A number of a log's line; `nil` for anything else.
private struct MaybeNumber: Decodable {
  let number: Double?

  init(from decoder: any Decoder) throws {
    number = try? decoder.singleValueContainer().decode(Double.self)
  }
}

/// Stories of a small grammar, so that a model can learn nearly all of them.
func stories(_ range: Range<Int>) -> [String] {
  let names = ["Ada", "Ben", "Cleo", "Dan", "Eve"]
  let things = ["a red ball", "a small boat", "an old kite", "a blue cup"]
  let places = ["in the park", "by the lake", "under the tree"]
  return range.map { index in
    let name = names[index % names.count]
    let thing = things[index % things.count]
    let place = places[index % places.count]
    return (0..<4).map { line in
      "\(name) found \(thing) \(place). \(name) was very happy and showed \(thing) to "
        + "\(names[(index + line + 1) % names.count])."
    }.joined(separator: " ")
  }
}
