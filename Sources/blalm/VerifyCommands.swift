// Whether a workspace is what its index says, and making it so again.

import ArgumentParser
import Foundation
import Pipeline
import Storage

/// `blalm verify`: every digest, frame, line, count and reference of a workspace.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check every file of a workspace against its index; change nothing.",
    discussion: "Exit status 1 where anything is wrong."
  )

  @Option(name: .shortAndLong, help: "The workspace's folder.")
  var workspace: String

  @OptionGroup var output: OutputOptions

  func run() throws {
    let printer = ProgressPrinter(quiet: output.quiet)
    let context = StageContext(
      workspace: try Workspace.openForChecking(workspace),
      stop: Interruption.signal,
      progress: { printer.show($0) }
    )
    let report = try context.verify()
    printer.clear()
    print(output.json ? report.json : report.summary)
    if !report.isSound { throw ExitCode(1) }
  }
}

/// `blalm repair`: what can be mended safely.
struct RepairCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repair",
    abstract:
      "Make a damaged workspace sound: keep what is whole, strike the rest for the next build.",
    discussion: "Verifies before and after. Exit status 1 where something is still wrong."
  )

  @Option(name: .shortAndLong, help: "The workspace's folder.")
  var workspace: String

  @Flag(help: "Change nothing; say what would be done.")
  var dryRun = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    let printer = ProgressPrinter(quiet: output.quiet)
    let report = try Repair.run(
      workspace,
      dryRun: dryRun,
      stop: Interruption.signal,
      progress: { printer.show($0) }
    )
    printer.clear()
    print(output.json ? report.json : report.summary)
    if !dryRun, !report.findings.isEmpty { throw ExitCode(1) }
  }
}

extension VerificationReport {
  /// The report for people.
  var summary: String {
    var lines = parts.map { part in
      padded(part.name, 28)
        + part.counts.sorted { $0.key < $1.key }.map { "\(grouped($0.value)) \($0.key)" }
        .joined(separator: ", ")
    }
    lines += notes.map { "note: " + $0 }
    lines += findings.map(\.summary)
    let speed = Double(bytesRead) / 1e6 / max(seconds, 1e-9)
    lines.append(
      (isSound ? "sound" : "\(findings.count) kinds of damage") + ": "
        + "\(grouped(bytesRead)) bytes read in \(rounded(seconds, 1)) s "
        + "(\(rounded(speed, 0)) MB/s)"
    )
    return lines.joined(separator: "\n")
  }
}

extension RepairReport {
  /// The report for people.
  var summary: String {
    var lines = actions.map { (isDryRun ? "would " : "") + $0 }
    if actions.isEmpty { lines.append("nothing to repair") }
    if !isDryRun {
      lines += findings.map { "still wrong: " + $0.summary }
      if !actions.isEmpty {
        lines.append("run `blalm build` with the recipe to make anew what was struck")
      }
    }
    return lines.joined(separator: "\n")
  }
}

extension Finding {
  /// The finding for people.
  fileprivate var summary: String {
    "\(place): \(what)" + (count > 1 ? " (\(grouped(count)) times)" : "")
      + "\n  what to do: \(remedy)"
  }
}
