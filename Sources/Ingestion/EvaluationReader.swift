// The texts of evaluation files, whatever benchmark they belong to.
//
// JSON Lines and JSON give every string value: BLiMP's sentence_good and sentence_bad, EWoK's
// contexts and targets, the options of entity tracking. Anything else is text, handed over a
// paragraph at a time. Files may be plain or compressed, or members of a zip as benchmarks are
// served. It knows no benchmark by name; fields can be named where not every string is wanted.

import Documents
import Files
import Foundation

/// A text of an evaluation file.
package enum EvaluationText: Sendable, Equatable {
  /// A string value of a JSON file, whole by itself.
  case item([UInt8])
  /// Lines of running text up to a blank line.
  case passage([UInt8])
}

/// Reads evaluation files: JSON Lines, JSON, text, and zips of them.
package struct EvaluationReader: Sendable {
  /// The extensions by which a folder's files and a zip's members are found.
  package static let extensions = ["jsonl", "ndjson", "json", "txt", "zip"]
  /// The greatest length of a line, and of a file that is one JSON value.
  private static let lineLimit = 1 << 24
  private static let valueLimit = 1 << 28

  /// The names of the JSON fields whose strings are wanted; all where it is empty.
  package let fields: Set<String>

  /// Creates a reader.
  ///
  /// - Parameter fields: The names of the JSON fields whose strings are wanted, or none for all.
  package init(fields: [String] = []) {
    self.fields = Set(fields)
  }

  /// Hands over the texts of a file in order.
  ///
  /// - Parameters:
  ///   - input: The file.
  ///   - body: Receives each text with the name of its file; the texts of one file follow one
  ///     another. What it throws ends the reading.
  /// - Throws: ``Failure`` where the file cannot be read, is empty or damaged, is no text in UTF-8,
  ///   or holds a line that is too long or no JSON where the extension promises it.
  package func forEachText(
    in input: InputFile,
    _ body: (_ file: String, _ text: EvaluationText) throws -> Void
  ) throws {
    let magic = try firstBytes(ofFile: input.path)
    guard isZip(magic) else {
      if magic.starts(with: Array("PAR1".utf8)) {
        throw Failure(
          what: "the file is Parquet, which is not read here",
          place: input.path,
          remedy: "convert it to JSON Lines, one object a line"
        )
      }
      let name = input.uncompressedName
      var file = TextFile(name: input.name, place: input.path, reader: self)
      if TextFile.isJSON(name) {
        var bytes: [UInt8] = []
        try forEachChunk(ofFile: input.path) { chunk in
          append(chunk, to: &bytes)
          try checkSize(bytes.count, place: input.path)
        }
        return try file.readValue(bytes, body)
      }
      file.holdsJSONLines = TextFile.isJSONLines(name)
      try forEachLine(ofFile: input.path, limit: EvaluationReader.lineLimit) { line in
        try file.read(line.bytes, number: line.number, body)
      }
      return try file.finish(body)
    }
    var members = 0
    try forEachMember(ofZip: input.path, memberLimit: EvaluationReader.valueLimit) { name, bytes in
      guard EvaluationReader.extensions.contains(where: { name.lowercased().hasSuffix("." + $0) })
      else { return }
      members += 1
      let place = "\(input.path)!\(name)"
      guard !bytes.isEmpty else {
        throw Failure(what: "the file is empty", place: place, remedy: "leave it out of the zip")
      }
      var file = TextFile(name: "\(input.name)!\(name)", place: place, reader: self)
      if TextFile.isJSON(name) { return try file.readValue(bytes, body) }
      file.holdsJSONLines = TextFile.isJSONLines(name)
      for (index, line) in bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated()
      {
        try file.read(Array(line.last == 13 ? line.dropLast() : line), number: index + 1, body)
      }
      try file.finish(body)
    }
    guard members > 0 else {
      throw Failure(
        what: "the archive holds no evaluation file (.jsonl, .ndjson, .json or .txt)",
        place: input.path,
        remedy: "unpack it and name the files that hold the evaluation's texts"
      )
    }
  }

  private func checkSize(_ bytes: Int, place: String) throws {
    guard bytes > EvaluationReader.valueLimit else { return }
    throw Failure(
      what: "one JSON value is longer than \(EvaluationReader.valueLimit) bytes",
      place: place,
      remedy: "convert the file to JSON Lines, one object a line"
    )
  }

  /// The string values under a JSON value that are wanted, in an order that depends on it alone.
  fileprivate func strings(
    in value: Any,
    isWanted: Bool,
    _ body: (EvaluationText) throws -> Void
  ) throws {
    switch value {
    case let text as String:
      if isWanted { try body(.item(Array(text.utf8))) }
    case let values as [Any]:
      for value in values { try strings(in: value, isWanted: isWanted, body) }
    case let members as [String: Any]:
      for (name, value) in members.sorted(by: { $0.key < $1.key }) {
        try strings(in: value, isWanted: isWanted || fields.contains(name), body)
      }
    default: break
    }
  }
}

