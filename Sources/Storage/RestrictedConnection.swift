// The one door to SQLite's own interface: a read-only connection on which a user's expression may
// read the columns of `corpus`, call harmless functions, and nothing else.
//
// GRDB is not used here since it sets an authorizer of its own with every statement. Unsafe code:
// SQLite hands out raw handles and C strings, and calls back with a raw context.

import Documents
import Files
private import GRDBSQLite

/// A connection under an authorizer, limits and a count of steps.
@safe struct RestrictedConnection: ~Copyable {
  // Unsafe because SQLite hands out a raw handle; it is opened in init, closed in deinit and never
  // leaves this noncopyable value.
  private let handle: OpaquePointer
  // Held here because SQLite keeps an unretained pointer to it until the handle is closed.
  private let guardian = AccessGuard()
  private let path: String

  /// Opens an index to read it.
  ///
  /// - Parameters:
  ///   - path: The index, for messages.
  ///   - address: What SQLite opens: the path, or a `file:` address.
  ///   - mapped: Whether to map the file into memory, which is faster and counts as memory.
  /// - Throws: ``Failure`` where it cannot be opened.
  init(path: String, address: String, mapped: Bool = true) throws {
    self.path = path
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI
    let status = unsafe sqlite3_open_v2(address, &opened, flags, nil)
    guard status == SQLITE_OK, let handle = unsafe opened else {
      unsafe sqlite3_close_v2(opened)
      throw Failure(
        what: "the index cannot be read (SQLite's status \(status))",
        place: path,
        remedy: "make the workspace readable, or name another one with -w"
      )
    }
    unsafe self.handle = unsafe handle
    unsafe sqlite3_busy_timeout(handle, 10_000)
    // A whole corpus is read once from end to end: a map of the file saves its copies.
    unsafe sqlite3_exec(
      handle,
      "PRAGMA query_only = ON; PRAGMA mmap_size = \(mapped ? 17_179_869_184 : 0)",
      nil,
      nil,
      nil
    )
    unsafe _disableDoubleQuotedStringLiterals(handle)
    for (limit, value) in [
      (SQLITE_LIMIT_LENGTH, 16_777_216), (SQLITE_LIMIT_SQL_LENGTH, 16_777_216),
      (SQLITE_LIMIT_ATTACHED, 0),
      // The view `missingValue`, which SQLite parses with the rest, has a part for each metric.
      (SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1_000), (SQLITE_LIMIT_COMPOUND_SELECT, 100),
      (SQLITE_LIMIT_FUNCTION_ARG, 100), (SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
      unsafe sqlite3_limit(handle, limit, Int32(value))
    }
    let context = unsafe Unmanaged.passUnretained(guardian).toOpaque()
    unsafe sqlite3_set_authorizer(
      handle,
      { context, action, first, second, _, view in
        guard let context = unsafe context else { return SQLITE_DENY }
        func text(_ pointer: UnsafePointer<CChar>?) -> String? {
          unsafe pointer.map { unsafe String(cString: $0) }
        }
        let guardian = unsafe Unmanaged<AccessGuard>.fromOpaque(context).takeUnretainedValue()
        return unsafe guardian.allows(action, text(first), text(second), inside: text(view))
          ? SQLITE_OK : SQLITE_DENY
      },
      context
    )
    unsafe sqlite3_progress_handler(
      handle,
      AccessGuard.stepsPerTick,
      { context in
        guard let context = unsafe context else { return 1 }
        let guardian = unsafe Unmanaged<AccessGuard>.fromOpaque(context).takeUnretainedValue()
        return guardian.mayGoOn() ? 0 : 1
      },
      context
    )
  }

  deinit {
    unsafe sqlite3_close_v2(handle)
  }

  /// Checks a filter by compiling it.
  ///
  /// - Parameters:
  ///   - filter: The expression.
  ///   - place: Whose filter it is, for messages.
  ///   - several: The columns that a name could stand for, by the name in lower case.
  /// - Returns: The columns that it reads, in the order in which it names them.
  /// - Throws: ``Failure`` of usage that says what is not allowed or not known.
  func columns(
    ofFilter filter: String,
    place: String,
    several: [String: [String]] = [:]
  ) throws -> [String] {
    if let refusal = FilterExpression.refusal(of: filter) {
      throw refused(filter, because: refusal, place: place)
    }
    guardian.begin()
    unsafe sqlite3_limit(handle, SQLITE_LIMIT_EXPR_DEPTH, Int32(FilterExpression.mostDepth))
    // In WHERE, where aggregates and window functions are errors.
    let statement = try unsafe statement("SELECT 1 FROM corpus WHERE (\(filter))") { message in
      let name = message.split(separator: " ").last.map { $0.lowercased() } ?? ""
      let columns = message.hasPrefix("no such column") ? several[name] : nil
      let reason = columns.map { columns in
        "several judges have scored by `\(name)`; write \(columns.joined(separator: " or "))"
      }
      return refused(filter, because: reason ?? message, place: place)
    }
    unsafe sqlite3_finalize(statement)
    var seen: Set<String> = []
    return guardian.columns.filter { !$0.isEmpty && seen.insert($0).inserted }
  }

  /// Runs a query over `corpus` whose filters have been checked.
  ///
  /// - Parameters:
  ///   - sql: The query.
  ///   - texts: The values of its parameters.
  ///   - documents: The documents in the index, which bound the steps that it may take.
  ///   - body: Receives each row.
  /// - Throws: ``Failure`` where an expression fails or takes too long; what `body` throws.
  func forEachRow(
    of sql: String,
    binding texts: [String],
    documents: Int,
    _ body: (borrowing CorpusRow) throws -> Void
  ) throws {
    guardian.begin(
      mostSteps: documents.multipliedReportingOverflow(by: FilterExpression.mostStepsPerDocument)
        .partialValue
    )
    // The query puts a few levels of its own around the filters.
    unsafe sqlite3_limit(handle, SQLITE_LIMIT_EXPR_DEPTH, Int32(FilterExpression.mostDepth + 20))
    let statement = try unsafe statement(sql) { message in
      Failure(what: message, place: path, remedy: "report this message")
    }
    defer { unsafe sqlite3_finalize(statement) }
    for (index, text) in texts.enumerated() {
      // The last argument makes SQLite copy the text (SQLITE_TRANSIENT).
      let copying = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
      unsafe sqlite3_bind_text(
        statement,
        Int32(index + 1),
        text,
        Int32(text.utf8.count),
        copying
      )
    }
    while true {
      let status = unsafe sqlite3_step(statement)
      if status == SQLITE_DONE { return }
      guard status == SQLITE_ROW else { throw stepFailure(status) }
      try body(unsafe CorpusRow(statement: statement))
    }
  }

  /// Compiles one statement.
  private func statement(
    _ sql: String,
    failure: (String) -> Failure
  ) throws -> OpaquePointer {
    var compiled: OpaquePointer?
    let status = unsafe sqlite3_prepare_v2(handle, sql, -1, &compiled, nil)
    guard status == SQLITE_OK, let statement = unsafe compiled else {
      throw failure(guardian.refusal ?? message())
    }
    return unsafe statement
  }

  private func message() -> String {
    unsafe sqlite3_errmsg(handle).map { unsafe String(cString: $0) } ?? "SQLite gives no reason"
  }

  private func refused(_ filter: String, because reason: String, place: String) -> Failure {
    Failure(
      .usage,
      what: "the filter `\(filter.prefix(200))` cannot be used: \(reason)",
      place: place,
      remedy:
        "write one expression over the columns of `corpus`, which `blalm index schema -w DIR` "
        + "lists (`blalm measure` adds those of metrics); the guide of filters lists the functions"
    )
  }

  private func stepFailure(_ status: Int32) -> Failure {
    if status == SQLITE_INTERRUPT {
      return Failure(
        .usage,
        what:
          "the filters take more than \(FilterExpression.mostStepsPerDocument) steps a document",
        place: path,
        remedy: "write shorter filters"
      )
    }
    return Failure(
      what: "the documents cannot be read and filtered: \(message())",
      place: path,
      remedy: "if a filter calls the function that fails, mend the filter; else restore the index, "
        + "or delete the workspace and build it again"
    )
  }
}

/// A row of a query, valid until the next one is asked for; reads by position and copies nothing
/// that is not asked for.
@safe struct CorpusRow: ~Copyable {
  // Unsafe because it is SQLite's own handle; it lives as long as the call that lends the row.
  fileprivate let statement: OpaquePointer

