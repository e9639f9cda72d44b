/// The door to libarchive: the bytes of a plain or compressed file, and the members of a zip or tar.
///
/// This is the only file that imports CLibArchive. Pointers stay inside it: buffers are lent to the
/// library for one call, and callers see spans and arrays. Compression is recognised by content, not
/// by name: gzip and bzip2 have doors of their own, zstd and xz are the only filters of the library
/// that are tried; its others would decode a text that happens to look like one of theirs, or start
/// foreign programs. Zips are
/// read by their central directory alone, so that a zip that was cut short is never taken for a
/// whole one. Nothing is ever unpacked to disk.
import CLibArchive
import Files
import Glibc

/// Hands over the decompressed bytes of a plain, gzip, bzip2, zstd or xz file, in order.
///
/// Concatenated streams are read to the end. What was handed over before a failure may be cut off in
/// the middle: a caller keeps a record only once it has seen its end.
///
/// - Parameters:
///   - path: The file, or `-` for standard input.
///   - body: Receives pieces of up to 256 KiB, none of them empty; what it throws ends the reading.
/// - Throws: ``Failure`` where the file cannot be read, is empty, cut off or damaged.
package func forEachChunk(ofFile path: String, _ body: (Span<UInt8>) throws -> Void) throws {
  let input = try InputBytes(path: path)
  let magic = input.head
  if magic.isEmpty { throw emptyFile(path) }
  if magic.starts(with: [0x1f, 0x8b]) {
    try forEachChunk(ofGzip: input, body)
  } else if magic.starts(with: Array("BZh".utf8)), magic.count > 3, 49...57 ~= magic[3] {
    try forEachChunk(ofBzip2: input, body)
  } else if magic.starts(with: [0xfd, 0x37, 0x7a, 0x58, 0x5a])
    || magic.starts(with: [0x28, 0xb5, 0x2f, 0xfd])
  {
    try forEachChunk(ofFiltered: input, body)
  } else {
    var buffer = [UInt8](repeating: 0, count: pieceSize)
    while case let count = try input.read(into: &buffer), count > 0 {
      try body(buffer.span.extracting(0..<count))
    }
  }
}

/// Hands over the decompressed bytes of a zstd or xz file.
private func forEachChunk(
  ofFiltered input: InputBytes,
  _ body: (Span<UInt8>) throws -> Void
) throws {
  let path = input.path
  let source = ArchiveSource { try input.read(into: &$0) }
  guard let archive = unsafe archive_read_new() else { throw outOfMemory(path) }
  defer { unsafe archive_read_free(archive) }
  unsafe archive_read_support_filter_xz(archive)
  unsafe archive_read_support_filter_zstd(archive)
  unsafe archive_read_support_format_raw(archive)
  unsafe archive_read_support_format_empty(archive)
  var offset = 0
  func damaged() -> any Error {
    source.failure
      ?? Failure(
        what: "the compressed data is cut off or damaged (\(unsafe message(of: archive)))",
        place: "\(path), decompressed byte \(offset)",
        remedy: "fetch the file again and compare its checksum with the publisher's"
      )
  }
  // The source outlives the archive here.
  try withExtendedLifetime(source) {
    guard unsafe open(archive, reading: source) == ARCHIVE_OK else { throw damaged() }
    var entry: OpaquePointer?
    let header = unsafe archive_read_next_header(archive, &entry)
    if header == ARCHIVE_EOF { throw emptyFile(path) }
    guard header == ARCHIVE_OK || header == ARCHIVE_WARN else { throw damaged() }
    // A damaged start makes the library take the compressed data for a plain file.
    if unsafe archive_filter_code(archive, 0) == ARCHIVE_FILTER_NONE { throw damaged() }
    var buffer = [UInt8](repeating: 0, count: pieceSize)
    while true {
      let count = unsafe read(archive, into: &buffer)
      if count < 0 { throw damaged() }
      if count == 0 { break }
      try body(buffer.span.extracting(0..<count))
      offset += count
    }
    if offset == 0 { throw emptyFile(path) }
    let consumed = unsafe Int(archive_filter_bytes(archive, -1))
    var more = [0 as UInt8]
    if try consumed < input.offset || input.read(into: &more) > 0 {
      throw Failure(
        what: "bytes that are not compressed data follow the end of the compressed data",
        place: "\(path), byte \(consumed)",
        remedy: "fetch the file again: it was cut off or joined with something else"
      )
    }
  }
}

