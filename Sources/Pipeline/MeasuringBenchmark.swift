// How fast one core measures texts: the scan that all metrics share, and metrics on top of it.

import Files
import Foundation
import Metrics

/// What measuring some texts took on one thread.
public struct MeasuringBenchmark: Sendable, Encodable {
  /// What was measured, in words.
  public let name: String
  /// The numbers of each text.
  public let columns: Int
  /// The texts' bytes.
  public let bytes: Int
  /// The best processor time to measure them all.
  public let seconds: Double
  /// Millions of bytes of text a second on one core.
  public let megabytesPerSecond: Double

  /// The bytes after which a text ends at the next line's end.
  private static let textBytes = 4_096

  /// Measures by the scan alone, by counts and readability, by all metrics and by each of them.
  ///
  /// - Parameters:
  ///   - path: A file of plain text, or `nil` for made-up words.
  ///   - words: The made-up words.
  ///   - rounds: How often to measure after a first time that warms up; the best time counts.
  /// - Returns: The figures.
  /// - Throws: ``Failure`` where the file cannot be read or holds nothing.
  public static func figures(
    of path: String?,
    words: Int,
    rounds: Int
  ) throws -> [MeasuringBenchmark] {
    let texts = try path.map(texts(ofFile:)) ?? SyntheticPool(words: words).texts()
    let usual = allMetrics.filter { ["counts", "readability"].contains($0.name) }
    let groups: [(String, [any Metric])] =
      [("scan alone", []), ("counts, readability", usual), ("all columns", allMetrics)]
      + allMetrics.map { ($0.name, [$0]) }
    return groups.map { name, metrics in
      MeasuringBenchmark(name, metrics, texts: texts, rounds: rounds)
    }
  }

  private init(_ name: String, _ metrics: [any Metric], texts: [[UInt8]], rounds: Int) {
    self.name = name
    columns = metrics.reduce(0) { $0 + $1.columns.count }
    bytes = texts.reduce(0) { $0 + $1.count }
    var measurers = metrics.map { $0.makeMeasurer(MetricResources()) }
    var scan = TextScan()
    var values: [MetricValue] = []
    var best = Double.infinity
    // The first round warms up: it makes tables and scratch memory, and its time does not count.
    for round in 0...max(1, rounds) {
      let start = clock()
      for text in texts {
        scan.read(text.span)
        for index in measurers.indices {
          values.removeAll(keepingCapacity: true)
          measurers[index].measure(text.span, scan: scan, values: &values)
        }
      }
      if round > 0 { best = min(best, Double(clock() - start) / Double(CLOCKS_PER_SEC)) }
    }
    seconds = best
    megabytesPerSecond = Double(bytes) / 1e6 / max(best, 1e-9)
  }

  /// A file's lines in texts of some kilobytes.
  private static func texts(ofFile path: String) throws -> [[UInt8]] {
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: path))
    } catch {
      throw Failure(
        what: "the text cannot be read: \(systemReason(of: error))",
        place: path,
        remedy: "name a file of plain text"
      )
    }
    guard !data.isEmpty else {
      throw Failure(what: "the file is empty", place: path, remedy: "name a file of plain text")
    }
    var texts: [[UInt8]] = []
    var text: [UInt8] = []
    for byte in data {
      text.append(byte)
      guard byte == UInt8(ascii: "\n"), text.count >= textBytes else { continue }
      texts.append(text)
      text = []
    }
    return texts + (text.isEmpty ? [] : [text])
  }
}
