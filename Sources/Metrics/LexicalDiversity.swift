// Two measures of lexical diversity that do not fall with the length of the text, over word numbers.

/// Scratch memory for MATTR and MTLD, used again for each text.
struct LexicalDiversity: Sendable {
  /// For each type how often it is in the window, or the number of the factor that met it last.
  private var marks: [UInt32] = []

  /// The moving-average type–token ratio: the mean ratio of all windows of so many words.
  ///
  /// Covington and McFall, "Cutting the Gordian Knot: The Moving-Average Type–Token Ratio (MATTR)",
  /// Journal of Quantitative Linguistics 17(2), 2010, 94–100.
  ///
  /// - Parameters:
  ///   - tokens: Each word's type.
  ///   - types: The number of types.
  ///   - window: The words of a window.
  /// - Returns: The mean, above 0 and at most 1, or `nil` where there are fewer words than a window has.
  /// - Complexity: Linear in the words, whatever the window.
  mutating func movingAverageRatio(
    _ tokens: Span<UInt32>,
    types: Int,
    window: Int
  ) -> Double? {
    guard tokens.count >= window else { return nil }
    clear(types)
    var different = 0
    // Whole numbers until the end, so that the sum is exact.
    var sum = 0
    for index in tokens.indices {
      let entering = Int(tokens[index])
      different += marks[entering] == 0 ? 1 : 0
      marks[entering] += 1
      if index >= window {
        let leaving = Int(tokens[index - window])
        marks[leaving] -= 1
        different -= marks[leaving] == 0 ? 1 : 0
      }
      if index >= window - 1 { sum += different }
    }
    return Double(sum) / (Double(window) * Double(tokens.count - window + 1))
  }

  /// The measure of textual lexical diversity: words per factor, the mean of both directions.
  ///
  /// A factor ends where the ratio of types to words since the last one has fallen to the threshold;
  /// what is left at the end counts as the part of a factor that its ratio has come down.
  ///
  /// McCarthy and Jarvis, "MTLD, vocd-D, and HD-D: A validation study of sophisticated approaches to
  /// lexical diversity assessment", Behavior Research Methods 42(2), 2010, 381–392.
  ///
  /// - Parameters:
  ///   - tokens: Each word's type.
  ///   - types: The number of types.
  ///   - threshold: The ratio that ends a factor, as a fraction.
  /// - Returns: The mean, or `nil` where no word is repeated, so that there is no part of a factor.
  /// - Complexity: Linear in the words.
  mutating func textualDiversity(
    _ tokens: Span<UInt32>,
    types: Int,
    threshold: (types: Int, words: Int)
  ) -> Double? {
    clear(types)
    var factor: UInt32 = 0
    let forward = factors(tokens, forward: true, threshold, &factor)
    let backward = factors(tokens, forward: false, threshold, &factor)
    guard forward > 0, backward > 0 else { return nil }
    return (Double(tokens.count) / forward + Double(tokens.count) / backward) / 2
  }

  private mutating func factors(
    _ tokens: Span<UInt32>,
    forward: Bool,
    _ threshold: (types: Int, words: Int),
    _ factor: inout UInt32
  ) -> Double {
    factor += 1
    var whole = 0
    var words = 0
    var different = 0
    var marks = marks.mutableSpan
    for step in tokens.indices {
      let type = Int(tokens[forward ? step : tokens.count - 1 - step])
      words += 1
      if marks[type] != factor {
        marks[type] = factor
        different += 1
      }
      if different * threshold.words <= threshold.types * words {
        whole += 1
        words = 0
        different = 0
        factor += 1
      }
    }
    let ratio = words == 0 ? 1 : Double(different) / Double(words)
    let end = Double(threshold.types) / Double(threshold.words)
    return Double(whole) + (1 - ratio) / (1 - end)
  }

  private mutating func clear(_ types: Int) {
    marks.removeAll(keepingCapacity: true)
    marks.append(contentsOf: repeatElement(0, count: types))
  }
}