/// What libarchive reads from: pieces of an input in memory that stays where it is.
///
/// Safe to hold: the memory is this object's own, and lent to the library between two calls of it.
@safe private final class ArchiveSource {
  private let read: (inout [UInt8]) throws -> Int
  private var piece = [UInt8](repeating: 0, count: pieceSize)
  private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceSize, alignment: 64)
  /// Why the input could not be read on.
  private(set) var failure: (any Error)?

  init(_ read: @escaping (inout [UInt8]) throws -> Int) {
    self.read = read
  }

  deinit {
    unsafe memory.deallocate()
  }

  /// Reads the next piece and says where it lies.
  func fill(_ target: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int {
    do {
      let count = try read(&piece)
      unsafe memory.copyBytes(from: piece[..<count])
      unsafe target.pointee = unsafe UnsafeRawPointer(memory.baseAddress)
      return count
    } catch {
      failure = error
      return -1
    }
  }

  /// Reads on to the end, where a checksum stands that the library did not ask for.
  func drain() throws {
    while try read(&piece) > 0 {}
  }
}

/// Opens an archive on a source, which must outlive it: the library keeps its address.
private func open(_ archive: OpaquePointer, reading source: ArchiveSource) -> Int32 {
  unsafe archive_read_open(
    archive,
    Unmanaged.passUnretained(source).toOpaque(),
    nil,
    { _, source, target in
      guard let source = unsafe source, let target = unsafe target else { return -1 }
      return unsafe Unmanaged<ArchiveSource>.fromOpaque(source).takeUnretainedValue().fill(target)
    },
    nil
  )
}

/// Hands over every file in a zip archive; see ``forEachMember(ofZip:memberLimit:expansionLimit:isWanted:_:)``.
///
/// - Parameters:
///   - path: The archive.
///   - memberLimit: The greatest number of bytes that a member may unpack to.
///   - body: Receives a member's name and bytes; what it throws ends the reading.
/// - Throws: ``Failure`` as the other, and where a member is larger than `memberLimit`.
package func forEachMember(
  ofZip path: String,
  memberLimit: Int = 1 << 30,
  _ body: (_ name: String, _ bytes: [UInt8]) throws -> Void
) throws {
  try forEachMember(
    ofZip: path,
    memberLimit: memberLimit,
    expansionLimit: .max,
    isWanted: { _ in true },
    { name, bytes in
      guard let bytes else {
        throw Failure(
          what: "the member unpacks to more than \(memberLimit) bytes",
          place: "\(path)!\(name)",
          remedy: "check that the archive is what it claims to be, then split the member"
        )
      }
      try body(name, bytes)
    }
  )
}

/// Hands over the wanted files in a zip archive, in the order of its central directory.
///
/// Folders and the `__MACOSX/` copies of macOS are skipped. Names are handed over as they stand in
/// the archive: they are labels, never paths to open.
///
/// - Parameters:
///   - path: The archive.
///   - memberLimit: The greatest number of bytes that a member may unpack to.
///   - expansionLimit: How many times the archive's size the members may unpack to in all, beyond
///     one `memberLimit`; a corpus stays far below a hundred.
///   - isWanted: Whether a member is read, by its name.
///   - body: Receives a wanted member's name, and its bytes once the whole member was read and its
///     checksum held, or `nil` where it is larger than `memberLimit`; what it throws ends the reading.
/// - Throws: ``Failure`` where the archive cannot be read, is empty or damaged, unpacks to more than
///   `expansionLimit`, or a member is damaged, encrypted, or has a name that is not UTF-8.
package func forEachMember(
  ofZip path: String,
  memberLimit: Int,
  expansionLimit: Int,
  isWanted: (_ name: String) -> Bool,
  _ body: (_ name: String, _ bytes: [UInt8]?) throws -> Void
) throws {
  guard let archive = unsafe archive_read_new() else { throw outOfMemory(path) }
  defer { unsafe archive_read_free(archive) }
  unsafe archive_read_support_format_zip_seekable(archive)
  try withUTF8Names {
    let status = unsafe archive_read_open_filename(archive, path, pieceSize)
    try unsafe forEachMember(
      of: OpenArchive(archive: archive, status: status, path: path, kind: "zip", source: nil),
      limits: ArchiveLimits(path, member: memberLimit, expansion: expansionLimit),
      isWanted: isWanted,
      body
    )
  }
}

