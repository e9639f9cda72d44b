// The different pieces of one text, words or lines, numbered as they come, with how often each comes.
//
// An open-addressing table that is used again for the next text and allocates only when a text has
// more different pieces than any before it. Pieces are compared byte by byte, so the numbers are
// exact; the hash takes part of its key from the system's random numbers, which decides how fast a
// piece is found and never what is found, so that no text can be written to make it slow.

/// The different pieces of one text with their counts.
package struct PieceTable: Sendable {
  /// One piece.
  private struct Piece {
    /// Where it first stands.
    var start: Int
    var length: Int
    /// Its last eight bytes at most: all of a short piece.
    var tail: UInt64
    var hash: UInt64
    var occurrences: Int
  }

  private var pieces: [Piece] = []
  /// A place in `pieces` under the number of the text that entered it; slots of other texts are free.
  private var slots: [UInt64]
  private var mask: Int
  private var textNumber: UInt64 = 1
  private let secret: UInt64

  private static let smallestSize = 256

  /// Creates a table of no text.
  package init() {
    slots = [UInt64](repeating: 0, count: PieceTable.smallestSize)
    mask = PieceTable.smallestSize - 1
    secret = UInt64.random(in: .min ... .max) | 1
  }

  /// The number of different pieces.
  package var count: Int { pieces.count }

  /// How often a piece came.
  ///
  /// - Parameter number: The piece's number.
  /// - Returns: 1 or more.
  @inline(__always)
  package func occurrences(of number: Int) -> Int { pieces[number].occurrences }

  /// Forgets all pieces and keeps the memory.
  ///
  /// - Complexity: Constant.
  package mutating func removeAll() {
    pieces.removeAll(keepingCapacity: true)
    mask = PieceTable.smallestSize - 1
    freeSlots()
  }

  /// Counts a piece.
  ///
  /// - Parameters:
  ///   - start: Its first byte.
  ///   - end: Behind its last byte.
  ///   - text: The bytes, the same ones since the table was emptied.
  /// - Returns: The piece's number: 0 for the first, one more for each that was not there before.
  /// - Precondition: There are fewer than 2³² different pieces.
  /// - Complexity: Linear in the piece.
  @inline(__always)
  package mutating func count(from start: Int, to end: Int, in text: Span<UInt8>) -> Int {
    var hash = secret
    var tail: UInt64 = 0
    var index = start
    while end - index >= 8 {
      for offset in 0..<8 { tail = tail << 8 | UInt64(text[index + offset]) }
      hash = mixed(hash ^ tail)
      index += 8
    }
    while index < end {
      tail = tail << 8 | UInt64(text[index])
      index += 1
    }
    return count(start, end - start, tail, mixed(hash ^ tail ^ UInt64(end - start)), text)
  }

  @inline(__always)
  private func mixed(_ value: UInt64) -> UInt64 {
    let product = value.multipliedFullWidth(by: secret)
    return product.high ^ product.low
  }

  private mutating func count(
    _ start: Int,
    _ length: Int,
    _ tail: UInt64,
    _ hash: UInt64,
    _ text: Span<UInt8>
  ) -> Int {
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] >> 32 == textNumber {
      let number = Int(slots[slot] & 0xffff_ffff)
      if pieces[number].tail == tail, pieces[number].length == length,
        length <= 8 || isEqual(pieces[number].start, start, length - 8, text)
      {
        pieces[number].occurrences += 1
        return number
      }
      slot = (slot + 1) & mask
    }
    let number = pieces.count
    precondition(number < Int(UInt32.max), "a text has fewer than 2^32 different pieces")
    pieces.append(Piece(start: start, length: length, tail: tail, hash: hash, occurrences: 1))
    slots[slot] = textNumber << 32 | UInt64(number)
    if 2 * pieces.count > mask { grow() }
    return number
  }

  private func isEqual(_ first: Int, _ second: Int, _ length: Int, _ text: Span<UInt8>) -> Bool {
    for offset in 0..<length where text[first + offset] != text[second + offset] { return false }
    return true
  }

  private mutating func grow() {
    let size = 4 * (mask + 1)
    mask = size - 1
    if slots.count < size {
      slots.append(contentsOf: repeatElement(0, count: size - slots.count))
    }
    freeSlots()
    for number in pieces.indices {
      var slot = Int(truncatingIfNeeded: pieces[number].hash) & mask
      while slots[slot] >> 32 == textNumber { slot = (slot + 1) & mask }
      slots[slot] = textNumber << 32 | UInt64(number)
    }
  }

  /// Frees every slot at once: those of an earlier text number count as free.
  private mutating func freeSlots() {
    textNumber += 1
    guard textNumber > UInt64(UInt32.max) else { return }
    for slot in slots.indices { slots[slot] = 0 }
    textNumber = 1
  }
}
