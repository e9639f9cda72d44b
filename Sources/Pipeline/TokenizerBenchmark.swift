// How fast a vocabulary is learnt and text becomes ids; `blalm bench tokenizer` prints it.

import Glibc
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
    documents = paragraphs(of: text.span)
  }

  /// Learns a vocabulary from the text, on all cores, without a blank before documents.
  ///
  /// - Parameter vocabularySize: The number of ids.
  /// - Returns: The tokenizer, and the seconds it took.
  /// - Throws: ``Failure`` where the text gives no vocabulary.
  public func train(vocabularySize: Int) throws -> (tokenizer: Tokenizer, seconds: Double) {
    let clock = ContinuousClock()
    let start = clock.now
    let settings = BPETrainer.Settings(vocabularySize: vocabularySize, addPrefixSpace: false)
    let trainers = try WorkerPool.map(WorkerPool.pieces(of: documents)) { piece in
      var trainer = try BPETrainer(settings)
      let bytes = text.span
      for document in piece { trainer.add(bytes.extracting(document)) }
      return trainer
    }
    var trainer = try trainers.first ?? BPETrainer(settings)
    for other in trainers.dropFirst() { trainer.merge(other) }
    let tokenizer = try trainer.train()
    return (tokenizer, (clock.now - start) / .seconds(1))
  }

  /// Encodes every document on this thread.
  ///
  /// - Parameters:
  ///   - encoder: The encoder, whose cache is used and filled.
  ///   - ids: Receives the ids of all documents.
  /// - Returns: The seconds it took.
  public func encode(with encoder: inout TokenEncoder, into ids: inout [UInt32]) -> Double {
    let start = clock()
    let bytes = text.span
    ids.removeAll(keepingCapacity: true)
    for document in documents { encoder.encode(bytes.extracting(document), into: &ids) }
    return Double(clock() - start) / 1e6
  }
}
