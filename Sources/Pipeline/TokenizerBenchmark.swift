// How fast a vocabulary is learnt and text becomes ids; `blalm bench tokenizer` prints it.

import Files
import Foundation
public import Tokenization

/// Text files, whose blank lines part documents, to measure the tokenizer on.
public struct TokenizerBenchmark: Sendable {
  /// The files.
  public let files: [String]

  /// Takes text files.
  ///
  /// - Parameter files: Their paths.
  public init(files: [String]) {
    self.files = files
  }

  /// Reads the files one behind the other.
  ///
  /// - Returns: The text.
  /// - Throws: ``Failure`` for a file that cannot be read.
  public func text() throws -> [UInt8] {
    try files.flatMap { path in
      do { return [UInt8](try Data(contentsOf: URL(filePath: path))) } catch {
        throw Failure(
          what: "the text cannot be read (\(error.localizedDescription))",
          place: path,
          remedy: "name a text file"
        )
      }
    }
  }

  /// Learns a vocabulary from the files, read a piece at a time, on all cores, without a blank before
  /// documents.
  ///
  /// - Parameter vocabularySize: The number of ids.
  /// - Returns: The tokenizer, and the seconds it took.
  /// - Throws: ``Failure`` where a file cannot be read or the text gives no vocabulary.
  public func train(vocabularySize: Int) throws -> (tokenizer: Tokenizer, seconds: Double) {
    let clock = ContinuousClock()
    let start = clock.now
    let settings = BPETrainer.Settings(vocabularySize: vocabularySize, addPrefixSpace: false)
    let lanes = try (0..<WorkerPool.width).map { _ in Lane(try BPETrainer(settings)) }
    for file in files {
      var pieces = try TextPieces(file)
      while try pieces.advance() {
        let bytes = pieces.bytes
        _ = try WorkerPool.map(Array(zip(lanes, WorkerPool.pieces(of: pieces.documents)))) {
          lane,
          piece in
          lane.use { trainer in
            let text = bytes.span
            for document in piece { trainer.add(text.extracting(document)) }
          }
        }
      }
    }
    var trainer = try BPETrainer(settings)
    for lane in lanes { lane.use { trainer.merge($0) } }
    return (try trainer.train(), (clock.now - start) / .seconds(1))
  }

  /// Finds the documents of a text and encodes each, on this thread, into an array of its own.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - encoder: The encoder, whose cache is used and filled.
  /// - Returns: The number of ids, and the processor's seconds that it took.
  public func encode(
    _ text: [UInt8],
    with encoder: inout TokenEncoder
  ) -> (ids: Int, seconds: Double) {
    let start = clock()
    let bytes = text.span
    var ids = roomForIDs(text.count / 2)
    for document in paragraphs(of: bytes) { encoder.encode(bytes.extracting(document), into: &ids) }
    return (ids.count, Double(clock() - start) / Double(CLOCKS_PER_SEC))
  }
}
