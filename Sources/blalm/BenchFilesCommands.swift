// Measures below a whole ingestion: sources without the store, a Parquet column alone, and readers
// under damaged input.

import ArgumentParser
import Files
import Foundation
import Ingestion
import Pipeline

extension BenchCommand {
  /// `blalm bench read`.
  struct Read: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make documents of a recipe's sources without storing them, and time each."
    )

    @Argument(help: "The recipe, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
    var recipe: String

    @Option(help: "How often to read each source; the best time counts.")
    var rounds = 3

    @Flag(help: "Print one JSON object on standard output.")
    var json = false

    func validate() throws {
      guard rounds >= 1 else { throw ValidationError("--rounds must be at least 1.") }
    }

    func run() throws {
      var figures: [ReadingFigure] = []
      for source in try Recipe(path: recipe).sources {
        let all = try (0..<rounds).map { _ in try ReadingFigure(source) }
        if let best = all.min(by: { $0.processorSeconds < $1.processorSeconds }) {
          figures.append(best)
        }
      }
      if json { return print(canonicalJSON(["figures": figures])) }
      for figure in figures {
        print(
          padded(figure.source, 24) + "\(rounded(figure.megabytesPerSecond, 1)) MB/s, "
            + "\(rounded(figure.megabytesPerProcessorSecond, 1)) MB/s of processor time  "
            + "(\(grouped(figure.bytes)) bytes, \(grouped(figure.documents)) documents)"
        )
      }
    }
  }

  /// `blalm bench parquet`.
  struct Parquet: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Read one column of a Parquet file on one thread, and time it."
    )

    @Argument(help: "The Parquet file.", completion: .file(extensions: ["parquet"]))
    var file: String

    @Option(help: "The column.")
    var column = "text"

    @Option(help: "How often to read it; the best time counts.")
    var rounds = 3

    @Flag(help: "Print one JSON object on standard output.")
    var json = false

    func validate() throws {
      guard rounds >= 1 else { throw ValidationError("--rounds must be at least 1.") }
    }

    func run() throws {
      var figure = ParquetFigure(column: column)
      for _ in 0..<rounds {
        let start = processorSeconds()
        try figure.read(file)
        figure.seconds = min(figure.seconds, processorSeconds() - start)
      }
      figure.peakMemory = peakMemory()
      if json { return print(canonicalJSON(figure)) }
      let rate = Double(figure.bytes) / 1e6 / max(figure.seconds, 1e-9)
      print(
        "\(column): \(rounded(rate, 1)) MB/s of processor time (\(grouped(figure.bytes)) bytes, "
          + "\(grouped(figure.rows)) rows, \(grouped(figure.rowGroups)) row groups), "
          + "at most \(grouped(figure.peakMemory / 1_048_576)) MiB of memory"
      )
    }
  }

  /// `blalm bench fuzz`.
  struct Fuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Damage files at random and read them: a reader must neither crash nor hang."
    )

    @Argument(
      help: "The source, whose reader is tried; `parquet` for every column of Parquet files."
    )
    var source: String

    @Argument(help: "Sound files, or folders of them.", completion: .file())
    var paths: [String]

    @Option(help: "How many damaged files to read.")
    var rounds = 10_000

    @Option(help: "The first round, to repeat one.")
    var first = 0

    @Option(help: "Decides the damage.")
    var seed: UInt64 = 1

    @Flag(help: "Print one JSON object on standard output.")
    var json = false

    func validate() throws {
      guard rounds >= 1, first >= 0 else {
        throw ValidationError("--rounds must be at least 1, --first at least 0.")
      }
    }

    func run() throws {
      let folder = FileManager.default.temporaryDirectory
        .appending(path: "blalm-fuzz-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let report = try fuzzRun().run(rounds: first..<first + rounds, in: folder)
      if json { return print(canonicalJSON(report)) }
      print(
        "\(source): \(grouped(report.rounds)) damaged files: \(grouped(report.failures)) failures, "
          + "\(grouped(report.documents)) documents, \(grouped(report.rejections)) rejections; "
          + "slowest \(rounded(report.slowestSeconds, 3)) s (round \(report.slowestRound)); "
          + "at most \(grouped(peakMemory() / 1_048_576)) MiB of memory"
      )
    }

    private func fuzzRun() throws -> FuzzRun {
      func files(_ extensions: [String]) throws -> [InputFile] {
        try paths.flatMap { try InputFile.files(at: $0, extensions: extensions) }
      }
      if source == "parquet" {
        return try FuzzRun(files: files(["parquet"]), seed: seed) { file in
          (documents: try rowsOfEveryColumn(file.path), rejections: 0)
        }
      }
      let format = try SourceFormat(named: source, place: "SOURCE")
      let reader = try ConfiguredReader(format, source: format.rawValue, options: nil).reader
      return try FuzzRun(files: files(format.fileExtensions), seed: seed, reader: reader)
    }
  }
}

