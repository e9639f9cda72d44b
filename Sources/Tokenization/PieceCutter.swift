/// Cuts a text into pieces some hundred at a time, GPT-2's pattern 64 bytes at a step.
///
/// Other patterns take the automata of ``Pretokenizer``. GPT-2's pieces are the same as there, which
/// says what the pattern is and serves as the oracle of the tests; this form finds the borders of a whole block by a few operations on bit masks. A piece
/// begins where the class changes unless a blank stands before, at the first and at the last
/// character of a run of white space (the end of the text counts as white space, so a final run
/// stays whole), and behind the suffix of a contraction.
package struct PieceCutter {
  /// The ends that one block may write: 64, the text's, and what is overwritten again.
  package static let roomForBlock = 72

  /// Whether the end of the text has been reached.
  package private(set) var isFinished: Bool

  /// Whether the border at the beginning of the first block is not to be told.
  private var isAtStart: Bool
  private var base: Int
  private let pattern: PretokenizerPattern
  private var block: ByteBlock
  /// The last bit of each mask of the block before.
  private var lastLetter: UInt64 = 0
  private var lastNumber: UInt64 = 0
  private var lastSpace: UInt64 = 0
  private var lastBlank: UInt64 = 0
  /// Borders of the next block that a contraction in this one takes away or adds.
  private var cleared: UInt64 = 0
  private var added: UInt64 = 0
  /// The class of a scalar that reaches into the next block, and its bytes there.
  private var straddler = ScalarClasses.other
  private var straddlingBytes = 0

  /// Begins at the beginning of a text.
  ///
  /// - Parameters:
  ///   - text: UTF-8, possibly broken.
  ///   - pattern: The rule.
  ///   - afterBlank: Whether the text is read as though a blank stood before it; the first piece
  ///     then begins with that blank, and its end may be 0. Only for GPT-2's pattern.
  package init(_ text: Span<UInt8>, by pattern: PretokenizerPattern, afterBlank: Bool) {
    precondition(pattern == .gpt2 || !afterBlank, "a blank before a text of another pattern")
    self.pattern = pattern
    base = 0
    block = .beyond
    isFinished = text.isEmpty
    isAtStart = !afterBlank
    if afterBlank { (lastSpace, lastBlank) = (1, 1) }
    if !isFinished, pattern == .gpt2 { block = load(text, at: 0) }
  }

  /// Writes the ends of the next pieces.
  ///
  /// - Parameters:
  ///   - text: The text that the cutter was made for.
  ///   - ends: Receives the ends; what lies behind them may be overwritten.
  /// - Returns: The number of ends; 0 once the text is finished.
  /// - Precondition: `ends` holds ``roomForBlock``.
  package mutating func cut(
    _ text: Span<UInt8>,
    into ends: inout MutableSpan<UInt32>
  ) -> Int {
    guard pattern == .gpt2 else {
      let count = Pretokenizer().cut(text, from: &base, by: pattern, into: &ends)
      isFinished = base >= text.count
      return count
    }
    var count = 0
    // Here and not in the cutter, so that the masks stay in registers.
    var block = block
    while !isFinished, count + Self.roomForBlock <= ends.count {
      let hasNext = base + ByteBlock.size < text.count
      let next = hasNext ? load(text, at: base + ByteBlock.size) : .beyond
      var borders = borders(of: block, before: next, in: text)
      // Eight at a time, so that the number of borders seldom has to be foretold; those beyond the
      // last are overwritten by the next.
      let total = count &+ borders.nonzeroBitCount
      while count < total {
        for offset in 0..<8 {
          ends[count &+ offset] = UInt32(truncatingIfNeeded: base &+ borders.trailingZeroBitCount)
          borders &= borders &- 1
        }
        count &+= 8
      }
      count = total
      base += ByteBlock.size
      block = next
      if !hasNext {
        ends[count] = UInt32(truncatingIfNeeded: text.count)
        count += 1
        isFinished = true
      }
    }
    self.block = block
    return count
  }

  /// Where pieces begin in the block, but for the place where the cutter began.
  @inline(__always)
  private mutating func borders(
    of block: ByteBlock,
    before next: ByteBlock,
    in text: Span<UInt8>
  ) -> UInt64 {
    let letterBefore = block.letter << 1 | lastLetter
    let numberBefore = block.number << 1 | lastNumber
    let spaceBefore = block.space << 1 | lastSpace
    let blankBefore = block.blank << 1 | lastBlank
    let isOther = (block.letter ^ letterBefore) | (block.number ^ numberBefore) | spaceBefore
    let firstSpace = block.space & ~spaceBefore
    let lastSpaces = block.space & ~(block.space >> 1 | next.space << 63) & ~block.longSpace
    var borders = ~block.space & isOther & ~blankBefore
    borders |= firstSpace | lastSpaces | block.lastLongSpace
    // The beginning of a text is a border whatever its class.
    if isAtStart { borders |= 1 }
    borders = (borders & ~cleared | added) & block.valid
    cleared = 0
    added = 0
    let quotes = block.quote & borders
    if quotes != 0 { borders = joiningContractions(quotes, borders, block.valid, in: text) }
    lastLetter = block.letter >> 63
    lastNumber = block.number >> 63
    lastSpace = block.space >> 63
    lastBlank = block.blank >> 63
    if isAtStart {
      isAtStart = false
      borders &= ~1
    }
    return borders
  }

  /// Moves the border behind an apostrophe to behind the suffix of a contraction.
  @inline(never)
  private mutating func joiningContractions(
    _ quotes: UInt64,
    _ borders: UInt64,
    _ valid: UInt64,
    in text: Span<UInt8>
  ) -> UInt64 {
    var borders = borders
    var quotes = quotes
    while quotes != 0 {
      let place = quotes.trailingZeroBitCount
      quotes &= quotes &- 1
      let suffix = Pretokenizer.contractionLength(in: text, at: base + place + 1)
      guard suffix > 0 else { continue }
      let letter = place + 1
      if letter < 64 { borders &= ~(1 << UInt64(letter)) } else { cleared |= 1 }
      let behind = letter + suffix
      if behind >= 64 {
        added |= 1 << UInt64(behind - 64)
      } else if valid >> UInt64(behind) & 1 != 0 {
        borders |= 1 << UInt64(behind)
      }
    }
    return borders
  }

  @inline(__always)
  private mutating func load(
    _ text: Span<UInt8>,
    at start: Int
  ) -> ByteBlock {
    let block = ByteBlock(text, at: start)
    return block.high != 0 ? resolved(block, text, start) : block
  }

  /// Gives the bytes beyond ASCII the classes of their scalars.
  @inline(never)
  private mutating func resolved(
    _ ascii: ByteBlock,
    _ text: Span<UInt8>,
    _ start: Int
  ) -> ByteBlock {
    let classes = ScalarClasses.shared
    var block = ascii
    var high = block.high
    if straddlingBytes > 0 {
      let bytes: UInt64 = (1 << UInt64(straddlingBytes)) &- 1
      mark(bytes, straddler, &block)
      high &= ~bytes
      straddlingBytes = 0
    }
    while high != 0 {
      let place = high.trailingZeroBitCount
      let (kind, length) = classes.scalar(in: text, at: start + place)
      let bytes: UInt64 = ((1 << UInt64(length)) &- 1) << UInt64(place)
      mark(bytes, kind, &block)
      high &= ~bytes
      let end = start + place + length
      if kind == ScalarClasses.whiteSpace, end < text.count,
        classes.scalar(in: text, at: end).kind != ScalarClasses.whiteSpace
      {
        block.lastLongSpace |= 1 << UInt64(place)
      }
      if place + length > 64 {
        straddler = kind
        straddlingBytes = place + length - 64
      }
    }
    return block
  }

  @inline(__always)
  private func mark(_ bytes: UInt64, _ kind: UInt8, _ block: inout ByteBlock) {
    switch kind {
    case ScalarClasses.letter: block.letter |= bytes
    case ScalarClasses.number: block.number |= bytes
    case ScalarClasses.whiteSpace:
      block.space |= bytes
      block.longSpace |= bytes
    default: break
    }
  }
}