/// One file or zip member while it is read line by line.
private struct TextFile {
  let name: String
  let place: String
  let reader: EvaluationReader
  var holdsJSONLines = false
  private var passage: [UInt8] = []

  init(name: String, place: String, reader: EvaluationReader) {
    self.name = name
    self.place = place
    self.reader = reader
  }

  static func isJSON(_ name: String) -> Bool { name.lowercased().hasSuffix(".json") }

  static func isJSONLines(_ name: String) -> Bool {
    name.lowercased().hasSuffix(".jsonl") || name.lowercased().hasSuffix(".ndjson")
  }

  mutating func read(
    _ line: [UInt8],
    number: Int,
    _ body: (String, EvaluationText) throws -> Void
  ) throws {
    let isBlank = line.allSatisfy { $0 == 0x20 || 0x09...0x0d ~= $0 }
    if holdsJSONLines {
      guard !isBlank else { return }
      return try readJSON(line, place: "\(place), line \(number)", body)
    }
    if isBlank { return try finish(body) }
    guard !line.contains(0) else { throw notText(number) }
    // Checks the encoding, with the place of the first byte that is not valid.
    let origin = Origin(file: place, line: number)
    passage += try TextHygiene.decoded(line, encoding: .utf8, origin: origin) + [10]
    if passage.count > 1 << 24 { try finish(body) }
  }

  /// Hands over the paragraph that the last line ended.
  mutating func finish(_ body: (String, EvaluationText) throws -> Void) throws {
    guard !passage.isEmpty else { return }
    try body(name, .passage(passage))
    passage.removeAll(keepingCapacity: true)
  }

  /// Reads a file that is one JSON value, or JSON Lines under the wrong name.
  mutating func readValue(
    _ bytes: [UInt8],
    _ body: (String, EvaluationText) throws -> Void
  ) throws {
    if let value = json(bytes) {
      return try reader.strings(in: value, isWanted: reader.fields.isEmpty) { try body(name, $0) }
    }
    holdsJSONLines = true
    for (index, line) in bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
      try read(Array(line), number: index + 1, body)
    }
  }

  private func readJSON(
    _ line: [UInt8],
    place: String,
    _ body: (String, EvaluationText) throws -> Void
  ) throws {
    guard let value = json(line) else {
      throw Failure(
        what: "the line is not JSON",
        place: place,
        remedy: "give JSON Lines with one object a line, or name a file of plain text `.txt`"
      )
    }
    try reader.strings(in: value, isWanted: reader.fields.isEmpty) { try body(name, $0) }
  }

  private func json(_ bytes: [UInt8]) -> Any? {
    try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
  }

  private func notText(_ line: Int) -> Failure {
    Failure(
      what: "the file is not text: it holds a zero byte",
      place: "\(place), line \(line)",
      remedy: "give JSON Lines, JSON or text in UTF-8"
    )
  }
}
