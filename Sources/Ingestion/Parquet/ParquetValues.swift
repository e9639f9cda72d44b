/// Decoded values of one page or dictionary, before a meaning is given to them.

/// Values of one storage kind, without nulls.
enum ParquetVector: Sendable {
  case flags([Bool])
  case integers([Int64])
  case numbers([Double])
  case strings(ByteStrings)

  var count: Int {
    switch self {
    case .flags(let values): values.count
    case .integers(let values): values.count
    case .numbers(let values): values.count
    case .strings(let values): values.count
    }
  }
}

/// Byte strings that lie in one buffer, usually the page itself.
struct ByteStrings: Sendable {
  /// The bytes, among them perhaps some that belong to no string.
  var storage: [UInt8]
  private var starts: [UInt32] = []
  private var counts: [UInt32] = []

  /// Creates an empty list over a buffer of at most 4 GiB.
  init(storage: [UInt8], capacity: Int) {
    self.storage = storage
    starts.reserveCapacity(capacity)
    counts.reserveCapacity(capacity)
  }

  var count: Int { starts.count }

  /// Adds the string of a range of the buffer.
  mutating func append(_ range: Range<Int>) {
    starts.append(UInt32(range.lowerBound))
    counts.append(UInt32(range.count))
  }

  func range(at index: Int) -> Range<Int> {
    let start = Int(starts[index])
    return start..<start + Int(counts[index])
  }

  func size(at index: Int) -> Int { Int(counts[index]) }

  subscript(index: Int) -> [UInt8] { Array(storage[range(at: index)]) }
}

/// One value as a reader of rows sees it.
package enum ParquetValue: Sendable, Equatable {
  case flag(Bool)
  case integer(Int)
  case number(Double)
  /// Text; also a date or time as ISO 8601 writes it, and an unsigned number past `Int.max`.
  case text(String)
  case bytes([UInt8])
  case list([ParquetValue?])
}

extension ParquetColumn {
  /// Gives a stored value its meaning.
  ///
  /// - Throws: ``ParquetDefect`` where text is not valid UTF-8.
  func value(_ vector: ParquetVector, at index: Int) throws -> ParquetValue {
    switch (kind, vector) {
    case (_, .flags(let values)): return .flag(values[index])
    case (_, .numbers(let values)): return .number(values[index])
    case (.unsigned, .integers(let values)):
      let bits = UInt64(bitPattern: values[index])
      return Int(exactly: bits).map { .integer($0) } ?? .text("\(bits)")
    case (.date, .integers(let values)): return .text(isoDate(day: values[index]))
    case (.timestamp(let perSecond, let isUTC), .integers(let values)):
      return .text(isoTime(values[index], perSecond: Int64(perSecond), isUTC: isUTC))
    case (_, .integers(let values)): return .integer(Int(values[index]))
    case (.text, .strings(let values)):
      let text = String(validating: values.storage[values.range(at: index)], as: UTF8.self)
      guard let text else { throw ParquetDefect.damaged("a text is not valid UTF-8") }
      return .text(text)
    case (.julianTimestamp, .strings(let values)):
      return .text(isoTime(julian: values[index]))
    case (_, .strings(let values)): return .bytes(values[index])
    }
  }
}
