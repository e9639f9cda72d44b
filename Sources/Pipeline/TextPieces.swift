// Documents of a text file, some megabytes at a time: a file need not fit into memory.

import Documents
import Files
import Foundation

/// The documents of a text file, which are what lies between blank lines, in pieces of the file.
package struct TextPieces {
  /// The bytes that ``documents`` are ranges of.
  package private(set) var bytes: [UInt8] = []
  /// The whole documents of the piece, none of them empty.
  package private(set) var documents: [Range<Int>] = []

  private let path: String
  private let handle: FileHandle
  private let pieceBytes: Int
  private let longestDocument: Int
  private var isAtEnd = false
  /// Where the bytes after the last whole document begin.
  private var rest = 0
  /// The bytes of the file before those at hand.
  private var offset = 0

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - pieceBytes: The bytes to read at once; more where a document is longer.
  ///   - longestDocument: The most bytes of a document.
  /// - Throws: ``Failure`` where the file cannot be opened.
  package init(
    _ path: String,
    pieceBytes: Int = 4_194_304,
    longestDocument: Int = Int(Int32.max)
  ) throws {
    self.path = path
    self.pieceBytes = pieceBytes
    self.longestDocument = longestDocument
    do {
      handle = try FileHandle(forReadingFrom: URL(filePath: path))
    } catch {
      throw Self.unreadable(path, error)
    }
  }

  /// Takes the next piece.
  ///
  /// - Returns: Whether there is one; the last may have no documents.
  /// - Throws: ``Failure`` where the file cannot be read or a document is too long.
  package mutating func advance() throws -> Bool {
    guard !isAtEnd else { return false }
    offset += rest
    bytes.removeSubrange(..<rest)
    rest = 0
    documents = []
    repeat {
      try readMore()
      (documents, rest) = wholeDocuments(in: bytes.span, isWhole: isAtEnd)
      let longest = documents.map(\.count).max() ?? 0
      guard max(longest, bytes.count - rest) <= longestDocument else {
        let start = documents.first { $0.count > longestDocument }?.lowerBound ?? rest
        throw Failure(
          what:
            "a document of the file has more than \(longestDocument) bytes without a blank line",
          place: "\(path), byte \(offset + start)",
          remedy: "part its documents by blank lines"
        )
      }
    } while documents.isEmpty && !isAtEnd
    return true
  }

  /// Reads a piece, or as much again as there is of a document longer than that, so that the work
  /// stays linear.
  private mutating func readMore() throws {
    let wanted = bytes.count + max(pieceBytes, bytes.count)
    bytes.reserveCapacity(wanted)
    do {
      while bytes.count < wanted {
        guard let part = try handle.read(upToCount: min(1 << 20, wanted - bytes.count)),
          !part.isEmpty
        else {
          isAtEnd = true
          return
        }
        bytes += part
      }
    } catch {
      throw Self.unreadable(path, error)
    }
  }

  private static func unreadable(_ path: String, _ error: any Error) -> Failure {
    Failure(
      what: "the file cannot be read (\(error.localizedDescription))",
      place: path,
      remedy: "check that the path exists and that you may read it"
    )
  }
}

/// What lies between blank lines.
///
/// - Parameter text: The text.
/// - Returns: The ranges, none of them empty.
package func paragraphs(of text: Span<UInt8>) -> [Range<Int>] {
  wholeDocuments(in: text, isWhole: true).documents
}

/// What lies between blank lines, and where the rest begins.
///
/// - Parameters:
///   - text: The text.
///   - isWhole: Whether nothing follows, so that the last document needs no blank line.
/// - Returns: The ranges, none of them empty, and the end of what they and the blank lines cover.
private func wholeDocuments(
  in text: Span<UInt8>,
  isWhole: Bool
) -> (documents: [Range<Int>], rest: Int) {
  var documents: [Range<Int>] = []
  var start = 0
  while let border = blankLine(in: text, from: start) {
    if border > start { documents.append(start..<border) }
    start = border + 2
  }
  if isWhole, start < text.count {
    documents.append(start..<text.count)
    start = text.count
  }
  return (documents, start)
}

/// Where two line feeds in a row begin, at `start` or behind.
private func blankLine(in text: Span<UInt8>, from start: Int) -> Int? {
  let feed = ByteVector(repeating: 10)
  let width = ByteVector.scalarCount
  var index = start
  while index + width < text.count {
    let pairs = (byteVector(text, at: index) .== feed) .& (byteVector(text, at: index + 1) .== feed)
    if let place = firstMark(in: pairs, from: 0) { return index + place }
    index += width
  }
  while index + 1 < text.count {
    if text[index] == 10, text[index + 1] == 10 { return index }
    index += 1
  }
  return nil
}
