/// Where the blocks of a bzip2 file start and end, at any bit.
///
/// A block starts with the 48 bits of pi, 0x314159265359, the end of a stream with those of its
/// square root, 0x177245385090. The scanner finds both at every bit offset and cuts the file between
/// them. It decodes nothing: whether a number is a mark or stands there by chance, the decoder sees.

/// The bits between two marks.
package struct Bzip2Stretch: Sendable {
  /// The first bit in the file, where the mark stands.
  let start: Int
  /// Past the last bit.
  let end: Int
  /// Whether the mark is that of a stream's end.
  package let isEnd: Bool
  /// Whether the file ends with the stretch.
  let isLast: Bool
  /// The bytes from that of the first bit on, with some that follow the stretch.
  let bytes: [UInt8]

  /// The 32 bits after the mark: the checksum of a block or a stream; 0 bits past the file's end.
  var checksum: UInt32 {
    bytes(fromBit: start + 48, count: 4).reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// The bits from one bit of the stretch to its end as bytes; the last may hold bits that follow.
  func bytes(fromBit bit: Int) -> [UInt8] {
    bytes(fromBit: bit, count: max(0, (end - bit + 7) / 8))
  }

  private func bytes(fromBit bit: Int, count: Int) -> [UInt8] {
    let first = bit / 8 - start / 8
    let shift = UInt8(bit & 7)
    var result = [UInt8](repeating: 0, count: count)
    for place in 0..<count {
      let high = first + place < bytes.count ? bytes[first + place] : 0
      let low = first + place + 1 < bytes.count ? bytes[first + place + 1] : 0
      result[place] = shift == 0 ? high : high << shift | low >> (8 - shift)
    }
    return result
  }
}

/// Reads a file and cuts it at its marks.
package struct Bzip2Scanner {
  /// More bytes than any block may have: 900,000 symbols of at most 20 bits, and their tables.
  static let longestBlock = 4_194_304
  /// The bytes to see from a mark's first on: mark, checksum, and a bit's shift.
  private static let lookAhead = 16

  private let input: InputBytes
  private let marks = Bzip2Marks()
  private var window: [UInt8] = []
  /// The place in the file of the window's first byte.
  private var windowStart = 0
  /// The byte of the window from which on to look for a mark, and the first bit in it.
  private var place = (byte: 0, bit: 0)
  private var mark: (bit: Int, isEnd: Bool)?
  private var isAtEnd = false

  /// Starts at the first byte.
  package init(input: InputBytes) {
    self.input = input
  }

  /// The bytes read so far.
  var byteCount: Int { windowStart + window.count }

  /// Finds the next stretch; the last one ends with the file.
  package mutating func nextStretch() throws -> Bzip2Stretch? {
    while true {
      let limit = isAtEnd ? window.count : max(place.byte, window.count - Self.lookAhead)
      if let found = marks.first(in: window, from: place, before: limit) {
        place = (found.bit / 8, found.bit % 8 + 1)
        let bit = 8 * windowStart + found.bit
        let last = mark
        mark = (bit, found.isEnd)
        guard let last else { continue }
        defer { forget(before: bit / 8) }
        return stretch(from: last, to: bit, isLast: false)
      }
      if limit > place.byte { place = (limit, 0) }
      let start = mark.map { $0.bit / 8 } ?? windowStart
      if isAtEnd || byteCount - start > Self.longestBlock {
        isAtEnd = true
        guard let last = mark else { return nil }
        mark = nil
        return stretch(from: last, to: 8 * byteCount, isLast: true)
      }
      try readOn()
    }
  }

  private mutating func readOn() throws {
    let count = window.count
    window.append(contentsOf: [UInt8](repeating: 0, count: 256 * 1_024))
    let read = try input.read(into: &window, from: count)
    window.removeLast(window.count - count - read)
    isAtEnd = read == 0
  }

  private func stretch(
    from mark: (bit: Int, isEnd: Bool),
    to end: Int,
    isLast: Bool
  ) -> Bzip2Stretch {
    let first = mark.bit / 8 - windowStart
    let last = min(window.count, end / 8 - windowStart + Self.lookAhead)
    return Bzip2Stretch(
      start: mark.bit,
      end: end,
      isEnd: mark.isEnd,
      isLast: isLast,
      bytes: Array(window[first..<last])
    )
  }

  private mutating func forget(before byte: Int) {
    let count = byte - windowStart
    window.removeFirst(count)
    windowStart = byte
    place.byte -= count
  }
}

/// The two marks at every shift, told by the two bytes after the first.
private struct Bzip2Marks {
  private static let block: UInt64 = 0x3141_5926_5359
  private static let end: UInt64 = 0x1772_4538_5090

  /// By a mark's second byte: bit k for the mark of a block shifted by k, bit 8 + k for an end's.
  private var second = [UInt16](repeating: 0, count: 256)
  /// The same by its third byte.
  private var third = [UInt16](repeating: 0, count: 256)

  init() {
    for shift in 0..<8 {
      for (place, mark) in [Self.block, Self.end].enumerated() {
        let bit = UInt16(1) << UInt16(8 * place + shift)
        second[Int(mark >> UInt64(32 + shift) & 0xff)] |= bit
        third[Int(mark >> UInt64(24 + shift) & 0xff)] |= bit
      }
    }
  }

  /// The first mark that starts at or after a bit and before a byte of a window.
  func first(
    in window: [UInt8],
    from start: (byte: Int, bit: Int),
    before limit: Int
  ) -> (bit: Int, isEnd: Bool)? {
    var byte = start.byte
    let last = min(limit, window.count - 6)
    while byte < last {
      let shifts = second[Int(window[byte + 1])] & third[Int(window[byte + 2])]
      if shifts != 0 {
        // Seven bytes hold a mark at any shift.
        var bits: UInt64 = 0
        for place in 0..<7 {
          bits = bits << 8 | UInt64(byte + place < window.count ? window[byte + place] : 0)
        }
        for shift in (byte == start.byte ? start.bit : 0)..<8 {
          let value = bits >> UInt64(8 - shift) & 0xffff_ffff_ffff
          if value == Self.block || value == Self.end {
            return (8 * byte + shift, value == Self.end)
          }
        }
      }
      byte += 1
    }
    return nil
  }
}