/// Reads every column of a Parquet file that can be read, and counts the rows.
private func rowsOfEveryColumn(_ path: String) throws -> Int {
  let file = try ParquetFile(path: path)
  let columns = file.columns.filter { $0.refusal == nil }
  guard !columns.isEmpty else { return 0 }
  var count = 0
  try file.forEachStretch(of: columns) { stretch in
    let rows = try stretch.rows()
    for column in rows.columns {
      for row in 0..<rows.count { _ = try column.value(row) }
    }
    count += rows.count
  }
  return count
}

/// What making documents of a source took.
private struct ReadingFigure: Encodable {
  let source: String
  var bytes = 0
  var documents = 0
  let seconds: Double
  let processorSeconds: Double
  let megabytesPerSecond: Double
  let megabytesPerProcessorSecond: Double

  init(_ settings: IngestSettings) throws {
    source = settings.name
    let reader = settings.reader.reader
    let files = try settings.paths.flatMap {
      try InputFile.files(at: $0, extensions: settings.format.fileExtensions)
    }
    let (start, processorStart) = (Date(), blalm.processorSeconds())
    var (bytes, documents) = (0, 0)
    try forEachBatchAhead(of: files, with: reader) { batch, _ in
      let counts = try WorkerPool.map(batch) { record in
        try reader.outcomes(of: record).count { if case .document = $0 { true } else { false } }
      }
      documents += counts.reduce(0, +)
      bytes += batch.reduce(0) { $0 + $1.size }
    }
    seconds = Date().timeIntervalSince(start)
    processorSeconds = blalm.processorSeconds() - processorStart
    (self.bytes, self.documents) = (bytes, documents)
    megabytesPerSecond = Double(bytes) / 1e6 / max(seconds, 1e-9)
    megabytesPerProcessorSecond = Double(bytes) / 1e6 / max(processorSeconds, 1e-9)
  }
}

/// What reading a column took.
private struct ParquetFigure: Encodable {
  let column: String
  var bytes = 0
  var rows = 0
  var rowGroups = 0
  var seconds = Double.infinity
  var peakMemory = 0

  init(column: String) { self.column = column }

  mutating func read(_ path: String) throws {
    let file = try ParquetFile(path: path)
    guard let column = try file.column(named: column) else {
      throw Failure(
        .usage,
        what: "the file has no column `\(column)`",
        place: path,
        remedy: "name one of \(file.columns.map(\.name).joined(separator: ", "))"
      )
    }
    (bytes, rows, rowGroups) = (0, 0, file.rowGroups.count)
    try file.forEachStretch(of: [column]) { stretch in
      let values = try stretch.rows()
      rows += values.count
      for row in 0..<values.count {
        if let value = values.columns[0].bytes(row) {
          bytes += value.count
        } else if try values.columns[0].value(row) != nil {
          bytes += 8
        }
      }
    }
  }
}

/// The processor time of this process so far.
private func processorSeconds() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

/// The most memory that this process held, in bytes; 0 where the system does not say.
private func peakMemory() -> Int {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
  return (line?.split(separator: " ").compactMap { Int($0) }.first ?? 0) * 1_024
}
