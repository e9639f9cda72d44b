import Foundation

/// The blalm program as a user runs it: the executable that was built beside the tests.
public enum Program {
  /// What a run of the program left.
  public struct Result: Sendable {
    /// The exit status.
    public let status: Int32
    /// What it printed on standard output.
    public let output: String
    /// What it printed on standard error.
    public let errors: String
  }

  /// The package's root folder.
  public static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// The executable: beside the test bundle.
  public static var path: String {
    let test = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    return test.deletingLastPathComponent().appending(path: "blalm").path
  }

  /// Starts the program.
  ///
  /// - Parameters:
  ///   - arguments: The arguments.
  ///   - input: What it reads on standard input.
  ///   - environment: What is added to the environment.
  /// - Returns: What it left.
  /// - Throws: Where the program cannot be started.
  public static func run(
    _ arguments: [String],
    input: String = "",
    environment: [String: String] = [:]
  ) throws -> Result {
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    // Files, not pipes: a pipe nobody reads fills up and stops the program.
    let standardInput = try folder.write("in", input)
    let output = try folder.write("out", "")
    let errors = try folder.write("err", "")
    process.standardInput = FileHandle(forReadingAtPath: standardInput)
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: errors)
    try process.run()
    process.waitUntilExit()
    return Result(
      status: process.terminationReason == .exit ? process.terminationStatus : -1,
      output: try text(of: output),
      errors: try text(of: errors)
    )
  }

  /// A file's text; a model's text may end inside a character.
  private static func text(of path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
  }
}
