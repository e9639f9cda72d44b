// What a workspace holds, in sum, for people and as JSON.

import Foundation
public import Storage

/// What a workspace holds, in sum.
public struct WorkspaceStatus: Sendable, Encodable {
  /// The folder.
  public let workspace: String
  /// The sources.
  public let sources: [SourceSummary]
  /// The selections, by split and source.
  public let selections: [SelectionSummary]
  /// The stages that are done, in the order of finishing.
  public let stages: [StageReport]
  /// The runs' folders, finished or not.
  public let runs: [String]

  /// Looks at a workspace.
  ///
  /// - Parameter workspace: The workspace.
  /// - Throws: ``Failure`` where the index cannot be read.
  public init(_ workspace: Workspace) throws {
    self.workspace = workspace.path
    let summary = try workspace.index.summary()
    sources = summary.sources
    selections = summary.selections
    stages = summary.stages.compactMap {
      try? JSONDecoder().decode(StageReport.self, from: Data($0.report.utf8))
    }
    let names = try? FileManager.default.contentsOfDirectory(atPath: workspace.path(of: "runs"))
    runs = (names ?? []).sorted()
  }

  /// The status as one JSON object with sorted keys.
  public var json: String { canonicalJSON(self) }
}
