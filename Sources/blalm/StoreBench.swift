// How fast this machine fills, searches and checks a store.

import ArgumentParser
import Documents
import Foundation
import Pipeline
import Storage

extension BenchCommand {
  /// `blalm bench store`.
  struct Store: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make up a pool, and time ingest, dedupe, select of a tenth, and verify on it.",
      discussion: """
        The pool lies in a temporary folder (TMPDIR) and takes some ten bytes a word there.
        """
    )

    @Option(help: "The words of the pool.")
    var words = 10_000_000

    @OptionGroup var output: OutputOptions

    func validate() throws {
      guard words >= 1_000 else { throw ValidationError("--words must be at least 1,000.") }
    }

    func run() throws {
      let folder = FileManager.default.temporaryDirectory
        .appending(path: "blalm-bench-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      var figures: [StoreFigure] = []
      let pool = folder + "/pool.jsonl"
      figures.append(
        try measure("make up") { figure in
          figure.bytes = try SyntheticPool(words: words).write(to: pool)
          figure.words = words
        }
      )
      do {
        let session = try StageSession(workspace: folder + "/w", output: output)
        for (name, stage) in try stages(pool) {
          figures.append(
            try measure(name) { figure in
              let report = try stage(session.context)
              figure.documents = report.input
              figure.words = report.words
              if case .integer(let bytes) = report.details["bytes"] { figure.bytes = bytes }
            }
          )
        }
        session.end()
      }
      figures.append(try verify(folder + "/w"))
      show(figures, json: output.json, line: \.summary)
    }

    /// The stages to time, in order.
    private func stages(
      _ pool: String
    ) throws -> [(name: String, stage: (StageContext) throws -> StageReport)] {
      let ingest = IngestSettings(
        name: "pool",
        format: .finewebEdu,
        paths: [pool],
        reader: try ConfiguredReader(.finewebEdu, source: "pool", options: nil)
      )
      let select = SelectSettings(sources: [.init(name: "pool", words: words / 10)])
      return [
        ("ingest", { try $0.ingest(ingest) }),
        ("dedupe", { try $0.dedupe(DedupeSettings()) }),
        ("select a tenth", { try $0.select(select) }),
      ]
    }

    private func verify(_ workspace: String) throws -> StoreFigure {
      let context = StageContext(
        workspace: try Workspace.openForChecking(workspace),
        stop: Interruption.signal
      )
      return try measure("verify") { figure in
        let report = try context.verify()
        guard report.isSound else { throw ExitCode(1) }
        figure.bytes = report.bytesRead
        figure.textBytes = report.textBytes
        for part in report.parts where part.name == "source pool" {
          figure.documents = part.counts["documents"] ?? 0
          figure.words = part.counts["words"] ?? 0
        }
      }
    }
  }
}

/// What was measured of one piece of work.
private struct StoreFigure: Encodable {
  let name: String
  /// The documents and words that the work looked at; of a selection those words that it kept.
  var documents = 0
  var words = 0
  /// The bytes that were read, or made up.
  var bytes = 0
  /// The bytes of decompressed text.
  var textBytes = 0
  var seconds = 0.0
  var processorSeconds = 0.0
  /// The most memory that the program has held so far.
  var peakMegabytes = 0

  var summary: String {
    func rate(_ amount: Int, _ unit: String) -> String {
      amount == 0 ? "" : "  \(grouped(Int(Double(amount) / max(seconds, 1e-9)))) \(unit)/s"
    }
    return padded(name, 16)
      + "\(rounded(seconds, 2)) s (\(rounded(processorSeconds, 2)) s of cores)"
      + rate(documents, "documents") + rate(words, "words") + rate(bytes / 1_000_000, "MB")
      + rate(textBytes / 1_000_000, "MB of text") + "  peak \(grouped(peakMegabytes)) MB"
  }
}

private func measure(
  _ name: String,
  _ work: (inout StoreFigure) throws -> Void
) throws -> StoreFigure {
  var figure = StoreFigure(name: name)
  let clock = ContinuousClock()
  let start = clock.now
  let before = resourceUsage().processorSeconds
  try work(&figure)
  let after = resourceUsage()
  figure.seconds = (clock.now - start) / .seconds(1)
  figure.processorSeconds = after.processorSeconds - before
  figure.peakMegabytes = after.peakBytes / 1_000_000
  return figure
}

/// What the process has used so far.
func resourceUsage() -> (processorSeconds: Double, peakBytes: Int) {
  var usage = rusage()
  // Unsafe because the call fills a C structure through a pointer that lives for the call.
  guard unsafe getrusage(Int32(RUSAGE_SELF.rawValue), &usage) == 0 else { return (0, 0) }
  func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
  return (seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss * 1_024)
}
