import Documents

/// Marks the tokens in whose bytes a white-space word begins.
///
/// - Parameters:
///   - tokens: The ids of `text`, special tokens (which have no bytes) among them.
///   - text: The document's UTF-8.
///   - prefix: The number of bytes that encoding put before the text, 0 or 1.
///   - tokenizer: The tokenizer of the ids.
///   - starts: Receives one 0 or 1 a token.
/// - Returns: The number of marks.
func markWordStarts(
  of tokens: [UInt32],
  in text: Span<UInt8>,
  prefix: Int,
  tokenizer: Tokenizer,
  into starts: inout [UInt8]
) -> Int {
  var count = 0
  var isInsideWord = false
  var index = 0
  var end = -prefix
  for token in tokens {
    end += tokenizer.byteCount(of: token)
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
