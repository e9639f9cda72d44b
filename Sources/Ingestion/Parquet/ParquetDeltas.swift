/// The delta encodings: numbers as packed differences, strings as lengths, and strings as what they
/// share with the string before (parquet-format, Encodings.md).
import Documents

/// Reads DELTA_BINARY_PACKED numbers.
///
/// - Parameters:
///   - bytes: The bytes.
///   - position: Where the header begins; afterwards the first byte behind the numbers.
///   - end: Where the page ends.
///   - count: The numbers that must be there.
///   - bits: 32 or 64; sums wrap around in it.
/// - Returns: The numbers.
/// - Throws: ``ParquetDefect`` where the header contradicts itself or the bytes end early.
func deltaNumbers(
  _ bytes: Span<UInt8>,
  _ position: inout Int,
  end: Int,
  count: Int,
  bits: Int
) throws -> [Int64] {
  let blockSize = try unsignedVarint(bytes, &position, end: end)
  let miniblocks = try unsignedVarint(bytes, &position, end: end)
  let stated = try unsignedVarint(bytes, &position, end: end)
  let first = try zigzag(bytes, &position, end: end)
  guard 1...(1 << 20) ~= blockSize, 1...blockSize ~= miniblocks, blockSize % miniblocks == 0,
    (blockSize / miniblocks) % 8 == 0
  else { throw ParquetDefect.damaged("a block of differences has an impossible size") }
  guard stated == UInt64(count) else {
    throw ParquetDefect.damaged("a page codes \(stated) differences for \(count) values")
  }
  var values: [Int64] = []
  guard count > 0 else { return values }
  values.reserveCapacity(count)
  var value = wrapped(first, bits)
  values.append(value)
  let perMiniblock = Int(blockSize / miniblocks)
  while values.count < count {
    let least = try zigzag(bytes, &position, end: end)
    let widths = position
    guard Int(miniblocks) <= end - position else { throw endedEarly }
    position += Int(miniblocks)
    for miniblock in 0..<Int(miniblocks) where values.count < count {
      let width = Int(bytes[widths + miniblock])
      guard width <= 64 else {
        throw ParquetDefect.damaged("differences of \(width) bits")
      }
      let size = perMiniblock * width / 8
      let taken = min(perMiniblock, count - values.count)
      // Some writers leave out the padding of the last miniblock.
      guard (taken * width + 7) / 8 <= end - position else { throw endedEarly }
      var bit = position * 8
      for _ in 0..<taken {
        let difference = packed(bytes, at: bit, width: width)
        bit += width
        value = wrapped(value &+ least &+ Int64(bitPattern: difference), bits)
        values.append(value)
      }
      position = min(position + size, end)
    }
  }
  return values
}

/// Reads DELTA_LENGTH_BYTE_ARRAY strings up to the page's end.
func deltaLengthStrings(_ bytes: [UInt8], from start: Int, count: Int) throws -> ByteStrings {
  var position = start
  let lengths = try deltaNumbers(
    bytes.span,
    &position,
    end: bytes.count,
    count: count,
    bits: 32
  )
  var strings = ByteStrings(storage: bytes, capacity: count)
  for length in lengths {
    guard length >= 0, length <= bytes.count - position else { throw endedEarly }
    strings.append(position..<position + Int(length))
    position += Int(length)
  }
  return strings
}

/// Reads DELTA_BYTE_ARRAY strings, each a prefix of the one before and a suffix of its own.
func deltaStrings(_ bytes: [UInt8], from start: Int, count: Int) throws -> ByteStrings {
  var position = start
  let prefixes = try deltaNumbers(
    bytes.span,
    &position,
    end: bytes.count,
    count: count,
    bits: 32
  )
  let suffixes = try deltaNumbers(
    bytes.span,
    &position,
    end: bytes.count,
    count: count,
    bits: 32
  )
  var total = 0
  var previous: Int64 = 0
  for index in 0..<count {
    let (prefix, suffix) = (prefixes[index], suffixes[index])
    guard 0...previous ~= prefix, suffix >= 0, suffix <= bytes.count - position else {
      throw ParquetDefect.damaged("a string shares more than the string before it has")
    }
    previous = prefix + suffix
    total += Int(previous)
    guard total <= ParquetLimits.page else {
      throw ParquetDefect.unsupported("a page of more than \(ParquetLimits.page) bytes")
    }
  }
  var storage: [UInt8] = []
  storage.reserveCapacity(total)
  var ranges: [Range<Int>] = []
  ranges.reserveCapacity(count)
  var last = 0
  for index in 0..<count {
    let start = storage.count
    let suffix = Int(suffixes[index])
    guard suffix <= bytes.count - position else { throw endedEarly }
    for offset in 0..<Int(prefixes[index]) { storage.append(storage[last + offset]) }
    append(bytes.span.extracting(position..<position + suffix), to: &storage)
    position += suffix
    last = start
    ranges.append(start..<storage.count)
  }
  var strings = ByteStrings(storage: storage, capacity: count)
  for range in ranges { strings.append(range) }
  return strings
}

/// The `width` bits, at most 64, that begin at a bit, least significant first.
private func packed(_ bytes: Span<UInt8>, at bit: Int, width: Int) -> UInt64 {
  var value: UInt64 = 0
  var taken = 0
  while taken < width {
    let inside = (bit + taken) & 7
    let piece = UInt64(bytes[(bit + taken) >> 3] >> UInt8(inside))
    value |= piece << UInt64(taken)
    taken += 8 - inside
  }
  return width == 64 ? value : value & ((1 << UInt64(width)) - 1)
}

private func zigzag(_ bytes: Span<UInt8>, _ position: inout Int, end: Int) throws -> Int64 {
  let bits = try unsignedVarint(bytes, &position, end: end)
  return Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1)
}

private func wrapped(_ value: Int64, _ bits: Int) -> Int64 {
  bits == 32 ? Int64(Int32(truncatingIfNeeded: value)) : value
}
