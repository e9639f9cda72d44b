import Files
import Foundation
import Testing
import Tokenization

/// What several test files share: the stored goldens, small tokenizers, temporary folders.
enum Fixture {
  static func url(_ name: String) throws -> URL {
    try #require(Bundle.module.resourceURL).appending(path: "Fixtures/\(name)")
  }

  static func data(_ name: String) throws -> Data {
    try Data(contentsOf: url(name))
  }

  /// The sentences that the goldens were made from.
  static var texts: [String] {
    get throws { try JSONDecoder().decode([String].self, from: data("texts.json")) }
  }

  /// Trains on texts in this process.
  static func trained(
    _ texts: [String],
    size: Int,
    minimumFrequency: Int = 2,
    addPrefixSpace: Bool = true
  ) throws -> Tokenizer {
    var trainer = try BPETrainer(
      BPETrainer.Settings(
        vocabularySize: size,
        minimumFrequency: minimumFrequency,
        addPrefixSpace: addPrefixSpace
      )
    )
    for text in texts { trainer.add(text.utf8Span.span) }
    return try trainer.train()
  }

  /// Runs `body` with a fresh folder and removes it afterwards.
  static func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path())
  }
}

/// The failure that `body` throws.
func failure(_ body: () throws -> Void) -> Failure? {
  do {
    try body()
    return nil
  } catch {
    return error as? Failure
  }
}
