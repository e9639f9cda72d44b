/// Comma-separated values after RFC 4180: records with quoted fields that may hold line ends.
///
/// A quotation mark opens a quoted field at the field's beginning alone, and `""` inside stands for
/// one. The splitter and the parser of fields agree on that, so a record is never cut elsewhere than
/// its fields are.
import Documents
import Files

/// Cuts pieces of a file, wherever their borders fall, into records.
struct CSVSplitter {
  /// The most bytes of a record.
  static let longestRecord = 1 << 26

  private enum State { case fieldStart, plain, quoted, quoteInQuoted }

  private let member: InputMember
  private let delimiter: UInt8
  private var state = State.fieldStart
  private var record: [UInt8] = []
  private var line = 1
  private var recordLine = 1

  init(member: InputMember, delimiter: UInt8) {
    self.member = member
    self.delimiter = delimiter
  }

  mutating func read(
    _ chunk: Span<UInt8>,
    _ body: (_ record: [UInt8], _ line: Int) throws -> Void
  ) throws {
    var start = 0
    var index = 0
    while index < chunk.count {
      let byte = chunk[index]
      index += 1
      if byte == 0x0a { line += 1 }
      switch state {
      case .quoted:
        if byte == UInt8(ascii: "\"") { state = .quoteInQuoted }
        continue
      case .fieldStart where byte == UInt8(ascii: "\""),
        .quoteInQuoted where byte == UInt8(ascii: "\""):
        state = .quoted
        continue
      default: break
      }
      if byte == delimiter {
        state = .fieldStart
      } else if byte == 0x0a {
        state = .fieldStart
        append(chunk.extracting(start..<index - 1), to: &record)
        start = index
        try handOver(body)
      } else if state == .fieldStart {
        state = .plain
      } else if state == .quoteInQuoted, byte != 0x0d {
        state = .plain
      }
    }
    append(chunk.extracting(start..<chunk.count), to: &record)
    try checkLength()
  }

  mutating func finish(_ body: (_ record: [UInt8], _ line: Int) throws -> Void) throws {
    if state == .quoted {
      throw Failure(
        what: "a quoted field does not end",
        place: "\(member.place), in the record that begins at line \(recordLine)",
        remedy: "fetch the file again, or mend the quotation marks of that record"
      )
    }
    if !record.isEmpty { try handOver(body) }
  }

  private mutating func handOver(
    _ body: (_ record: [UInt8], _ line: Int) throws -> Void
  ) throws {
    try checkLength()
    var bytes: [UInt8] = []
    swap(&bytes, &record)
    if bytes.last == 0x0d { bytes.removeLast() }
    if recordLine == 1, bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes.removeFirst(3) }
    let first = recordLine
    recordLine = line
    if bytes.contains(where: { $0 > 0x20 }) { try body(bytes, first) }
  }

  private func checkLength() throws {
    guard record.count > Self.longestRecord else { return }
    throw Failure(
      what: "a record is longer than \(Self.longestRecord) bytes",
      place: "\(member.place), line \(recordLine)",
      remedy: "mend the quotation marks of that record, or set the reader option `delimiter`"
    )
  }
}

/// The fields of a record.
///
/// - Parameters:
///   - record: The record without its line end.
///   - delimiter: What stands between fields.
/// - Returns: The fields without their quotation marks, or `nil` where something stands between a
///   field's closing quotation mark and the delimiter.
func csvFields(_ record: [UInt8], delimiter: UInt8) -> [[UInt8]]? {
  let bytes = record.span
  var fields: [[UInt8]] = []
  var index = 0
  while true {
    var field: [UInt8] = []
    if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
      index += 1
      while index < bytes.count {
        if bytes[index] != UInt8(ascii: "\"") {
          field.append(bytes[index])
        } else if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "\"") {
          field.append(bytes[index])
          index += 1
        } else {
          break
        }
        index += 1
      }
      index += 1
      if index < bytes.count, bytes[index] != delimiter { return nil }
    } else {
      while index < bytes.count, bytes[index] != delimiter {
        field.append(bytes[index])
        index += 1
      }
    }
    fields.append(field)
    if index >= bytes.count { return fields }
    index += 1
  }
}
