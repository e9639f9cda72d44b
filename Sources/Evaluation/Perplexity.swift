// The perplexity of a model on a token shard, cut into windows exactly as training cuts it.

private import Glibc

/// How well a model predicts a shard: every id but the shard's first is a target once, within its
/// window.
public struct Perplexity: Sendable, Equatable, Codable {
  /// The loss of all targets, in nats.
  public var nats: Double
  /// The number of targets.
  public var targetCount: Int
  /// The loss of the targets that stand for text, in nats; special tokens are left out.
  public var textNats: Double?
  /// The bytes of text that the targets stand for.
  public var textBytes: Int?

  /// Creates a measurement.
  ///
  /// - Parameters:
  ///   - nats: The loss of all targets.
  ///   - targetCount: Their number.
  ///   - textNats: The loss of those that stand for text.
  ///   - textBytes: The bytes of that text.
  public init(nats: Double, targetCount: Int, textNats: Double? = nil, textBytes: Int? = nil) {
    self.nats = nats
    self.targetCount = targetCount
    self.textNats = textNats
    self.textBytes = textBytes
  }

  /// exp of the mean loss.
  public var perplexity: Double { exp(nats / Double(targetCount)) }
  /// The bits a byte of text, free of the tokenizer's choice: nats / (ln 2 · bytes).
  public var bitsPerByte: Double? {
    guard let textNats, let textBytes, textBytes > 0 else { return nil }
    return textNats / (log(2) * Double(textBytes))
  }
}

extension Perplexity {
  /// Adds the losses of some targets of a row, one by one and in double precision.
  ///
  /// - Parameters:
  ///   - losses: The losses, [rows, T].
  ///   - ids: The ids of the windows, [rows, T + 1]; a target of −1 is padding.
  ///   - row: The row.
  ///   - columns: Which of its targets, inside 0 ..< T.
  ///   - contextLength: The targets of a row, T.
  ///   - byteCounts: The bytes of text that each id stands for; empty where they are unknown.
  package mutating func add(
    losses: Span<Float>,
    ids: Span<Int32>,
    row: Int,
    columns: Range<Int>,
    contextLength: Int,
    byteCounts: Span<Int32>
  ) {
    var (total, text, count, bytes) = (nats, textNats ?? 0, 0, 0)
    for column in columns {
      let id = Int(ids[row * (contextLength + 1) + column + 1])
      guard id >= 0 else { continue }
      let loss = Double(losses[row * contextLength + column])
      total += loss
      count += 1
      if id < byteCounts.count, byteCounts[id] > 0 {
        text += loss
        bytes += Int(byteCounts[id])
      }
    }
    nats = total
    targetCount += count
    if !byteCounts.isEmpty {
      textNats = text
      textBytes = (textBytes ?? 0) + bytes
    }
  }
}
