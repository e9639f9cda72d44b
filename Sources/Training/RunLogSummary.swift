// The newest lines of a run's log, read while the run may be going on.

import Files
private import Foundation

/// What a run's log tells of where it stands.
public struct RunLogSummary: Sendable, Equatable {
  /// The newest step; `nil` before the first.
  public private(set) var last: LogEntry.Step?
  /// The newest evaluation.
  public private(set) var evaluation: LogEntry.Evaluation?
  /// All warnings.
  public private(set) var warnings: [String] = []

  /// Reads the log of a run; a line that is being written is passed over, and a run that has not yet
  /// made its log has done nothing.
  ///
  /// - Parameter directory: The run's folder.
  /// - Throws: `Failure` where the log cannot be read.
  public init(directory: String) throws {
    let path = directory + "/log.jsonl"
    guard FileManager.default.fileExists(atPath: path) else { return }
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: path))
    } catch {
      throw Failure(
        what: "the log cannot be read (\(error.localizedDescription))",
        place: path,
        remedy: "check the file's permissions, or remove the run's folder"
      )
    }
    let decoder = JSONDecoder()
    for line in data.split(separator: UInt8(ascii: "\n")).reversed() {
      if last == nil, let step = try? decoder.decode(LogEntry.Step.self, from: line) {
        last = step
      } else if evaluation == nil {
        evaluation = try? decoder.decode(LogEntry.Evaluation.self, from: line)
      }
      if last != nil && evaluation != nil { break }
    }
    warnings = data.split(separator: UInt8(ascii: "\n"))
      .filter { $0.range(of: Data("\"warning\"".utf8)) != nil }
      .compactMap { try? decoder.decode(LogEntry.Warning.self, from: $0).warning }
  }
}
