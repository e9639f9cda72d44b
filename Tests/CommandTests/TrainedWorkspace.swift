import Foundation
import TestSupport
import Testing

/// A workspace of the samples with a small trained run, as the recipe of ``BuildTests`` makes it.
///
/// It is built once; each value is a copy of its own.
struct TrainedWorkspace {
  /// The workspace's path.
  let path: String
  private let build: BuildTests

  init() throws {
    build = try BuildTests()
    path = build.folder("w")
    try FileManager.default.copyItem(atPath: TrainedWorkspace.built.get(), toPath: path)
  }

  /// The folder that the workspace stands in.
  var folder: TemporaryFolder { build.folder }

  /// The recipe that it was built by.
  func recipe() throws -> String { try build.recipe() }

  /// Runs the program, which must succeed.
  ///
  /// - Returns: What it printed on standard output.
  func run(
    _ arguments: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    let result = try Program.run(arguments)
    #expect(result.status == 0, "\(result.errors)", sourceLocation: sourceLocation)
    return result.output
  }

  private static let built = Result {
    let build = try BuildTests()
    build.folder.keepUntilExit()
    _ = try build.build(build.recipe(), workspace: build.folder("w"))
    return build.folder("w")
  }
}
