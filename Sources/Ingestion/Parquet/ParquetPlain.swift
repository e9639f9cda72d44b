/// Values of every storage type as the PLAIN encoding lays them out, and the split streams that are
/// PLAIN once they are put together again.

/// Reads PLAIN values.
///
/// - Parameters:
///   - bytes: The page; byte strings keep it as their storage.
///   - start: The first value's first byte.
///   - count: The values.
///   - column: Whose values they are.
/// - Returns: The values.
/// - Throws: ``ParquetDefect`` where the page ends before its values.
func plainValues(
  _ bytes: [UInt8],
  from start: Int,
  count: Int,
  of column: ParquetColumn
) throws -> ParquetVector {
  func require(_ size: Int) throws {
    guard count <= (bytes.count - start) / size else { throw endedEarly }
  }
  switch column.type {
  case .boolean:
    guard (count + 7) / 8 <= bytes.count - start else { throw endedEarly }
    return .flags((0..<count).map { bytes[start + $0 / 8] >> UInt8($0 % 8) & 1 == 1 })
  case .int32:
    try require(4)
    return .integers(plainInt32(bytes.span, start, count, isUnsigned: column.isUnsigned32))
  case .int64:
    try require(8)
    return .integers(plainInt64(bytes.span, start, count))
  case .float:
    try require(4)
    return .numbers(plainFloats(bytes.span, start, count))
  case .double:
    try require(8)
    return .numbers(plainDoubles(bytes.span, start, count))
  case .int96, .fixedLengthByteArray:
    let length = column.type == .int96 ? 12 : column.typeLength
    try require(length)
    var strings = ByteStrings(storage: bytes, capacity: count)
    for index in 0..<count {
      strings.append(start + index * length..<start + (index + 1) * length)
    }
    return .strings(strings)
  case .byteArray:
    try require(4)
    return .strings(try plainStrings(bytes, from: start, count: count))
  }
}

/// Puts BYTE_STREAM_SPLIT values together: the first bytes of all values lie first, then all second
/// bytes, and so on.
func joinedStreams(
  _ bytes: Span<UInt8>,
  from start: Int,
  count: Int,
  size: Int
) throws -> [UInt8] {
  guard count <= (bytes.count - start) / size else { throw endedEarly }
  var joined = [UInt8](repeating: 0, count: count * size)
  for stream in 0..<size {
    for index in 0..<count {
      joined[index * size + stream] = bytes[start + stream * count + index]
    }
  }
  return joined
}

/// A byte string has its length before it, in four bytes.
private func plainStrings(_ bytes: [UInt8], from start: Int, count: Int) throws -> ByteStrings {
  var strings = ByteStrings(storage: bytes, capacity: count)
  let span = bytes.span
  var position = start
  for _ in 0..<count {
    guard span.count - position >= 4 else { throw endedEarly }
    let length = Int(littleEndian32(span, position))
    position += 4
    guard length <= span.count - position else { throw endedEarly }
    strings.append(position..<position + length)
    position += length
  }
  return strings
}

/// The number of four bytes at a place.
func littleEndian32(_ bytes: Span<UInt8>, _ at: Int) -> UInt32 {
  let low = UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8
  return low | UInt32(bytes[at + 2]) << 16 | UInt32(bytes[at + 3]) << 24
}

private func littleEndian64(_ bytes: Span<UInt8>, _ at: Int) -> UInt64 {
  UInt64(littleEndian32(bytes, at)) | UInt64(littleEndian32(bytes, at + 4)) << 32
}

private func plainInt32(
  _ bytes: Span<UInt8>,
  _ start: Int,
  _ count: Int,
  isUnsigned: Bool
) -> [Int64] {
  var values: [Int64] = []
  values.reserveCapacity(count)
  for index in 0..<count {
    let bits = littleEndian32(bytes, start + 4 * index)
    values.append(isUnsigned ? Int64(bits) : Int64(Int32(bitPattern: bits)))
  }
  return values
}

private func plainInt64(_ bytes: Span<UInt8>, _ start: Int, _ count: Int) -> [Int64] {
  var values: [Int64] = []
  values.reserveCapacity(count)
  for index in 0..<count {
    values.append(Int64(bitPattern: littleEndian64(bytes, start + 8 * index)))
  }
  return values
}

private func plainFloats(_ bytes: Span<UInt8>, _ start: Int, _ count: Int) -> [Double] {
  var values: [Double] = []
  values.reserveCapacity(count)
  for index in 0..<count {
    values.append(Double(Float(bitPattern: littleEndian32(bytes, start + 4 * index))))
  }
  return values
}

private func plainDoubles(_ bytes: Span<UInt8>, _ start: Int, _ count: Int) -> [Double] {
  var values: [Double] = []
  values.reserveCapacity(count)
  for index in 0..<count {
    values.append(Double(bitPattern: littleEndian64(bytes, start + 8 * index)))
  }
  return values
}
