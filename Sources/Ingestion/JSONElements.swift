/// Cuts JSON text, wherever the borders of its pieces fall, into the values that become records.
///
/// Three shapes: one value a line (JSON Lines), one array of values, and one object whose first
/// member is such an array (`{"texts": […]}`). The shape is told by the first bytes. Of an array the
/// elements are found by brackets and quotation marks alone; whoever reads an element finds out
/// whether it is JSON.
import Documents
import Files

/// Hands over the values of a JSON file.
///
/// - Parameters:
///   - member: JSON Lines, an array, or an object around an array.
///   - body: Receives each value; the attribute `last` marks one that the file's end cut off.
/// - Returns: How many there were.
/// - Throws: ``Failure`` where the file cannot be read, is damaged, or a value is longer than 64 MiB;
///   what `body` throws.
func forEachJSONValue(
  in member: InputMember,
  _ body: (RawRecord) throws -> Void
) throws -> Int {
  var isLines: Bool?
  var head: [UInt8] = []
  struct Told: Error {}
  do {
    try member.forEachChunk { chunk in
      append(chunk, to: &head)
      isLines = areLines(head)
      if isLines != nil || head.count > 1 << 16 { throw Told() }
    }
  } catch is Told {}
  guard isLines == false else { return try forEachJSONLine(in: member, body) }
  var splitter = JSONArraySplitter(member: member)
  try member.forEachChunk { try splitter.read($0, body) }
  try splitter.finish(body)
  return splitter.ordinal
}

/// Whether JSON text has a value a line, or `nil` where more of it is needed to tell.
private func areLines(_ head: [UInt8]) -> Bool? {
  var rest = head[...].drop { $0 <= 0x20 || $0 == 0xef || $0 == 0xbb || $0 == 0xbf }
  guard let first = rest.first else { return nil }
  if first == UInt8(ascii: "[") { return false }
  guard first == UInt8(ascii: "{") else { return true }
  rest = rest.dropFirst().drop { $0 <= 0x20 }
  guard rest.first == UInt8(ascii: "\"") else { return rest.isEmpty ? nil : true }
  rest = rest.dropFirst().drop { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
  guard let end = rest.first else { return nil }
  if end == UInt8(ascii: "\\") { return true }
  rest = rest.dropFirst().drop { $0 <= 0x20 || $0 == UInt8(ascii: ":") }
  guard let value = rest.first else { return nil }
  return value != UInt8(ascii: "[")
}

private func forEachJSONLine(
  in member: InputMember,
  _ body: (RawRecord) throws -> Void
) throws -> Int {
  var ordinal = 0
  try member.forEachLine { line in
    guard line.bytes.contains(where: { $0 > 0x20 }) else { return }
    let attributes = line.isTerminated ? [:] : ["last": "yes"]
    let origin = Origin(file: member.name, line: line.number)
    try body(
      RawRecord(bytes: line.bytes, origin: origin, ordinal: ordinal, attributes: attributes)
    )
    ordinal += 1
  }
  return ordinal
}

/// Cuts the one array of a file into its elements.
private struct JSONArraySplitter {
  static let longestElement = 1 << 26

  let member: InputMember
  private(set) var ordinal = 0
  private var element: [UInt8] = []
  private var line = 1
  private var elementLine = 1
  /// 0 before the array, 1 between its brackets, more inside an element.
  private var depth = 0
  private var isInString = false
  private var isEscaped = false
  private var isDone = false

  init(member: InputMember) { self.member = member }

  mutating func read(_ chunk: Span<UInt8>, _ body: (RawRecord) throws -> Void) throws {
    var index = 0
    var start = 0
    while index < chunk.count, !isDone {
      let byte = chunk[index]
      index += 1
      if byte == 0x0a { line += 1 }
      if isInString {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\"") where depth > 0: isInString = true
      case UInt8(ascii: "["):
        depth += 1
        if depth == 1 {
          start = index
          elementLine = line
        }
      case UInt8(ascii: "{") where depth > 0: depth += 1
      case UInt8(ascii: "}") where depth > 1: depth -= 1
      case UInt8(ascii: "]") where depth > 1: depth -= 1
      case UInt8(ascii: "]") where depth == 1, UInt8(ascii: ",") where depth == 1:
        append(chunk.extracting(start..<index - 1), to: &element)
        start = index
        isDone = byte == UInt8(ascii: "]")
        try handOver(isLast: false, mayBeEmpty: isDone, body)
      default: break
      }
    }
    if depth > 0, !isDone {
      append(chunk.extracting(start..<chunk.count), to: &element)
      try checkLength()
    }
  }

  mutating func finish(_ body: (RawRecord) throws -> Void) throws {
    if depth > 0, !isDone { try handOver(isLast: true, mayBeEmpty: true, body) }
  }

  private mutating func handOver(
    isLast: Bool,
    mayBeEmpty: Bool,
    _ body: (RawRecord) throws -> Void
  ) throws {
    try checkLength()
    var bytes: [UInt8] = []
    swap(&bytes, &element)
    let space = bytes.prefix { $0 <= 0x20 }
    let first = elementLine + space.count { $0 == 0x0a }
    elementLine = line
    if mayBeEmpty, space.count == bytes.count { return }
    try body(
      RawRecord(
        bytes: trimmed(bytes),
        origin: Origin(file: member.name, line: first),
        ordinal: ordinal,
        attributes: isLast ? ["last": "yes"] : [:]
      )
    )
    ordinal += 1
  }

  private func checkLength() throws {
    guard element.count > Self.longestElement else { return }
    throw Failure(
      what: "a value is longer than \(Self.longestElement) bytes",
      place: "\(member.place), line \(elementLine)",
      remedy: "check that the file is JSON with one document a value"
    )
  }
}
