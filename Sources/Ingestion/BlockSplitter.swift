/// Cuts the lines of a text file into blocks, each of which becomes one record.
///
/// It holds one block at a time, whose length is bounded.
import Documents
import Files

struct BlockSplitter {
  /// What stands between two blocks.
  enum Border {
    /// Nothing: the file is one block.
    case none
    /// One or more blank lines.
    case blankLine
    /// A line end.
    case lineEnd
    /// A line of just these bytes, white space at its ends aside.
    case line([UInt8])
    /// A line `= = = title = = =`, which names the block after it.
    case heading
    /// Every so many lines that are not blank.
    case count(Int)
  }

  /// The most bytes of a block.
  static let longestBlock = 1 << 26

  private let member: InputMember
  private let border: Border
  /// The option that the failure of a block that is too long names.
  private let option: String
  private var block: [UInt8] = []
  private var blockLine = 1
  private var lines = 0
  private var title: String?
  /// The blocks handed over.
  private(set) var ordinal = 0

  init(member: InputMember, border: Border, option: String) {
    self.member = member
    self.border = border
    self.option = option
  }

  mutating func read(_ line: FileLine, _ body: (RawRecord) throws -> Void) throws {
    let isBlank = !line.bytes.contains { $0 > 0x20 }
    switch border {
    case .blankLine where isBlank: return try handOver(body)
    case .line(let separator) where trimmed(line.bytes).elementsEqual(separator):
      return try handOver(body)
    case .heading:
      if let heading = heading(in: line.bytes) {
        try handOver(body)
        title = heading
        return
      }
    case .count(let most) where !isBlank && lines == most: try handOver(body)
    default: break
    }
    if block.isEmpty, isBlank { return }
    if block.isEmpty { blockLine = line.number } else { block.append(0x0a) }
    if !isBlank { lines += 1 }
    block += line.bytes
    if block.count > Self.longestBlock {
      throw Failure(
        what: "a document is longer than \(Self.longestBlock) bytes",
        place: "\(member.place), line \(blockLine)",
        remedy: "set the reader option `\(option)` to what stands between the documents"
      )
    }
    if case .lineEnd = border { try handOver(body) }
  }

  mutating func finish(_ body: (RawRecord) throws -> Void) throws {
    try handOver(body)
  }

  private mutating func handOver(_ body: (RawRecord) throws -> Void) throws {
    guard !block.isEmpty else { return }
    var bytes: [UInt8] = []
    swap(&bytes, &block)
    lines = 0
    try body(
      RawRecord(
        bytes: bytes,
        origin: Origin(file: member.name, line: blockLine),
        ordinal: ordinal,
        attributes: title.map { ["title": $0] } ?? [:]
      )
    )
    ordinal += 1
  }
}

/// The title of a line `= = = title = = =`.
///
/// - Parameter line: A line.
/// - Returns: The title, or `nil` where the line is none such or not UTF-8.
func heading(in line: [UInt8]) -> String? {
  let line = trimmed(line)
  let mark = Array("= = =".utf8)
  guard line.count > 2 * mark.count, line.starts(with: mark), line.suffix(5).elementsEqual(mark)
  else { return nil }
  let title = trimmed(line.dropFirst(5).dropLast(5))
  guard !title.isEmpty, title.first != UInt8(ascii: "=") else { return nil }
  return String(validating: title, as: UTF8.self)
}

/// Bytes without the ASCII white space at their two ends.
func trimmed(_ bytes: some BidirectionalCollection<UInt8>) -> [UInt8] {
  var kept = bytes[...]
  while let first = kept.first, first <= 0x20 { kept.removeFirst() }
  while let last = kept.last, last <= 0x20 { kept.removeLast() }
  return Array(kept)
}

/// The failure of an input in which there is nothing to read.
func nothingToRead(in input: InputFile, _ what: String) -> Failure {
  Failure(
    what: "the file holds \(what)",
    place: input.path,
    remedy: "check that this is the file you mean, or leave it out"
  )
}