  fileprivate init(statement: OpaquePointer) { unsafe self.statement = unsafe statement }

  /// A whole number; 0 for NULL.
  func integer(_ column: Int) -> Int {
    Int(unsafe sqlite3_column_int64(statement, Int32(column)))
  }

  /// A number; 0 for NULL.
  func number(_ column: Int) -> Double { unsafe sqlite3_column_double(statement, Int32(column)) }

  /// A value with its own type, or `nil` for NULL.
  func value(_ column: Int) -> MetadataValue? {
    switch unsafe sqlite3_column_type(statement, Int32(column)) {
    case SQLITE_NULL: return nil
    case SQLITE_INTEGER: return .integer(integer(column))
    case SQLITE_FLOAT: return .number(number(column))
    default:
      let bytes = withBytes(column) { bytes in bytes.indices.map { bytes[$0] } }
      return .text(String(decoding: bytes, as: UTF8.self))
    }
  }

  /// What kind of value stands in a column.
  func kind(_ column: Int) -> ColumnValue.Kind {
    switch unsafe sqlite3_column_type(statement, Int32(column)) {
    case SQLITE_NULL: .null
    case SQLITE_INTEGER, SQLITE_FLOAT: .number
    default: .text
    }
  }

  /// Calls a function with the bytes of a text; a number's are its digits.
  func withBytes<Value>(_ column: Int, _ body: (Span<UInt8>) throws -> Value) rethrows -> Value {
    // Unsafe because SQLite lends the bytes until the next row; the span does not leave the call.
    let start = unsafe sqlite3_column_text(statement, Int32(column))
    let count = Int(unsafe sqlite3_column_bytes(statement, Int32(column)))
    let buffer = unsafe UnsafeBufferPointer(start: start, count: start == nil ? 0 : count)
    return try body(unsafe buffer.span)
  }

