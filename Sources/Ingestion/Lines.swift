/// The lines of a file of any size, plain or compressed.
///
/// Memory holds one piece of the file and one line, whose length is bounded, so that a file without
/// line ends cannot fill it.
import Documents
import Files

/// One line, without its line feed and a carriage return before that.
struct FileLine {
  var bytes: [UInt8]
  /// Counted from 1.
  var number: Int
  /// Whether a line feed follows; only a file's last line may lack one.
  var isTerminated: Bool
}

/// Hands over a file's lines in order, without a byte order mark.
///
/// - Parameters:
///   - path: The file; see ``forEachChunk(ofFile:_:)``.
///   - limit: The greatest length of a line in bytes.
///   - body: Receives each line; what it throws ends the reading.
/// - Throws: ``Failure`` where the file cannot be read, is empty or damaged, or a line is longer
///   than `limit`.
func forEachLine(
  ofFile path: String,
  limit: Int = 1 << 28,
  _ body: (FileLine) throws -> Void
) throws {
  var splitter = LineSplitter(path: path, limit: limit)
  try forEachChunk(ofFile: path) { try splitter.read($0, body) }
  try splitter.finish(body)
}

/// Cuts pieces of a file, wherever their borders fall, into lines.
struct LineSplitter {
  let path: String
  let limit: Int
  private var rest: [UInt8] = []
  private var number = 1

  init(path: String, limit: Int) {
    self.path = path
    self.limit = limit
  }

  mutating func read(_ chunk: Span<UInt8>, _ body: (FileLine) throws -> Void) throws {
    var start = 0
    while let end = firstIndex(of: 0x0a, in: chunk, from: start) {
      append(chunk.extracting(start..<end), to: &rest)
      start = end + 1
      try handOver(isTerminated: true, body)
    }
    append(chunk.extracting(start..<chunk.count), to: &rest)
    try checkLength()
  }

  mutating func finish(_ body: (FileLine) throws -> Void) throws {
    if !rest.isEmpty { try handOver(isTerminated: false, body) }
  }

  private mutating func handOver(
    isTerminated: Bool,
    _ body: (FileLine) throws -> Void
  ) throws {
    try checkLength()
    var line: [UInt8] = []
    swap(&line, &rest)
    if line.last == 0x0d { line.removeLast() }
    if number == 1, line.starts(with: [0xef, 0xbb, 0xbf]) { line.removeFirst(3) }
    try body(FileLine(bytes: line, number: number, isTerminated: isTerminated))
    number += 1
  }

  private func checkLength() throws {
    guard rest.count > limit else { return }
    throw Failure(
      what: "a line is longer than \(limit) bytes",
      place: "\(path), line \(number)",
      remedy: "check that the file is text with line ends, as the source serves it"
    )
  }
}
