// The perplexity of a whole split and of each source's part: windows of a shard through the network, a
// batch at a time. A target belongs to the source of the document that it stands in.

import Files
public import Modeling
public import Tokenization

/// How well a model predicts a split, and each source's part of it.
public struct SplitPerplexity: Sendable, Equatable, Codable {
  /// The whole split.
  public private(set) var whole = Perplexity(nats: 0, targetCount: 0)
  /// The parts by source; one without a target is left out.
  public private(set) var sources: [String: Perplexity] = [:]

  /// Measures a model on a shard.
  ///
  /// - Parameters:
  ///   - shard: The shard; its vocabulary is the model's.
  ///   - engine: The network, ready to run.
  ///   - parameters: Its parameters.
  ///   - batchWindows: The windows that are read at once; a matter of memory alone.
  ///   - tokenizer: The shard's tokenizer, for bits per byte; `nil` leaves them out.
  ///   - checkStop: Called before each batch; what it throws ends the measurement.
  /// - Throws: `Failure` where the shard has no pair of tokens, another vocabulary or a broken id;
  ///   what `checkStop` throws.
  public init(
    of shard: TokenShardReader,
    engine: inout BatchEngine,
    parameters: ParameterBuffer,
    batchWindows: Int = 16,
    tokenizer: Tokenizer? = nil,
    checkStop: () throws -> Void = {}
  ) throws {
    let contextLength = engine.model.configuration.contextLength
    var reader = WindowReader(shard: shard, contextLength: contextLength)
    guard shard.header.vocabularySize == engine.model.configuration.vocabularySize else {
      throw Failure(
        what: "the shard has a vocabulary of \(shard.header.vocabularySize) ids, "
          + "the model one of \(engine.model.configuration.vocabularySize)",
        place: "perplexity",
        remedy: "tokenize with the model's tokenizer"
      )
    }
    guard reader.windows.count > 0 else {
      throw Failure(
        what: "the shard has \(shard.tokenCount) tokens; a perplexity needs at least 2",
        place: "perplexity",
        remedy: "select more documents for the dev split"
      )
    }
    let byteCounts = (0..<(tokenizer?.vocabularySize ?? 0)).map {
      Int32(tokenizer?.byteCount(of: UInt32($0)) ?? 0)
    }
    var parts = [Perplexity](
      repeating: Perplexity(nats: 0, targetCount: 0),
      count: shard.sourceNames.count
    )
    let width = contextLength + 1
    var ids = [Int32](repeating: 0, count: batchWindows * width)
    var losses = [Float](repeating: 0, count: batchWindows * contextLength)
    var position = 0
    for start in stride(from: 0, to: reader.windows.count, by: batchWindows) {
      try checkStop()
      let rows = min(batchWindows, reader.windows.count - start)
      if rows < batchWindows {
        ids.removeLast((batchWindows - rows) * width)
        losses.removeLast((batchWindows - rows) * contextLength)
      }
      for row in 0..<rows { _ = try reader.read(start + row, into: &ids, row: row) }
      var span = losses.mutableSpan
      engine.losses(ids: ids.span, windowCount: rows, parameters: parameters, into: &span)
      for row in 0..<rows {
        let tokens = reader.windows.tokens(ofWindow: start + row)
        var target = tokens.lowerBound + 1
        while target < tokens.upperBound {
          var document = shard.document(position)
          while target >= document.firstToken + document.tokenCount {
            position += 1
            document = shard.document(position)
          }
          let end = min(tokens.upperBound, document.firstToken + document.tokenCount)
          let first = target - tokens.lowerBound - 1
          func add(to measured: inout Perplexity) {
            measured.add(
              losses: losses.span,
              ids: ids.span,
              row: row,
              columns: first..<first + end - target,
              contextLength: contextLength,
              byteCounts: byteCounts.span
            )
          }
          add(to: &whole)
          add(to: &parts[document.sourceIndex])
          target = end
        }
      }
    }
    for (name, part) in zip(shard.sourceNames, parts) where part.targetCount > 0 {
      sources[name] = part
    }
  }
}