/// Hands over the wanted files in a tar archive, plain or compressed, in the order of the archive.
///
/// - Parameters:
///   - path: The archive.
///   - memberLimit: The greatest number of bytes that a member may unpack to.
///   - expansionLimit: How many times the archive's size the members may unpack to in all, beyond
///     one `memberLimit`.
///   - isWanted: Whether a member is read, by its name.
///   - body: Receives a wanted member's name, and its bytes, or `nil` where it is larger than
///     `memberLimit`; what it throws ends the reading.
/// - Throws: ``Failure`` as for a zip. A tar has no checksums of its contents; those of the
///   compression are verified, some of them only at the end.
package func forEachMember(
  ofTar path: String,
  memberLimit: Int,
  expansionLimit: Int,
  isWanted: (_ name: String) -> Bool,
  _ body: (_ name: String, _ bytes: [UInt8]?) throws -> Void
) throws {
  let input = try InputBytes(path: path)
  let gzip = input.head.starts(with: [0x1f, 0x8b]) ? try GzipStream(input) : nil
  let source = ArchiveSource { try gzip?.read(into: &$0) ?? input.read(into: &$0) }
  guard let archive = unsafe archive_read_new() else { throw outOfMemory(path) }
  defer { unsafe archive_read_free(archive) }
  unsafe archive_read_support_filter_bzip2(archive)
  unsafe archive_read_support_filter_xz(archive)
  unsafe archive_read_support_filter_zstd(archive)
  unsafe archive_read_support_format_tar(archive)
  try withExtendedLifetime(source) {
    try withUTF8Names {
      let status = unsafe open(archive, reading: source)
      try unsafe forEachMember(
        of: OpenArchive(archive: archive, status: status, path: path, kind: "tar", source: source),
        limits: ArchiveLimits(path, member: memberLimit, expansion: expansionLimit),
        isWanted: isWanted,
        body
      )
    }
    try source.drain()
  }
}

/// An archive that the library was told to open.
///
/// The pointer lives as long as the call that made this value.
@safe private struct OpenArchive {
  let archive: OpaquePointer
  /// What the library said to opening it.
  let status: Int32
  let path: String
  let kind: String
  let source: ArchiveSource?

  /// The failure that the library stopped, at a place.
  func damaged(_ place: String) -> any Error {
    source?.failure
      ?? Failure(
        what: "the \(kind) archive is cut off or damaged (\(unsafe message(of: archive)))",
        place: place,
        remedy: "fetch the archive again, or unpack what it still holds and give the folder"
      )
  }
}

/// How much an archive may unpack to.
private struct ArchiveLimits {
  let member: Int
  let expansion: Int
  let total: Int

  init(_ path: String, member: Int, expansion: Int) throws {
    let size = try sizeOfReadableFile(path)
    if size == 0 { throw emptyFile(path) }
    let (expanded, isVast) = Int(size).multipliedReportingOverflow(by: expansion)
    self.member = member
    self.expansion = expansion
    total = isVast ? Int.max : expanded + min(member, Int.max - expanded)
  }
}

