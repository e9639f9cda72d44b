import CTokenization

/// The classes of 64 neighbouring bytes as one bit a byte and class, the lowest for the first.
///
/// One of the two doors to the C loops; the other is ``WordBatch``.
struct ByteBlock {
  /// The bytes of a block.
  static let size = 64
  /// What lies behind a text's end: white space, so that a final run of it has no end of its own.
  static let beyond = ByteBlock()

  /// Letters.
  var letter: UInt64 = 0
  /// Numbers.
  var number: UInt64 = 0
  /// White space.
  var space: UInt64 = .max
  /// The blank, U+0020.
  var blank: UInt64 = 0
  /// The apostrophe, U+0027.
  var quote: UInt64 = 0
  /// Bytes of scalars beyond ASCII; of no class yet.
  var high: UInt64 = 0
  /// Bytes that belong to the text.
  var valid: UInt64 = 0
  /// White space of more than one byte.
  var longSpace: UInt64 = 0
  /// Where such a scalar is the last of its run and something follows.
  var lastLongSpace: UInt64 = 0

  /// A block behind the end.
  private init() {}

  /// Classifies the ASCII among the bytes `start ..< start + 64` of a text, or what it has of them.
  ///
  /// - Precondition: `start` is inside the text.
  @inline(__always)
  init(_ text: Span<UInt8>, at start: Int) {
    let count = text.count - start
    // Unsafe because C reads through the address: 64 bytes where the span still has as many, else what
    // it has.
    let masks = unsafe text.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return ct_masks() }
      return count >= Self.size
        ? unsafe ct_classify(base + start) : unsafe ct_classify_last(base + start, count)
    }
    valid = count >= Self.size ? .max : 1 << UInt64(count) &- 1
    letter = masks.letter
    number = masks.digit
    space = masks.space | ~valid
    blank = masks.blank
    quote = masks.quote
    high = masks.high
  }
}
