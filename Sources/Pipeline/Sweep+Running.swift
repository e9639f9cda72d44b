// Running a sweep, and what came out: the mean and the spread over the seeds at each point of the grid.

import Files
import Foundation
public import Rubrics
import Storage
import Training

/// What a sweep found.
public struct SweepReport: Sendable, Codable, Equatable {
  /// The mean of a figure over the seeds, with its sample deviation.
  public struct Figure: Sendable, Codable, Equatable {
    /// The mean.
    public let mean: Double
    /// The sample standard deviation; `nil` for a single seed.
    public let deviation: Double?

    init?(_ values: [Double]) {
      guard !values.isEmpty else { return nil }
      let mean = values.reduce(0, +) / Double(values.count)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      self.mean = mean
      deviation = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : nil
    }
  }

  /// One point of the grid.
  public struct Row: Sendable, Codable, Equatable {
    /// The values of the fields, as written.
    public let values: [String: String]
    /// The runs, one a seed.
    public let runs: [String]
    /// Those of them whose training diverged, with how; the figures are of the others.
    public let diverged: [String: String]
    /// The perplexity of the dev split.
    public let devPerplexity: Figure?
    /// The bits a byte of the dev split.
    public let devBitsPerByte: Figure?
    /// The last step's loss.
    public let lastLoss: Figure?
    /// The words seen.
    public let words: Int
  }

  /// The fields, in the grid's order.
  public let fields: [String]
  /// The points, in the grid's order.
  public let rows: [Row]
}

extension StageContext {
  /// Runs every point of a sweep, those that are done excepted.
  ///
  /// A training that diverges is a result, with which the sweep goes on.
  ///
  /// - Parameters:
  ///   - sweep: The grid.
  ///   - judge: Makes the judges that the recipe names.
  ///   - report: Receives each stage's report as it ends.
  /// - Returns: What came out.
  /// - Throws: ``Failure`` of the first stage that fails; ``Interrupted``: the same sweep goes on where
  ///   it stopped.
  public func run(
    _ sweep: Sweep,
    judge: (ScoreSettings) throws -> any Judge,
    report: (StageReport) -> Void
  ) throws -> SweepReport {
    var reports: [String: TrainingReport] = [:]
    var divergences: [String: String] = [:]
    for point in sweep.points {
      do {
        try build(point.recipe, judge: judge, report: report)
        reports[point.run] = try trainingReport(of: point.run)
      } catch let failure as Failure where failure.kind == .divergence {
        divergences[point.run] = failure.what
      }
    }
    var rows: [SweepReport.Row] = []
    var start = 0
    while start < sweep.points.count {
      let values = sweep.points[start].values
      let points = sweep.points[start...].prefix { $0.values == values }
      start = points.endIndex
      let found = points.compactMap { reports[$0.run] }
      rows.append(
        SweepReport.Row(
          values: values,
          runs: points.map(\.run),
          diverged: divergences.filter { run, _ in points.contains { $0.run == run } },
          devPerplexity: SweepReport.Figure(found.compactMap(\.devPerplexity)),
          devBitsPerByte: SweepReport.Figure(found.compactMap(\.devBitsPerByte)),
          lastLoss: SweepReport.Figure(found.compactMap(\.lastLoss)),
          words: found.first?.words ?? 0
        )
      )
    }
    return SweepReport(fields: sweep.fields, rows: rows)
  }

  private func trainingReport(of run: String) throws -> TrainingReport {
    let path = workspace.path(of: "runs/\(run)/report.json")
    do {
      return try JSONDecoder().decode(
        TrainingReport.self,
        from: Data(contentsOf: URL(filePath: path))
      )
    } catch {
      throw Failure(
        what: "the run's report cannot be read: \(error)",
        place: path,
        remedy: "remove the run's folder and sweep again"
      )
    }
  }
}
