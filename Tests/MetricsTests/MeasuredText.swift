import Foundation
import Metrics
import Testing

/// The numbers of one metric for a text, by column; `nil` where there is none.
func measured(
  _ metric: any Metric,
  _ text: String,
  _ segmentation: Segmentation = .prose,
  _ resources: MetricResources = MetricResources()
) -> [String: MetricValue] {
  var measurer = metric.makeMeasurer(resources)
  return measured(metric, &measurer, Array(text.utf8), segmentation)
}

/// The same with a measurer that may have measured other texts before.
func measured(
  _ metric: any Metric,
  _ measurer: inout any Measurer,
  _ text: [UInt8],
  _ segmentation: Segmentation = .prose
) -> [String: MetricValue] {
  var scan = TextScan(segmentation: segmentation)
  scan.read(text.span)
  var values: [MetricValue] = []
  measurer.measure(text.span, scan: scan, values: &values)
  #expect(values.count == metric.columns.count)
  for (column, value) in zip(metric.columns, values) {
    switch value {
    case .integer: #expect(column.kind == .integer)
    case .real(let number): #expect(column.kind == .real && number.isFinite)
    case .missing(let reason): #expect(!reason.isEmpty)
    }
  }
  return Dictionary(uniqueKeysWithValues: zip(metric.columns.map(\.name), values))
}

/// A text with what another program says of it, made by the script beside it in `Fixtures`.
struct Golden: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let text: String
  let values: [String: Double?]

  var testDescription: String { name }

  /// The goldens of a file in `Fixtures`.
  static func read(_ file: String) throws -> [Golden] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
    return try JSONDecoder().decode(
      [Golden].self,
      from: Data(contentsOf: folder.appending(path: file))
    )
  }

  /// Expects what the other program says, column by column.
  func compare(with values: [String: MetricValue]) {
    for (column, expected) in self.values.sorted(by: { $0.key < $1.key }) {
      guard let value = values[column] else { continue }
      switch (value, expected) {
      case (.integer(let number), let expected?): #expect(Double(number) == expected, "\(column)")
      case (.real(let number), let expected?):
        #expect(abs(number - expected) <= 1e-12 * max(1, abs(expected)), "\(column)")
      case (.missing, nil): continue
      default: Issue.record("\(column) is \(value), not \(String(describing: expected))")
      }
    }
  }
}
