// What a run has seen, in words and tokens, repeats included: the exposure that the BabyLM rules cap.

/// The exact exposure of a run so far.
///
/// A word counts when the window with its first token is trained on; each word of the split counts
/// once an epoch.
public struct WordLedger: Sendable, Equatable, Codable {
  /// What one epoch has seen.
  public struct Epoch: Sendable, Equatable, Codable {
    /// The words, as Python's `str.split()` counts them.
    public var words = 0
    /// The targets, that is the tokens with a loss.
    public var tokens = 0

    /// Creates an epoch that has seen nothing.
    public init() {}
  }

  /// The epochs so far, the first first.
  public private(set) var epochs: [Epoch] = []
  /// The words of all epochs by source, repeats included.
  public private(set) var sources: [String: Int] = [:]

  /// Creates a ledger of nothing.
  public init() {}

  /// Decodes a ledger; those of older versions tell nothing of sources.
  ///
  /// - Parameter decoder: The decoder to read from.
  /// - Throws: `DecodingError`.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    epochs = try values.decode([Epoch].self, forKey: .epochs)
    sources = try values.decodeIfPresent([String: Int].self, forKey: .sources) ?? [:]
  }

  /// The words of all epochs, repeats included.
  public var words: Int { epochs.reduce(0) { $0 + $1.words } }
  /// The targets of all epochs, repeats included.
  public var tokens: Int { epochs.reduce(0) { $0 + $1.tokens } }

  /// Enters a batch.
  ///
  /// - Parameters:
  ///   - words: The words that begin in the batch, by source.
  ///   - names: The sources' names, in the order of `words`.
  ///   - tokens: The batch's targets.
  ///   - epoch: The epoch, from 0.
  package mutating func enter(words: [Int], of names: [String], tokens: Int, epoch: Int) {
    while epochs.count <= epoch { epochs.append(Epoch()) }
    epochs[epoch].tokens += tokens
    for (index, count) in words.enumerated() where count > 0 {
      epochs[epoch].words += count
      sources[names[index], default: 0] += count
    }
  }
}
