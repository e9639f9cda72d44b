// One pass over a text: what all metrics share, so that words and sentences are found once.

/// How a text is divided into sentences.
public enum Segmentation: String, Sendable, Codable, CaseIterable {
  /// Sentences end at marks, with abbreviations, initials, decimals, ellipses and quotes considered.
  case prose
  /// One line, an utterance, is one sentence.
  case transcript
}

/// The words, sentences and counts of one text; used again for the next.
public struct TextScan: Sendable {
  /// How the text is divided into sentences.
  public var segmentation: Segmentation

  /// Creates a scan of no text.
  ///
  /// - Parameter segmentation: How texts are divided into sentences.
  public init(segmentation: Segmentation = .prose) {
    self.segmentation = segmentation
  }

  /// Reads a text in place of the one before.
  ///
  /// - Parameter text: The text as UTF-8.
  /// - Complexity: O(bytes).
  public mutating func read(_ text: Span<UInt8>) {
  }
}
