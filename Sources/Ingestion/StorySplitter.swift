/// Cuts the lines of a story file into stories.
///
/// Until the separator is known it holds back up to one mebibyte of lines; after that one story.
import Documents
import Files

struct StorySplitter {
  private let input: InputFile
  private var separator: TinyStoriesReader.Options.Separator
  /// Lines held back until the separator is decided.
  private var heldBack: [FileLine] = []
  private var heldBackSize = 0
  private var story: [UInt8] = []
  private var storyLine = 1
  private var isAfterBlankLine = false
  private var endsWithLineBreak = false
  private var ordinal = 0

  private static let longestStory = 1 << 26

  init(input: InputFile, separator: TinyStoriesReader.Options.Separator) {
    self.input = input
    self.separator = separator
  }

  mutating func read(_ line: FileLine, _ body: (RawRecord) throws -> Void) throws {
    endsWithLineBreak = line.isTerminated
    guard separator == .automatic else { return try add(line, body) }
    heldBack.append(line)
    heldBackSize += line.bytes.count + 1
    if heldBackSize >= 1 << 20 { try decide(body) }
  }

  /// Hands over the last story, marked as last where nothing separates it from the file's end.
  mutating func finish(_ body: (RawRecord) throws -> Void) throws {
    if separator == .automatic { try decide(body) }
    if story.contains(where: { $0 > 0x20 }) {
      try handOver(isLast: !(separator == .lineBreak && endsWithLineBreak), body)
    }
    if ordinal == 0 {
      throw Failure(
        what: "the file holds no story",
        place: input.path,
        remedy: "give a text file of stories"
      )
    }
  }

  private mutating func decide(_ body: (RawRecord) throws -> Void) throws {
    separator = likelySeparator(of: heldBack)
    let lines = heldBack
    heldBack = []
    for line in lines { try add(line, body) }
  }

  private func likelySeparator(
    of lines: [FileLine]
  ) -> TinyStoriesReader.Options.Separator {
    var blankLines = 0
    var lineBreaks = 0
    var previous: Bool?
    for line in lines {
      if firstMarker(in: line.bytes.span, from: 0) != nil { return .endOfText }
      let isBlank = !line.bytes.contains { $0 > 0x20 }
      if isBlank, previous == false { blankLines += 1 }
      if !isBlank, previous == false { lineBreaks += 1 }
      previous = isBlank
    }
    if lineBreaks == 0 { return .blankLine }
    return blankLines == 0 || blankLines > lineBreaks ? .lineBreak : .blankLine
  }

  private mutating func add(_ line: FileLine, _ body: (RawRecord) throws -> Void) throws {
    let isBlank = !line.bytes.contains { $0 > 0x20 }
    let hasStory = story.contains { $0 > 0x20 }
    switch separator {
    case .automatic, .endOfText:
      var start = 0
      while let found = firstMarker(in: line.bytes.span, from: start) {
        take(line.bytes[start..<found], of: line)
        try handOver(isLast: false, body)
        start = found + marker.count
        storyLine = line.number
      }
      take(line.bytes[start...], of: line)
    case .blankLine:
      if isBlank, hasStory { try handOver(isLast: false, body) }
      if !isBlank { take(line.bytes[...], of: line) }
    case .lineBreak:
      if !isBlank, hasStory, !isAfterBlankLine { try handOver(isLast: false, body) }
      take(line.bytes[...], of: line)
    }
    isAfterBlankLine = isBlank
    if story.count > Self.longestStory {
      throw Failure(
        what: "a story is longer than \(Self.longestStory) bytes",
        place: "\(input.path), line \(storyLine)",
        remedy: "set the reader option `separator` to what stands between the stories"
      )
    }
  }

  private mutating func take(_ bytes: ArraySlice<UInt8>, of line: FileLine) {
    if story.isEmpty {
      guard bytes.contains(where: { $0 > 0x20 }) else { return }
      storyLine = line.number
    } else {
      story.append(0x0a)
    }
    story.append(contentsOf: bytes)
  }

  private mutating func handOver(isLast: Bool, _ body: (RawRecord) throws -> Void) throws {
    var bytes: [UInt8] = []
    swap(&bytes, &story)
    try body(
      RawRecord(
        bytes: bytes,
        origin: Origin(file: input.name, line: storyLine),
        ordinal: ordinal,
        attributes: isLast ? ["last": "yes"] : [:]
      )
    )
    ordinal += 1
  }
}

private let marker = Array("<|endoftext|>".utf8)

private func firstMarker(in bytes: Span<UInt8>, from start: Int) -> Int? {
  var from = start
  while let index = firstIndex(of: UInt8(ascii: "<"), in: bytes, from: from),
    index + marker.count <= bytes.count
  {
    var length = 1
    while length < marker.count, bytes[index + length] == marker[length] { length += 1 }
    if length == marker.count { return index }
    from = index + 1
  }
  return nil
}
