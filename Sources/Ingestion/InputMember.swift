/// The text files that an input file stands for: itself, or the members of the archive that it is.
///
/// What a file is, is told by content: a zip by its first bytes, a tar by the mark in its first
/// header, under any compression. An archive's members are held in memory one at a time, and so is
/// standard input, which can be read but once and is never taken for an archive.
import Documents
import Files

/// One text file of an input.
struct InputMember {
  /// The most bytes that an archive's member may unpack to.
  static let sizeLimit = 1 << 30
  /// How many times its own size an archive may unpack to.
  static let archiveExpansion = 200

  /// The name under which its records are known; a member's follows the archive's and `!`.
  let name: String
  /// Where it lies, for messages.
  let place: String
  /// What an archive's member or standard input holds, or `nil` for a file.
  private let bytes: [UInt8]?

  /// A file that is no archive.
  ///
  /// - Parameters:
  ///   - input: The file.
  ///   - bytes: What it holds, where it cannot be read again.
  init(_ input: InputFile, bytes: [UInt8]? = nil) {
    name = input.name
    place = input.path
    self.bytes = bytes
  }

  /// A member of an archive.
  init(_ member: String, of archive: InputFile, bytes: [UInt8]) {
    name = "\(archive.name)!\(member)"
    place = "\(archive.path)!\(member)"
    self.bytes = bytes
  }

  /// What the keys of records without an id begin with.
  var keyBase: String { InputFile(path: "", name: name).uncompressedName }

  /// Hands over the bytes in pieces.
  ///
  /// - Parameter body: Receives each piece; what it throws ends the reading.
  /// - Throws: ``Failure`` where the file cannot be read, is empty or damaged.
  func forEachChunk(_ body: (Span<UInt8>) throws -> Void) throws {
    guard let bytes else { return try Ingestion.forEachChunk(ofFile: place, body) }
    var start = 0
    while start < bytes.count {
      let end = min(start + 1 << 18, bytes.count)
      try body(bytes.span.extracting(start..<end))
      start = end
    }
  }

  /// Hands over the lines; see ``forEachLine(ofFile:limit:_:)``.
  func forEachLine(limit: Int = 1 << 28, _ body: (FileLine) throws -> Void) throws {
    var splitter = LineSplitter(path: place, limit: limit)
    try forEachChunk { try splitter.read($0, body) }
    try splitter.finish(body)
  }

  /// The whole text, or `nil` where it is longer than a limit.
  ///
  /// - Parameter limit: The most bytes.
  /// - Returns: The bytes.
  /// - Throws: ``Failure`` where the file cannot be read, is empty or damaged.
  func contents(limit: Int) throws -> [UInt8]? {
    struct TooLong: Error {}
    var all: [UInt8] = []
    do {
      try forEachChunk { chunk in
        guard all.count + chunk.count <= limit else { throw TooLong() }
        append(chunk, to: &all)
      }
    } catch is TooLong {
      return nil
    }
    return all
  }
}

/// Hands over the text files of an input.
///
/// - Parameters:
///   - input: A file, plain or compressed, a zip, or a tar.
///   - extensions: The extensions of an archive's members to read, lower-case and without the dot.
///   - body: Receives each; what it throws ends the reading.
/// - Throws: ``Failure`` where the input cannot be read, is empty or damaged, or is an archive that
///   holds no such member or unpacks to more than is plausible.
func forEachMember(
  of input: InputFile,
  extensions: [String],
  _ body: (InputMember) throws -> Void
) throws {
  if input.isStandardInput {
    guard let bytes = try InputMember(input).contents(limit: InputMember.sizeLimit) else {
      throw Failure(
        what: "standard input holds more than \(InputMember.sizeLimit) bytes",
        place: input.path,
        remedy: "give a file"
      )
    }
    return try body(InputMember(input, bytes: bytes))
  }
  guard let archive = try archiveKind(of: input) else { return try body(InputMember(input)) }
  var count = 0
  func isWanted(_ name: String) -> Bool {
    let base = (name.split(separator: "/").last ?? "").lowercased()
    return !base.hasPrefix(".") && extensions.contains { base.hasSuffix("." + $0) }
  }
  func handOver(_ name: String, _ bytes: [UInt8]?) throws {
    guard let bytes else {
      throw Failure(
        what: "the member unpacks to more than \(InputMember.sizeLimit) bytes",
        place: "\(input.path)!\(name)",
        remedy: "unpack the archive and give the folder instead"
      )
    }
    count += 1
    try body(InputMember(name, of: input, bytes: bytes))
  }
  switch archive {
  case .zip:
    try forEachMember(
      ofZip: input.path,
      memberLimit: InputMember.sizeLimit,
      expansionLimit: InputMember.archiveExpansion,
      isWanted: isWanted,
      handOver
    )
  case .tar:
    try forEachMember(
      ofTar: input.path,
      memberLimit: InputMember.sizeLimit,
      expansionLimit: InputMember.archiveExpansion,
      isWanted: isWanted,
      handOver
    )
  }
  if count == 0 {
    let wanted = extensions.map { ".\($0)" }.joined(separator: ", ")
    throw Failure(
      what: "the archive holds no file with extension \(wanted)",
      place: input.path,
      remedy: "give an archive of the source's files, or unpack it and name the files"
    )
  }
}

private enum ArchiveKind { case zip, tar }

private func archiveKind(of input: InputFile) throws -> ArchiveKind? {
  if isZip(try firstBytes(ofFile: input.path)) { return .zip }
  struct Enough: Error {}
  var head: [UInt8] = []
  do {
    try forEachChunk(ofFile: input.path) { chunk in
      append(chunk.extracting(0..<min(chunk.count, 512 - head.count)), to: &head)
      if head.count >= 512 { throw Enough() }
    }
  } catch is Enough {
    return head[257..<262].elementsEqual("ustar".utf8) ? .tar : nil
  } catch is Failure {
    // What is wrong with the file is said where it is read.
    return nil
  }
  return nil
}
