// No text holds the token that pads short windows: a shard that does was not made by our writer, and
// a model trained on it would learn to write padding.

import Files

extension TokenShardReader {
  /// Reads every id and refuses padding among them.
  ///
  /// A vocabulary from elsewhere may be without a padding token; then there is nothing to find.
  ///
  /// - Parameter tokenizer: The tokenizer that made the shard.
  /// - Throws: `Failure` that names the first place of `<|pad|>`, or of an id beyond the vocabulary.
  /// - Complexity: Linear in the tokens.
  public func checkNoPadding(_ tokenizer: Tokenizer) throws {
    guard tokenizer.padding != tokenizer.endOfText else { return }
    var ids = [Int32](repeating: 0, count: min(65_536, max(1, tokenCount)))
    for start in stride(from: 0, to: tokenCount, by: ids.count) {
      let count = min(ids.count, tokenCount - start)
      var span = ids.mutableSpan
      try copyTokens(start..<start + count, into: &span)
      guard let found = firstPlace(of: Int32(tokenizer.padding), in: ids.span.extracting(0..<count))
      else { continue }
      throw Failure(
        what: "token \(start + found) is \(Tokenizer.paddingName), which pads short windows and "
          + "stands in no text",
        place: path + ".bin",
        remedy: "run `blalm tokenize` again"
      )
    }
  }
}

private func firstPlace(of id: Int32, in ids: Span<Int32>) -> Int? {
  for index in 0..<ids.count where ids[index] == id { return index }
  return nil
}