/// Runs a body in a locale whose letters are UTF-8, for this thread and this call only: under the C
/// locale, in which a Swift program starts, libarchive refuses UTF-8 member names.
private func withUTF8Names(_ body: () throws -> Void) rethrows {
  let locale = unsafe newlocale(lettersAsUTF8, "C.UTF-8", nil)
  let previous = unsafe uselocale(locale)
  defer {
    unsafe uselocale(previous)
    if let locale = unsafe locale { unsafe freelocale(locale) }
  }
  try body()
}

private func forEachMember(
  of opened: OpenArchive,
  limits: ArchiveLimits,
  isWanted: (_ name: String) -> Bool,
  _ body: (_ name: String, _ bytes: [UInt8]?) throws -> Void
) throws {
  let path = opened.path
  let archive = unsafe opened.archive
  guard opened.status == ARCHIVE_OK else { throw opened.damaged(path) }
  var total = 0
  var buffer = [UInt8](repeating: 0, count: pieceSize)
  var ordinal = 0
  while true {
    var entry: OpaquePointer?
    let status = unsafe archive_read_next_header(archive, &entry)
    if status == ARCHIVE_EOF { break }
    guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let entry = unsafe entry else {
      throw opened.damaged("\(path), member \(ordinal)")
    }
    ordinal += 1
    guard let name = unsafe archive_entry_pathname_utf8(entry).map({ unsafe String(cString: $0) })
    else {
      throw Failure(
        what: "a member's name is not UTF-8",
        place: "\(path), member \(ordinal - 1)",
        remedy: "unpack the archive and give the folder instead"
      )
    }
    let isFile = unsafe archive_entry_filetype(entry) == S_IFREG
    if !isFile || name.hasSuffix("/") || name.hasPrefix("__MACOSX/") || !isWanted(name) {
      continue
    }
    let place = "\(path)!\(name)"
    var bytes: [UInt8] = []
    let declared = unsafe Int(archive_entry_size(entry))
    if declared > limits.member {
      try body(name, nil)
      continue
    }
    bytes.reserveCapacity(max(0, min(declared, limits.member, 64 * pieceSize)))
    var isTooLong = false
    while !isTooLong {
      let count = unsafe read(archive, into: &buffer)
      if count < 0 { throw opened.damaged(place) }
      if count == 0 { break }
      total += count
      if total > limits.total {
        throw Failure(
          what: "the archive unpacks to more than \(limits.expansion) times its size",
          place: place,
          remedy: "check that the archive is what it claims to be, or unpack it and give the folder"
        )
      }
      isTooLong = bytes.count + count > limits.member
      bytes.append(contentsOf: buffer[..<count])
    }
    try body(name, isTooLong ? nil : bytes)
  }
  if ordinal == 0 { throw emptyFile(path) }
}

private let pieceSize = 256 * 1_024

/// `LC_CTYPE_MASK`, which the C header defines by an expression that Swift does not import.
private let lettersAsUTF8 = Int32(1) << LC_CTYPE

/// Fills the buffer from the current entry; 0 at its end, negative where the data is bad.
private func read(_ archive: OpaquePointer, into buffer: inout [UInt8]) -> Int {
  unsafe buffer.withUnsafeMutableBytes { bytes in
    unsafe archive_read_data(archive, bytes.baseAddress, bytes.count)
  }
}

private func message(of archive: OpaquePointer) -> String {
  guard let text = unsafe archive_error_string(archive) else { return "no reason given" }
  return unsafe String(cString: text)
}

/// The failure of a file without content.
func emptyFile(_ path: String) -> Failure {
  Failure(what: "the file is empty", place: path, remedy: "fetch the file again or leave it out")
}

private func outOfMemory(_ path: String) -> Failure {
  Failure(what: "no memory to open the file", place: path, remedy: "close other programs")
}

/// The version of libarchive, such as `3.6.2`.
///
/// - Returns: The version.
public func archiveLibraryVersion() -> String {
  let words = unsafe String(cString: archive_version_string()).split(separator: " ")
  return words.last.map(String.init) ?? "unknown"
}