  /// An identity, or `nil` where the text is none.
  func id(_ column: Int) -> DocumentID? {
    withBytes(column) { bytes in
      bytes.count == 32 ? DocumentID(hexadecimal: bytes, at: 0) : nil
    }
  }
}

/// What a statement may do, and what it has done.
private final class AccessGuard {
  /// The steps of SQLite's machine between two looks at the clock of steps.
  static let stepsPerTick: Int32 = 1_000
  /// What any query may take beside its documents.
  private static let freeSteps = 100_000

  private(set) var refusal: String?
  private(set) var columns: [String] = []
  private var steps = 0
  private var mostSteps = Int.max

  /// Forgets the statement before.
  func begin(mostSteps: Int = 0) {
    refusal = nil
    columns = []
    steps = 0
    self.mostSteps = mostSteps &+ AccessGuard.freeSteps
  }

  func allows(_ action: Int32, _ first: String?, _ second: String?, inside view: String?) -> Bool {
    switch action {
    case SQLITE_SELECT: return true
    case SQLITE_READ where view == "corpus", SQLITE_FUNCTION where view == "corpus": return true
    case SQLITE_READ:
      guard first == "corpus" else { return refuse("the table `\(first ?? "")`") }
      columns.append(second ?? "")
      return true
    case SQLITE_FUNCTION:
      let name = second?.lowercased() ?? ""
      return FilterExpression.functions.contains(name) || refuse("the function `\(name)`")
    default: return refuse("anything but reading columns")
    }
  }

  func mayGoOn() -> Bool {
    steps += Int(AccessGuard.stepsPerTick)
    return steps <= mostSteps
  }

  private func refuse(_ what: String) -> Bool {
    refusal = refusal ?? "\(what) is not allowed"
    return false
  }
}
