import Documents

/// Marks the tokens in whose bytes a white-space word begins.
///
/// - Parameters:
///   - text: The document's UTF-8.
///   - ends: For each token where in the text it ends; special tokens end where they begin.
///   - starts: Receives one 0 or 1 a token.
/// - Returns: The number of marks.
func markWordStarts(in text: Span<UInt8>, ends: [Int], into starts: inout [UInt8]) -> Int {
  var count = 0
  var isInsideWord = false
  var index = 0
  for end in ends {
    var mark: UInt8 = 0
    // A white-space character that straddles two tokens is passed in one step, so the index may
    // stand behind the token's end already.
    while index < end {
      let length = WordCount.whiteSpaceLength(in: text, at: index)
      if length > 0 {
        isInsideWord = false
        index += length
      } else {
        if !isInsideWord { mark = 1 }
        isInsideWord = true
        index += 1
      }
    }
    count += Int(mark)
    starts.append(mark)
  }
  return count
}
