import GRDB

/// What a source was read from, and how.
package struct SourceRecord: Sendable, Equatable {
  /// An input file.
  package struct File: Sendable, Codable, Equatable {
    /// Its name inside what was given.
    package let file: String
    /// Its SHA-256, or `nil` for standard input.
    package let sha256: String?

    /// Creates a file.
    ///
    /// - Parameters:
    ///   - file: Its name inside what was given.
    ///   - sha256: Its SHA-256, or `nil` for standard input.
    package init(file: String, sha256: String?) {
      self.file = file
      self.sha256 = sha256
    }
  }

  /// The reader's name.
  package let format: String
  /// The reader's options as JSON.
  package let options: String
  /// The input files, by name.
  package let files: [File]

  /// Creates a record.
  ///
  /// - Parameters:
  ///   - format: The reader's name.
  ///   - options: The reader's options as JSON.
  ///   - files: The input files, by name.
  package init(format: String, options: String, files: [File]) {
    self.format = format
    self.options = options
    self.files = files
  }
}

extension CorpusIndex {
  /// What a source was read from, and how.
  ///
  /// - Parameter name: The source's name.
  /// - Returns: The record, or `nil` where there is no such source.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func source(_ name: String) throws -> SourceRecord? {
    try read { database in
      let source = try Row.fetchOne(
        database,
        sql: "SELECT format, options FROM source WHERE name = ?",
        arguments: [name]
      )
      let files = try Row.fetchAll(
        database,
        sql: "SELECT file, sha256 FROM sourceFile WHERE source = ? ORDER BY file",
        arguments: [name]
      )
      return source.map { source in
        SourceRecord(
          format: source[0],
          options: source[1],
          files: files.map { SourceRecord.File(file: $0[0], sha256: $0[1]) }
        )
      }
    }
  }
}
