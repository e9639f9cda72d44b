import Documents
import Files

/// Reads comma-separated values of any origin (RFC 4180): one record, one document.
///
/// Quoted fields may hold line ends, delimiters and doubled quotation marks. Which column is the text,
/// and which the identity, are options; every other column is kept as metadata under its own name, as
/// a number where it is one. Files may be compressed, or lie in zips and tars.
public struct CSVReader: SourceReader {
  /// What a recipe may set.
  public struct Options: Codable, Equatable, Sendable {
    /// The column that holds the text.
    public var text: String
    /// The column that holds the identity; a record without it is known by file and ordinal.
    public var id: String
    /// The columns to keep as metadata, or `nil` for all.
    public var metadata: [String]?
    /// Whether the first record names the columns; if not their names are 1, 2, 3 and so on.
    public var header: Bool
    /// The one ASCII character between two fields, or `nil` for a tab where the first line has more
    /// tabs than commas, else a comma.
    public var delimiter: String?
    /// The encoding of the files.
    public var encoding: TextEncoding
    /// The licence of every document, as an SPDX identifier where one exists.
    public var license: String

    /// Creates options.
    ///
    /// - Parameters:
    ///   - text: The column that holds the text.
    ///   - id: The column that holds the identity.
    ///   - metadata: The columns to keep as metadata, or `nil` for all.
    ///   - header: Whether the first record names the columns.
    ///   - delimiter: The character between two fields, or `nil` to find out.
    ///   - encoding: The encoding of the files.
    ///   - license: The licence of every document.
    public init(
      text: String = "text",
      id: String = "id",
      metadata: [String]? = nil,
      header: Bool = true,
      delimiter: String? = nil,
      encoding: TextEncoding = .utf8,
      license: String = "unknown"
    ) {
      self.text = text
      self.id = id
      self.metadata = metadata
      self.header = header
      self.delimiter = delimiter
      self.encoding = encoding
      self.license = license
    }
  }

  /// The extensions of this source's files.
  public static let extensions = ["csv", "tsv"] + archiveExtensions

  /// The version of the rules.
  public let version = 1
  /// The recipe's name for the source.
  public let source: String
  /// What the recipe sets.
  public let options: Options

  /// Creates a reader.
  ///
  /// - Parameters:
  ///   - source: The recipe's name for the source.
  ///   - options: What the recipe sets.
  public init(source: String = "csv", options: Options = Options()) {
    self.source = source
    self.options = options
  }

  /// Hands over the records of a file; blank lines are passed over.
  ///
  /// - Parameters:
  ///   - input: A CSV file, plain or compressed, or an archive of such.
  ///   - body: Receives each record; what it throws ends the reading.
  /// - Throws: ``Failure`` where the file is empty, damaged, has no column for the text, holds no
  ///   record, or ends inside a quoted field.
  public func forEachRecord(
    in input: InputFile,
    _ body: (RawRecord) throws -> Void
  ) throws {
    var records = 0
    try forEachMember(of: input, extensions: ["csv", "tsv"]) { member in
      let delimiter = try delimiter(of: member)
      var splitter = CSVSplitter(member: member, delimiter: delimiter)
      var header: [UInt8]?
      var attributes = ["delimiter": String(decoding: [delimiter], as: UTF8.self)]
      var ordinal = 0
      func take(_ record: [UInt8], _ line: Int) throws {
        if header == nil, options.header {
          header = record
          try check(header: record, delimiter, of: member)
          attributes["header"] = String(decoding: try decoded(record, member), as: UTF8.self)
          return
        }
        let origin = Origin(file: member.name, line: line)
        try body(
          RawRecord(bytes: record, origin: origin, ordinal: ordinal, attributes: attributes)
        )
        ordinal += 1
      }
      try member.forEachChunk { try splitter.read($0, take) }
      try splitter.finish(take)
      records += ordinal
    }
    if records == 0 { throw nothingToRead(in: input, "no record") }
  }

