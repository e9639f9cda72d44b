import Foundation
import GRDB

/// What the ledger holds of a stage that has finished.
public struct StageRecord: Sendable, Equatable {
  /// The stage with its object, such as `ingest childes`.
  public let name: String
  /// The SHA-256 over inputs, settings and version.
  public let fingerprint: String
  /// What the stage wrote, relative to the workspace.
  public let outputs: [String]
  /// The report as JSON.
  public let report: String
  /// How long it took.
  public let seconds: Double

  /// Creates a record.
  ///
  /// - Parameters:
  ///   - name: The stage with its object.
  ///   - fingerprint: The SHA-256 over inputs, settings and version.
  ///   - outputs: What the stage wrote, relative to the workspace.
  ///   - report: The report as JSON.
  ///   - seconds: How long it took.
  public init(
    name: String,
    fingerprint: String,
    outputs: [String],
    report: String,
    seconds: Double
  ) {
    self.name = name
    self.fingerprint = fingerprint
    self.outputs = outputs
    self.report = report
    self.seconds = seconds
  }
}

/// A file that a stage wrote, as it was when the stage ended.
package struct OutputFile: Sendable, Equatable {
  /// The path, relative to the workspace.
  package let path: String
  /// The stage with its object.
  package let stage: String
  /// The size.
  package let bytes: Int
  /// The digest.
  package let sha256: String

  /// Creates a file's record.
  package init(path: String, stage: String, bytes: Int, sha256: String) {
    self.path = path
    self.stage = stage
    self.bytes = bytes
    self.sha256 = sha256
  }
}

extension CorpusIndex {
  /// What the ledger holds of a stage.
  ///
  /// - Parameter name: The stage with its object.
  /// - Returns: The record, or `nil` where the stage has not finished.
  /// - Throws: ``Failure`` where the index cannot be read.
  public func stage(_ name: String) throws -> StageRecord? {
    try read { database in
      try Row.fetchOne(database, sql: "SELECT * FROM stage WHERE name = ?", arguments: [name])
        .map(stageRecord)
    }
  }

  /// Every finished stage, in the order of finishing.
  ///
  /// - Returns: The records.
  /// - Throws: ``Failure`` where the index cannot be read.
  public func stages() throws -> [StageRecord] { try read(stages(in:)) }

  func stages(in database: Database) throws -> [StageRecord] {
    try Row.fetchAll(database, sql: "SELECT * FROM stage ORDER BY finishedAt, name")
      .map(stageRecord)
  }

  /// Strikes a stage from the ledger, before its outputs are touched.
  ///
  /// - Parameter name: The stage with its object.
  /// - Throws: ``Failure`` where the index cannot be written.
  package func forgetStage(_ name: String) throws {
    try write { try $0.execute(sql: "DELETE FROM stage WHERE name = ?", arguments: [name]) }
  }

  /// Enters a finished stage.
  ///
  /// - Parameters:
  ///   - record: The record.
  ///   - files: What the stage wrote, so that a bit that flips later is noticed.
  /// - Throws: ``Failure`` where the index cannot be written.
  package func recordStage(_ record: StageRecord, files: [OutputFile] = []) throws {
    let outputs = try String(decoding: JSONEncoder().encode(record.outputs), as: UTF8.self)
    try write { database in
      try database.execute(
        sql: """
          INSERT OR REPLACE INTO stage VALUES (?, ?, ?, ?, ?, strftime('%Y-%m-%dT%H:%M:%fZ'))
          """,
        arguments: [record.name, record.fingerprint, outputs, record.report, record.seconds]
      )
      for file in files {
        try database.execute(
          sql: "INSERT OR REPLACE INTO output VALUES (?, ?, ?, ?)",
          arguments: [file.path, record.name, file.bytes, file.sha256]
        )
      }
    }
  }

  /// The files that finished stages wrote, but for shards, which have a table of their own.
  ///
  /// - Returns: The files, by path.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func outputFiles() throws -> [OutputFile] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT path, stage, bytes, sha256 FROM output ORDER BY path")
        .map { OutputFile(path: $0[0], stage: $0[1], bytes: $0[2], sha256: $0[3]) }
    }
  }

  /// The SHA-256 of an input file, from the index where size and time are those of the last look.
  ///
  /// - Parameter path: The file.
  /// - Returns: The digest.
  /// - Throws: ``Failure`` where the file cannot be read.
  package func digest(ofInput path: String) throws -> String {
    let file = URL(filePath: path).standardizedFileURL.path
    let attributes = try? FileManager.default.attributesOfItem(atPath: file)
    let bytes = (attributes?[.size] as? NSNumber)?.intValue ?? -1
    let modified = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    let held = try read { database in
      try String.fetchOne(
        database,
        sql: "SELECT sha256 FROM inputFile WHERE path = ? AND bytes = ? AND modified = ?",
        arguments: [file, bytes, modified]
      )
    }
    if let held { return held }
    let digest = try digestOfFile(file)
    try write { database in
      try database.execute(
        sql: "INSERT OR REPLACE INTO inputFile VALUES (?, ?, ?, ?)",
        arguments: [file, digest.bytes, modified, digest.sha256]
      )
    }
    return digest.sha256
  }
}

private func stageRecord(_ row: Row) -> StageRecord {
  let outputs: String = row["outputs"]
  return StageRecord(
    name: row["name"],
    fingerprint: row["fingerprint"],
    outputs: (try? JSONDecoder().decode([String].self, from: Data(outputs.utf8))) ?? [],
    report: row["report"],
    seconds: row["seconds"]
  )
}
