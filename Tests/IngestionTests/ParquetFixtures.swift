import Foundation
import Ingestion

/// The Parquet files of `Fixtures`, which `Fixtures/make_parquet.py` wrote with pyarrow, and values
/// in the notation of `Fixtures/parquet_peer.py`.
enum ParquetFixture {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures")

  static func path(_ name: String) -> String { folder.appending(path: name).path }

  /// The values that pyarrow read back from the fixtures.
  static func values(_ key: String) throws -> [String: [String]] {
    let data = try Data(contentsOf: folder.appending(path: "parquet_values.json"))
    let all = try JSONDecoder().decode([String: [String: [String]]].self, from: data)
    return all[key] ?? [:]
  }

  /// A value as `parquet_peer.py` writes it.
  static func notation(_ value: ParquetValue?) -> String {
    switch value {
    case nil: "-"
    case .flag(let value): value ? "t" : "f"
    case .integer(let value): "\(value)"
    case .number(let value): value.isNaN ? "nan" : String(value.bitPattern, radix: 16)
    case .text(let value): "x" + Data(value.utf8).base64EncodedString()
    case .bytes(let value): "x" + Data(value).base64EncodedString()
    case .list(let values): "[" + values.map { notation($0) }.joined(separator: ",") + "]"
    }
  }

  /// Every value of every column that is not refused by name, and the reasons of the others.
  static func read(
    _ path: String
  ) throws -> (values: [String: [String]], refusals: [String: String]) {
    let file = try ParquetFile(path: path)
    var refusals: [String: String] = [:]
    var values: [String: [String]] = [:]
    for column in file.columns {
      if let refusal = column.refusal {
        refusals[column.name] = refusal
      } else {
        values[column.name] = []
      }
    }
    let readable = file.columns.filter { $0.refusal == nil }
    guard !readable.isEmpty else { return (values, refusals) }
    var next = 0
    try file.forEachStretch(of: readable) { stretch in
      let rows = try stretch.rows()
      guard rows.firstRow == next, rows.count == stretch.rowCount else {
        throw ParquetFixtureError.rowsOutOfOrder
      }
      next += rows.count
      for column in rows.columns {
        for row in 0..<rows.count {
          values[column.column.name]?.append(notation(try column.value(row)))
        }
      }
    }
    guard next == file.rowCount else { throw ParquetFixtureError.rowsOutOfOrder }
    return (values, refusals)
  }
}

enum ParquetFixtureError: Error {
  case rowsOutOfOrder
}
