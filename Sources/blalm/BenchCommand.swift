// The measured figures: how fast this machine reads sources and trains; the store's are in a file of
// their own.

import ArgumentParser
import Documents
import Foundation
import Kernels
import Modeling
import Pipeline
import Training

/// `blalm bench`: measures; nothing of it is a test.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: """
      Measure how fast this machine reads sources, fills a store, measures, tokenizes and trains.
      """,
    subcommands: [
      Ingest.self, Read.self, Parquet.self, Fuzz.self, Store.self, Measure.self, Score.self,
      Vocabulary.self, Train.self,
    ]
  )

  /// `blalm bench ingest`.
  struct Ingest: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Read a recipe's sources into a workspace that is thrown away, and time each."
    )

    @Argument(help: "The recipe, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
    var recipe: String

    @Option(help: "How often to read each source; the best time counts.")
    var rounds = 3

    @OptionGroup var output: OutputOptions

    func validate() throws {
      guard rounds >= 1 else { throw ValidationError("--rounds must be at least 1.") }
    }

    func run() throws {
      let recipe = try Recipe(path: recipe)
      let folder = FileManager.default.temporaryDirectory
        .appending(path: "blalm-bench-\(UUID().uuidString)").path
      defer { try? FileManager.default.removeItem(atPath: folder) }
      var figures: [IngestFigure] = []
      for source in recipe.sources {
        var best: IngestFigure?
        for round in 0..<rounds {
          let session = try StageSession(workspace: "\(folder)/\(round)", output: output)
          let figure = IngestFigure(try session.context.ingest(source))
          session.end()
          if figure.seconds < best?.seconds ?? .infinity { best = figure }
          try FileManager.default.removeItem(atPath: "\(folder)/\(round)")
        }
        if let best { figures.append(best) }
      }
      show(figures, json: output.json) { figure in
        padded(figure.stage, 24) + "\(rounded(figure.megabytesPerSecond, 1)) MB/s  "
          + "(\(grouped(figure.bytes)) bytes, \(grouped(figure.documents)) documents, "
          + "\(rounded(figure.seconds, 2)) s)"
      }
    }
  }

  /// `blalm bench train`.
  struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Time whole training steps of a preset on made-up tokens."
    )

    @Option(help: "The model's size: \(ModelConfiguration.Preset.allNames).")
    var preset = ModelConfiguration.Preset.nano

    @Option(help: ArgumentHelp("A setting of the model's shape.", valueName: "key=value"))
    var model: [String] = []

    @Option(help: ArgumentHelp("A setting of the training.", valueName: "key=value"))
    var training: [String] = []

    @Option(help: "The steps to time.")
    var steps = 10

    @Option(help: "The threads to use (default: one a core).")
    var threads: Int?

    @Flag(help: "Print one JSON object on standard output.")
    var json = false

    func validate() throws {
      guard steps >= 1, threads ?? 1 >= 1 else {
        throw ValidationError("--steps and --threads must be at least 1.")
      }
    }

    func run() throws {
      let settings = try RunSettings(
        model: try settingTree(["preset=\(preset.rawValue)"] + model, option: "--model"),
        training: training.isEmpty ? nil : try settingTree(training, option: "--training")
      )
      let figure = try TrainingBenchmark(
        configuration: settings.model,
        settings: settings.training,
        steps: steps,
        threadCount: threads
      )
      show([figure], json: json) { figure in
        """
        \(preset.rawValue): \(grouped(figure.parameters)) parameters, \
        \(grouped(figure.tokensPerStep)) tokens a step
          tokens a second   \(grouped(Int(figure.tokensPerSecond))) at best, \
        \(grouped(Int(figure.meanTokensPerSecond))) on average
          operations        \(rounded(figure.operationsPerSecond / 1e9, 1)) GF/s, \
        \(rounded(100 * figure.peakShare, 1)) % of this machine's peak
          optimiser         \(rounded(100 * figure.optimizerShare, 1)) % of the time
          busy cores        \(rounded(figure.busyCores, 2))
          memory at most    \(rounded(Double(figure.peakMemory) / 1_048_576, 1)) MiB
          products by       \(ProductLibrary.current.rawValue)
        """
      }
    }
  }
}

/// How fast a source was read.
private struct IngestFigure: Encodable {
  let stage: String
  let bytes: Int
  let documents: Int
  let seconds: Double
  let megabytesPerSecond: Double

  init(_ report: StageReport) {
    stage = report.stage
    if case .integer(let value) = report.details["bytes"] { bytes = value } else { bytes = 0 }
    documents = report.output
    seconds = report.seconds
    megabytesPerSecond = Double(bytes) / 1e6 / max(report.seconds, 1e-9)
  }
}

/// Prints figures as lines, or as one JSON object with a list of them.
func show<Figure: Encodable>(
  _ figures: [Figure],
  json: Bool,
  line: (Figure) -> String
) {
  guard json else {
    for figure in figures { print(line(figure)) }
    return
  }
  print(canonicalJSON(["figures": figures]))
}
