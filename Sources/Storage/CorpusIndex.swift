// The index of a workspace: one SQLite file that sqlite3, Datasette and DuckDB open.
//
// Texts are not here but in the shards; the index says where they lie and what became of them.

import Files
import Foundation
package import GRDB

/// The SQLite index of a workspace.
///
/// One writer at a time (the workspace's lock sees to that), any number of readers.
public struct CorpusIndex: Sendable {
  package let database: any DatabaseWriter
  let path: String
  /// What another connection opens to read the same index: the path, or SQLite's address of a file
  /// that does not change.
  let readingAddress: String

  /// Opens the index to write, making it or bringing its schema up to date.
  ///
  /// - Parameter path: The file.
  /// - Throws: ``Failure`` where the file is damaged, read-only or of a newer schema.
  init(path: String) throws {
    self.path = path
    readingAddress = path
    do {
      var configuration = Configuration()
      configuration.busyMode = .timeout(10)
      configuration.prepareDatabase { database in
        try database.execute(sql: "PRAGMA foreign_keys = ON")
      }
      let pool = try DatabasePool(path: path, configuration: configuration)
      // Here, since opening the pool sets NORMAL: a power cut could then bring back a ledger that
      // is older than the files it speaks of.
      try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
      database = pool
      try CorpusIndex.refuseNewer(pool, path: path)
      try migrations.migrate(pool)
    } catch let error as DatabaseError {
      throw CorpusIndex.failure(error, path: path)
    }
  }

  /// Opens an existing index to read.
  ///
  /// - Parameter path: The file.
  /// - Throws: ``Failure`` where the file is damaged or of another schema.
  init(readingFrom path: String) throws {
    self.path = path
    // SQLite takes an empty file for a new database; here it is what a full disk left.
    let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    guard size != 0 else {
      throw Failure(
        what: "the index is empty",
        place: path,
        remedy: "run `blalm repair`, which makes it anew from the shards"
      )
    }
    readingAddress =
      CorpusIndex.isSettled(path) ? CorpusIndex.unchangingAddress(of: path) : path
    do {
      var configuration = Configuration()
      configuration.busyMode = .timeout(10)
      configuration.readonly = true
      let queue = try DatabaseQueue(path: readingAddress, configuration: configuration)
      database = queue
      try CorpusIndex.refuseNewer(queue, path: path)
      let complete = try queue.read { try migrations.hasCompletedMigrations($0) }
      guard complete else {
        throw Failure(
          what: "the index is of an older schema",
          place: path,
          remedy: "run `blalm build` once; it brings the index up to date"
        )
      }
    } catch let error as DatabaseError {
      throw CorpusIndex.failure(error, path: path)
    }
  }

  /// Whether nobody can write to the index, nor has anything of it outside its own file.
  ///
  /// SQLite shares its log between readers and a writer through files beside the index, which it
  /// cannot make on a disk or in a folder that is read-only.
  private static func isSettled(_ path: String) -> Bool {
    let folder = (path as NSString).deletingLastPathComponent
    let log = try? FileManager.default.attributesOfItem(atPath: path + "-wal")
    // Unsafe because the call takes a C string, which Swift makes and frees around it.
    return unsafe access(folder.isEmpty ? "." : folder, W_OK) != 0
      && (log?[.size] as? Int ?? 0) == 0
  }

  /// The index's path as SQLite writes that of a file which does not change.
  private static func unchangingAddress(of path: String) -> String {
    URL(fileURLWithPath: path).absoluteString + "?immutable=1"
  }

  /// Reads in one consistent view.
  package func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
    do {
      return try database.read(body)
    } catch let error as DatabaseError {
      throw CorpusIndex.failure(error, path: path)
    }
  }

  /// Writes in one transaction: all of it happens, or nothing.
  package func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
    do {
      return try database.writeWithoutTransaction { database in
        var value: Value?
        try database.inTransaction(.immediate) {
          value = try body(database)
          return .commit
        }
        guard let value else { preconditionFailure("a committed transaction gave no value") }
        return value
      }
    } catch let error as DatabaseError {
      throw CorpusIndex.failure(error, path: path)
    }
  }

  private static func refuseNewer(_ reader: any DatabaseReader, path: String) throws {
    let superseded = try reader.read { try migrations.hasBeenSuperseded($0) }
    guard !superseded else {
      throw Failure(
        what: "the index was written by a newer blalm with another schema",
        place: path,
        remedy: "update blalm, or name a new workspace with -w"
      )
    }
  }

  /// SQLite's error as a failure that says what to do.
  private static func failure(_ error: DatabaseError, path: String) -> Failure {
    let remedy =
      switch error.resultCode {
      case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
        "make the workspace writable, copy it to a writable disk, or name another one with -w"
      case .SQLITE_FULL: "free some space and run the same command again; nothing was half-written"
      case .SQLITE_IOERR:
        "check the disk, its free space and the limits on files, then run the same command again; "
          + "nothing was half-written"
      case .SQLITE_BUSY: "wait until the other program has closed the index"
      case .SQLITE_NOTADB, .SQLITE_CORRUPT:
        "restore the file, or run `blalm repair`, which makes it anew from the shards"
      default: "run the same command again; if it fails again, report this message"
      }
    let message = error.message ?? "SQLite error"
    return Failure(
      what: "the index cannot be used: \(message) (SQLite error \(error.resultCode.rawValue))",
      place: path,
      remedy: remedy
    )
  }
}

/// The version of the SQLite library in use, such as `3.40.1`.
///
/// - Returns: The version.
public func sqliteVersion() -> String {
  (try? DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") })
    .flatMap { $0 } ?? "unknown"
}
