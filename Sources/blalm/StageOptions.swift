import ArgumentParser
import Foundation
import Pipeline
import Storage

/// What every stage's command understands.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print the report as one JSON object on standard output.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print no progress on standard error.")
  var quiet = false

  /// Prints a stage's report in the form that was asked for.
  func show(_ report: StageReport) {
    print(json ? report.json : report.summary)
  }
}

/// The workspace and the output of a stage's command.
struct StageOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "The workspace's folder.")
  var workspace: String

  @OptionGroup var output: OutputOptions

  /// Opens the workspace to write, runs a stage on it and prints its report.
  ///
  /// - Parameters:
  ///   - mayCreate: Whether to make the workspace where there is none.
  ///   - stage: The stage.
  /// - Throws: ``Failure`` where the workspace cannot be opened; what the stage throws.
  func run(mayCreate: Bool = false, _ stage: (StageContext) throws -> StageReport) throws {
    let session = try StageSession(workspace: workspace, output: output, mayCreate: mayCreate)
    let report = try stage(session.context)
    session.end()
    output.show(report)
    if report.status == .stopped { throw Interrupted() }
  }
}

/// A workspace opened to write, with progress on standard error and Ctrl-C as the stop signal.
struct StageSession {
  let context: StageContext
  private let printer: ProgressPrinter

  init(workspace: String, output: OutputOptions, mayCreate: Bool = true) throws {
    let printer = ProgressPrinter(quiet: output.quiet)
    self.printer = printer
    context = StageContext(
      workspace: try Workspace.openForWriting(workspace, mayCreate: mayCreate),
      stop: Interruption.signal,
      progress: { printer.show($0) }
    )
  }

  /// Removes the progress line.
  func end() { printer.clear() }
}
