// The fields of FineWeb-Edu's rows, the same whether they stood in a JSON line or in a Parquet file.
//
// A field of another kind than the data set documents costs only itself.

import Documents

/// A field that the data set documents.
enum FineWebEduField: String, CaseIterable {
  case text
  case id
  case url
  case dump
  case score
  case intScore = "int_score"
  case language
  case languageScore = "language_score"
  case tokenCount = "token_count"

  /// The names of the fields that are read.
  static let names = Set(allCases.map(\.rawValue))
}

extension TextRow {
  /// Takes up a row of a Parquet file.
  ///
  /// - Throws: ``Failure`` where a field's text is not valid UTF-8.
  init(fineWebEdu rows: ParquetRows, _ row: Int) throws {
    self.init()
    metadata.reserveCapacity(FineWebEduField.allCases.count)
    for column in rows.columns {
      guard let field = FineWebEduField(rawValue: column.column.name) else { continue }
      if field == .text {
        text = column.bytes(row)
        continue
      }
      switch try column.value(row) {
      case nil, .flag, .list: break
      case .integer(let value): set(field, .integer(value))
      case .number(let value): set(field, .number(value))
      case .text(let value): set(field, .text(value))
      case .bytes(let value):
        if let text = String(validating: value, as: UTF8.self) { set(field, .text(text)) }
      }
    }
  }

  /// Takes up a line of JSON, of a name that stands twice the last value.
  ///
  /// - Parameter line: Valid UTF-8.
  /// - Throws: ``JSONScanner/Malformed`` where the line is not JSON, or JSON but no object.
  init(fineWebEdu line: [UInt8]) throws(JSONScanner.Malformed) {
    var scanner = JSONScanner(line)
    var row = TextRow()
    row.metadata.reserveCapacity(FineWebEduField.allCases.count)
    let isObject = try scanner.object { name, scanner throws(JSONScanner.Malformed) in
      guard let field = FineWebEduField(rawValue: String(decoding: name, as: UTF8.self)) else {
        return
      }
      switch try scanner.value() {
      case .null, .flag, .other: break
      case .integer(let value): row.set(field, .integer(value))
      case .number(let value): row.set(field, .number(value))
      case .text(let value):
        if field == .text {
          row.text = value
        } else {
          row.set(field, .text(String(decoding: value, as: UTF8.self)))
        }
      }
    }
    guard isObject else { throw .init(what: "JSON, but no object,", offset: 0) }
    self = row
  }

  /// Takes up a value of its field's kind; any other is left out.
  private mutating func set(_ field: FineWebEduField, _ value: MetadataValue) {
    switch (field, value) {
    case (.id, .text(let value)): id = value.isEmpty ? nil : value
    case (.id, .integer(let value)): id = "\(value)"
    case (.url, .text), (.dump, .text), (.language, .text): metadata[field.rawValue] = value
    case (.score, .number(let number)), (.languageScore, .number(let number)):
      if number.isFinite { metadata[field.rawValue] = value }
    case (.score, .integer(let number)), (.languageScore, .integer(let number)):
      metadata[field.rawValue] = .number(Double(number))
    case (.intScore, .integer), (.tokenCount, .integer): metadata[field.rawValue] = value
    case (.intScore, .number(let number)), (.tokenCount, .number(let number)):
      if let whole = Int(exactly: number) { metadata[field.rawValue] = .integer(whole) }
    default: break
    }
  }
}
