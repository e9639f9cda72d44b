// What holds for every metric.

import Foundation
import Metrics
import TestSupport
import Testing

@Suite struct AllMetricsTests {
  @Test func `no two metrics or columns share a name, in whatever case`() {
    let names = allMetrics.map(\.name) + allMetrics.flatMap { $0.columns.map(\.name) }
    #expect(Set(names.map { $0.lowercased() }).count == names.count)
  }

  @Test func `every quality and vocabulary column stands in its guide`() throws {
    let folder = Program.root + "/Sources/Metrics/Metrics.docc/"
    let quality = try String(contentsOfFile: folder + "Quality.md", encoding: .utf8)
    let lexical = try String(contentsOfFile: folder + "Lexical.md", encoding: .utf8)
    for metric in allMetrics where metric.name.hasPrefix("quality") {
      #expect(quality.contains("## \(metric.name)\n"))
      for column in metric.columns {
        #expect(quality.contains("| `\(column.name)` |"), "\(column.name)")
      }
    }
    for column in LexicalMetric().columns {
      #expect(lexical.contains("| `\(column.name)` |"), "\(column.name)")
    }
  }
}
