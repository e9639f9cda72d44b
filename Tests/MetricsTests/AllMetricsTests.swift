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

  @Test func `every metric and column stands in a guide`() throws {
    let folder = URL(filePath: Program.root + "/Sources/Metrics/Metrics.docc")
    let files = try FileManager.default.contentsOfDirectory(
      at: folder,
      includingPropertiesForKeys: nil
    )
    let guides = try files.map { try String(contentsOf: $0, encoding: .utf8) }.joined()
    for metric in allMetrics {
      #expect(guides.contains("## \(metric.name)\n") || guides.contains("`\(metric.name)`"))
      for column in metric.columns {
        #expect(guides.contains("| `\(column.name)` |"), "\(column.name)")
      }
    }
  }
}
