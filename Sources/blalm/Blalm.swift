// The program's entry: parses arguments, runs one command, turns errors into exit statuses.

import ArgumentParser
import Files
import Foundation
import Pipeline

/// The root command.
struct Blalm: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "blalm",
    abstract: "Make small, clean training corpora, and train small language models on them.",
    discussion: """
      Exit status: 0 done, 1 the work failed, 64 bad usage, 130 interrupted.
      """,
    version: "blalm \(blalmVersion)",
    subcommands: [
      BuildCommand.self, IngestCommand.self, MeasureCommand.self, DedupeCommand.self,
      DecontaminateCommand.self, ScoreCommands.self, RubricCommand.self, SelectCommand.self,
      CompareCommand.self, TokenizerCommand.self, TokenizeCommand.self, TrainCommand.self,
      RunsCommand.self, SweepCommand.self, EvaluateCommand.self, GenerateCommand.self,
      StatusCommand.self, ShowCommand.self, SamplesCommand.self, HistogramCommand.self,
      TraceCommand.self, IndexCommand.self, VerifyCommand.self,
      RepairCommand.self, BenchCommand.self, DoctorCommand.self,
    ]
  )
}

@main
enum Program {
  static func main() {
    openStandardStreams()
    do {
      var command = try Blalm.parseAsRoot()
      try command.run()
      try finishOutput()
    } catch let failure as Failure {
      complain(failure.description)
      exit(failure.kind == .usage ? 64 : 1)
    } catch let interrupted as Interrupted {
      complain("interrupted; \(interrupted.remedy)")
      exit(130)
    } catch let error as any CustomStringConvertible & Error where isOwn(error) {
      complain(error.description)
      exit(1)
    } catch {
      Blalm.exit(withError: error)
    }
  }

  private static func isOwn(_ error: any Error) -> Bool {
    !(error is CleanExit || error is ExitCode || error is ValidationError)
      && String(reflecting: type(of: error)).hasPrefix("ArgumentParser.") == false
  }

  /// Tells of a failure, which may quote what stands in a file.
  private static func complain(_ message: String) {
    tell("blalm: \(tamedLines(message))\n")
  }
}
