// Scores from outside, to compare a judge with: JSON Lines or CSV with the fields `id` and `score`.
//
// Not a reader of sources: ids are those of documents of the workspace, and a file that cannot be
// understood is refused as a whole, since figures over a part of it would not be what was asked for.

public import Documents
import Files
import Foundation
import Rubrics

/// Scores by document, from a file.
public struct GoldScores: Sendable {
  private static let largestFile = 1 << 28

  /// The scores.
  public let scores: [DocumentID: Double]

  /// Reads a file.
  ///
  /// A mark of UTF-8 at the beginning, ends of lines as on Windows, quotation marks around fields of a
  /// CSV file, empty lines and ids in upper case are as good as without.
  ///
  /// - Parameter path: A file whose name ends in `.csv`, with a line of names first, or of JSON Lines.
  /// - Throws: ``Failure`` with the line that cannot be read.
  public init(path: String) throws {
    let file = try BinaryFile(path: path)
    guard file.size <= GoldScores.largestFile else {
      throw Failure(
        .usage,
        what: "the file has more than \(GoldScores.largestFile) bytes",
        place: path,
        remedy: "keep the fields `id` and `score` alone"
      )
    }
    var bytes = try file.bytes(at: 0, count: file.size)[...]
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes = bytes.dropFirst(3) }
    let isCSV = path.lowercased().hasSuffix(".csv")
    var columns: CSVColumns?
    var scores: [DocumentID: Double] = [:]
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      let line = withoutBlanks(line)
      if line.isEmpty { continue }
      do {
        if isCSV, columns == nil {
          columns = try CSVColumns(line)
          continue
        }
        let (id, score) = try columns?.entry(in: line) ?? jsonEntry(in: line)
        guard scores.updateValue(score, forKey: id) == nil else {
          throw GoldFault(what: "the document \(id) is there twice")
        }
      } catch let fault as GoldFault {
        throw Failure(
          .usage,
          what: fault.what,
          place: "\(path), line \(index + 1)",
          remedy: "write one document a line, its `id` of 32 hexadecimal digits and its `score`"
        )
      }
    }
    self.scores = scores
  }
}

/// What is wrong with a line.
private struct GoldFault: Error {
  let what: String
}

/// Which fields of a CSV file are asked for.
private struct CSVColumns {
  private let count: Int
  private let id: Int
  private let score: Int

  /// Reads the line of names.
  init(_ line: ArraySlice<UInt8>) throws {
    let names = try fields(of: line)
    func place(of name: String) throws -> Int {
      guard let place = names.firstIndex(of: name) else {
        throw GoldFault(what: "the first line does not name the field `\(name)`")
      }
      guard names.lastIndex(of: name) == place else {
        throw GoldFault(what: "the first line names the field `\(name)` twice")
      }
      return place
    }
    id = try place(of: "id")
    score = try place(of: "score")
    count = names.count
  }

  func entry(in line: ArraySlice<UInt8>) throws -> (DocumentID, Double) {
    let values = try fields(of: line)
    guard values.count == count else {
      throw GoldFault(what: "the line has \(values.count) fields, the first one \(count)")
    }
    return (try documentID(values[id]), try number(values[score]))
  }
}

/// The fields of a line of CSV, without white space and quotation marks around them.
private func fields(of line: ArraySlice<UInt8>) throws -> [String] {
  let (comma, quote) = (UInt8(ascii: ","), UInt8(ascii: "\""))
  var fields: [String] = []
  var rest = line
  while true {
    var field: [UInt8] = []
    let start = rest.drop { $0 == 0x20 || $0 == 0x09 }
    if start.first == quote {
      rest = start.dropFirst()
      while true {
        guard let end = rest.firstIndex(of: quote) else {
          throw GoldFault(what: "a quotation mark does not close on its line")
        }
        field += rest[..<end]
        rest = rest[(end + 1)...]
        // Two in a row are one that belongs to the field.
        guard rest.first == quote else { break }
        field.append(quote)
        rest = rest.dropFirst()
      }
      rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
      guard rest.isEmpty || rest.first == comma else {
        throw GoldFault(what: "a field goes on after its quotation mark")
      }
    } else {
      field = Array(rest.prefix { $0 != comma })
      rest = rest.dropFirst(field.count)
    }
    fields.append(String(decoding: withoutBlanks(field[...]), as: UTF8.self))
    if rest.isEmpty { return fields }
    rest = rest.dropFirst()
  }
}

/// The fields of a line of JSON that are asked for.
private struct JSONEntry: Decodable {
  let id: String
  let score: Double
}

private func jsonEntry(in line: ArraySlice<UInt8>) throws -> (DocumentID, Double) {
  guard let entry = try? JSONDecoder().decode(JSONEntry.self, from: Data(line)),
    entry.score.isFinite
  else { throw GoldFault(what: "the line is no JSON object with a text `id` and a number `score`") }
  guard memberPlaces(inObject: Array(line)) != nil else {
    throw GoldFault(what: "the line names a field twice")
  }
  return (try documentID(entry.id), entry.score)
}

private func documentID(_ text: String) throws -> DocumentID {
  guard let id = DocumentID(text.lowercased()) else {
    throw GoldFault(what: "`\(leading(text, bytes: 60))` is no document's id")
  }
  return id
}

/// A decimal number; what Swift reads besides, such as `0x10`, is none.
private func number(_ text: String) throws -> Double {
  guard text.wholeMatch(of: /[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/) != nil,
    let value = Double(text), value.isFinite
  else { throw GoldFault(what: "`\(leading(text, bytes: 60))` is no score") }
  return value
}

/// A line without white space around it, the carriage return before its end included.
private func withoutBlanks(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
  func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
  let start = line.drop(while: isBlank)
  guard let last = start.lastIndex(where: { !isBlank($0) }) else { return start }
  return start[...last]
}
