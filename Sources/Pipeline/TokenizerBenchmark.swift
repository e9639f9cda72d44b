// How fast a vocabulary is learnt and text becomes ids; `blalm bench tokenizer` prints it.

import Dispatch
import Files
import Foundation
import Synchronization
public import Tokenization

/// A text cut into documents, to measure the tokenizer on.
public struct TokenizerBenchmark: Sendable {
  /// The text.
  public let text: [UInt8]
  /// The documents: what lies between blank lines.
  public let documents: [Range<Int>]

  /// Takes a text.
  ///
  /// - Parameter text: The text; documents are what lies between blank lines.
  public init(_ text: [UInt8]) {
    self.text = text
    documents = ranges(between: text.span)
  }

  /// Learns a vocabulary from the text.
  ///
  /// - Parameters:
  ///   - vocabularySize: The number of ids.
  ///   - threads: The threads that count.
  /// - Returns: The tokenizer and the seconds it took.
  /// - Throws: ``Failure`` where the text gives no vocabulary.
  public func train(
    vocabularySize: Int,
    threads: Int
  ) throws -> (tokenizer: Tokenizer, countSeconds: Double, seconds: Double) {
    let clock = ContinuousClock()
    let start = clock.now
    let settings = BPETrainer.Settings(vocabularySize: vocabularySize)
    let pieces = WorkerPool.pieces(of: documents[...], count: threads)
    let trainers = try WorkerPool.map(pieces) { piece in
      var trainer = try BPETrainer(settings)
      let bytes = text.span
      for document in piece { trainer.add(bytes.extracting(document)) }
      return trainer
    }
    guard var trainer = trainers.first else { return try (BPETrainer(settings).train(), 0, 0) }
    for other in trainers.dropFirst() { trainer.merge(other) }
    let counted = clock.now
    let tokenizer = try trainer.train()
    return (tokenizer, (counted - start) / .seconds(1), (clock.now - start) / .seconds(1))
  }

  /// Encodes every document on this thread.
  ///
  /// - Parameters:
  ///   - encoder: The encoder, whose cache is used and filled.
  ///   - ids: Receives the ids of all documents.
  /// - Returns: The seconds it took.
  public func encode(with encoder: inout TokenEncoder, into ids: inout [UInt32]) -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    let bytes = text.span
    ids.removeAll(keepingCapacity: true)
    for document in documents { encoder.encode(bytes.extracting(document), into: &ids) }
    return (clock.now - start) / .seconds(1)
  }
}

/// What lies between blank lines.
private func ranges(between text: Span<UInt8>) -> [Range<Int>] {
  var ranges: [Range<Int>] = []
  var start = 0
  var index = 0
  while index + 1 < text.count {
    if text[index] == 10, text[index + 1] == 10 {
      if index > start { ranges.append(start..<index) }
      start = index + 2
      index += 2
    } else {
      index += 1
    }
  }
  if start < text.count { ranges.append(start..<text.count) }
  return ranges
}
