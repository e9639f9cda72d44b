// How fast one core measures texts.

import ArgumentParser
import Pipeline

extension BenchCommand {
  /// `blalm bench measure`.
  struct Measure: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Measure texts on one thread, by counts and readability and by all metrics.",
      discussion: """
        The time is that of the processor, the best of the rounds. Made-up words stand in no \
        dictionary; a real text gives truer figures.
        """
    )

    @Argument(
      help: "A file of plain text (default: made-up words).",
      completion: .file(extensions: ["txt"])
    )
    var file: String?

    @Option(help: "The made-up words.")
    var words = 1_000_000

    @Option(help: "How often to measure.")
    var rounds = 3

    @Flag(help: "Print one JSON object on standard output.")
    var json = false

    func validate() throws {
      guard words >= 1, rounds >= 1 else {
        throw ValidationError("--words and --rounds must be at least 1.")
      }
    }

    func run() throws {
      let figures = try MeasuringBenchmark.figures(of: file, words: words, rounds: rounds)
      show(figures, json: json) { figure in
        padded(figure.name, 24) + "\(rounded(figure.megabytesPerSecond, 1)) MB/s a core  "
          + "(\(figure.columns) columns, \(rounded(figure.seconds, 3)) s for "
          + "\(grouped(figure.bytes)) bytes)"
      }
    }
  }
}