  /// Makes a record's document.
  ///
  /// - Parameter record: A record.
  /// - Returns: The document, or a rejection: "malformed quotes", "wrong number of fields", "no text",
  ///   "empty text".
  /// - Throws: ``Failure`` where the record is not valid in the stated encoding.
  public func outcomes(of record: RawRecord) throws -> [IngestOutcome] {
    func rejected(_ reason: String, _ detail: String = "") -> [IngestOutcome] {
      [.rejection(Rejection(reason: reason, origin: record.origin, detail: detail))]
    }
    let bytes = try TextHygiene.decoded(
      record.bytes,
      encoding: options.encoding,
      origin: record.origin
    )
    let delimiter = record.attributes["delimiter"]?.utf8.first ?? UInt8(ascii: ",")
    guard let fields = csvFields(bytes, delimiter: delimiter) else {
      return rejected("malformed quotes")
    }
    let names: [String]
    if let header = record.attributes["header"] {
      names = columnNames(Array(header.utf8), delimiter) ?? []
      guard names.count == fields.count else {
        return rejected(
          "wrong number of fields",
          "\(fields.count) where the header has \(names.count)"
        )
      }
    } else {
      names = (1...fields.count).map(String.init)
    }
    var row = TextRow()
    for (name, field) in zip(names, fields) {
      if name == options.text {
        row.text = field
      } else if name == options.id {
        if !field.isEmpty { row.id = String(decoding: field, as: UTF8.self) }
      } else if options.metadata?.contains(name) ?? true, !field.isEmpty, !name.isEmpty {
        row.metadata[name] = value(of: field)
      }
    }
    let name = InputFile(path: "", name: record.origin.file).uncompressedName
    let outcome = try row.outcome(
      source: source,
      placeKey: "\(name)#\(record.ordinal)",
      license: options.license,
      origin: record.origin
    )
    return [outcome]
  }

  /// A field as a number where it is written as one, else as text.
  private func value(of field: [UInt8]) -> MetadataValue {
    let text = String(decoding: TextHygiene.withoutControls(field), as: UTF8.self)
    guard let first = field.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first)
    else {
      return .text(text)
    }
    if let number = Int(text), String(number) == text { return .integer(number) }
    let isDecimal =
      text.utf8.contains(UInt8(ascii: ".")) || text.utf8.contains { $0 | 0x20 == 0x65 }
    if isDecimal, let number = Double(text), number.isFinite { return .number(number) }
    return .text(text)
  }

  private func decoded(_ record: [UInt8], _ member: InputMember) throws -> [UInt8] {
    let origin = Origin(file: member.name, line: 1)
    return try TextHygiene.decoded(record, encoding: options.encoding, origin: origin)
  }

  private func columnNames(_ header: [UInt8], _ delimiter: UInt8) -> [String]? {
    csvFields(header, delimiter: delimiter)?
      .map { String(decoding: trimmed($0), as: UTF8.self) }
  }

  private func check(header: [UInt8], _ delimiter: UInt8, of member: InputMember) throws {
    let names = columnNames(try decoded(header, member), delimiter) ?? []
    guard !names.contains(options.text) else { return }
    throw Failure(
      what: "the file has no column `\(options.text)`; its first line has "
        + (names.isEmpty ? "malformed quotes" : names.prefix(20).joined(separator: ", ")),
      place: member.place,
      remedy: "name the column of the text with the reader option `text`, or set `header` to false"
    )
  }

  private func delimiter(of member: InputMember) throws -> UInt8 {
    if let given = options.delimiter {
      let bytes = Array(given.utf8)
      guard bytes.count == 1, bytes[0] < 0x80, bytes[0] != 0x0a, bytes[0] != UInt8(ascii: "\"")
      else {
        throw Failure(
          .usage,
          what: "`\(given)` cannot stand between two fields",
          place: "the reader option `delimiter`",
          remedy: "give one ASCII character, such as `;`"
        )
      }
      return bytes[0]
    }
    struct Told: Error {}
    var tabs = 0
    var commas = 0
    do {
      try member.forEachChunk { chunk in
        for index in chunk.indices {
          switch chunk[index] {
          case 0x0a: throw Told()
          case 0x09: tabs += 1
          case UInt8(ascii: ","): commas += 1
          default: break
          }
        }
      }
    } catch is Told {}
    return tabs > commas ? 0x09 : UInt8(ascii: ",")
  }
}
