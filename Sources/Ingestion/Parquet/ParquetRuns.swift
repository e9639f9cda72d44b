/// Small whole numbers as Parquet packs them: the hybrid of runs and packed groups, and the older
/// packing from the most significant bit on, which only levels use.
///
/// Every count is compared with the bytes that are left before anything is made of it.

/// Reads numbers in the hybrid of run lengths and bit-packed groups of eight.
///
/// - Parameters:
///   - bytes: The bytes.
///   - range: Where the runs lie.
///   - bitWidth: The bits of a number, 0 to 32.
///   - count: The numbers to read; the last group may hold more.
/// - Returns: The numbers.
/// - Throws: ``ParquetDefect`` where the runs end early.
func hybridRuns(
  _ bytes: Span<UInt8>,
  in range: Range<Int>,
  bitWidth: Int,
  count: Int
) throws -> [UInt32] {
  var result: [UInt32] = []
  result.reserveCapacity(count)
  var position = range.lowerBound
  let end = range.upperBound
  let valueBytes = (bitWidth + 7) / 8
  while result.count < count {
    let header = try unsignedVarint(bytes, &position, end: end)
    if header & 1 == 0 {
      let length = header >> 1
      guard length > 0, valueBytes <= end - position else { throw endedEarly }
      var value: UInt32 = 0
      for index in 0..<valueBytes { value |= UInt32(bytes[position + index]) << (8 * index) }
      position += valueBytes
      guard bitWidth == 32 || value >> bitWidth == 0 else {
        throw ParquetDefect.damaged("a run repeats a number of too many bits")
      }
      let taken = Int(min(length, UInt64(count - result.count)))
      for _ in 0..<taken { result.append(value) }
    } else {
      let groups = header >> 1
      guard groups > 0 else { throw endedEarly }
      let wanted = count - result.count
      let taken = groups > UInt64(wanted) ? wanted : min(Int(groups) * 8, wanted)
      // The last group may be cut off behind the numbers that are wanted.
      guard (taken * bitWidth + 7) / 8 <= end - position else { throw endedEarly }
      appendPacked(bytes, at: position, bitWidth: bitWidth, count: taken, to: &result)
      let packed = groups.multipliedReportingOverflow(by: UInt64(bitWidth))
      if packed.overflow || packed.partialValue > UInt64(end - position) {
        position = end
      } else {
        position += Int(packed.partialValue)
      }
    }
  }
  return result
}

/// Reads numbers packed from the most significant bit on.
func packedFromTheTop(
  _ bytes: Span<UInt8>,
  in range: Range<Int>,
  bitWidth: Int,
  count: Int
) throws -> [UInt32] {
  guard (count * bitWidth + 7) / 8 <= range.count else { throw endedEarly }
  var result: [UInt32] = []
  result.reserveCapacity(count)
  var bit = range.lowerBound * 8
  for _ in 0..<count {
    var value: UInt32 = 0
    for _ in 0..<bitWidth {
      value = value << 1 | UInt32(bytes[bit >> 3] >> (7 - UInt8(bit & 7))) & 1
      bit += 1
    }
    result.append(value)
  }
  return result
}

/// Appends numbers of up to 32 bits packed from the least significant bit on.
private func appendPacked(
  _ bytes: Span<UInt8>,
  at start: Int,
  bitWidth: Int,
  count: Int,
  to result: inout [UInt32]
) {
  var position = start
  var buffer: UInt64 = 0
  var filled = 0
  let mask: UInt64 = (1 << UInt64(bitWidth)) - 1
  for _ in 0..<count {
    while filled < bitWidth {
      buffer |= UInt64(bytes[position]) << UInt64(filled)
      position += 1
      filled += 8
    }
    result.append(UInt32(truncatingIfNeeded: buffer & mask))
    buffer >>= UInt64(bitWidth)
    filled -= bitWidth
  }
}

/// Reads a number of seven bits a byte, least significant first.
func unsignedVarint(_ bytes: Span<UInt8>, _ position: inout Int, end: Int) throws -> UInt64 {
  var value: UInt64 = 0
  var shift: UInt64 = 0
  while position < end, shift < 70 {
    let byte = bytes[position]
    position += 1
    value |= UInt64(byte & 0x7f) << shift
    if byte < 0x80 { return value }
    shift += 7
  }
  throw endedEarly
}

/// The bits that numbers up to `maximum` need.
func bitWidth(of maximum: Int) -> Int { Int.bitWidth - maximum.leadingZeroBitCount }

/// What is wrong where a page has fewer bytes than its values need.
var endedEarly: ParquetDefect { .damaged("a page ends before its values do") }
