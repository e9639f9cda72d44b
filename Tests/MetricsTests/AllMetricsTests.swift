// What holds for every metric.

import Metrics
import Testing

@Suite struct AllMetricsTests {
  @Test func `no two metrics or columns share a name, in whatever case`() {
    let names = allMetrics.map(\.name) + allMetrics.flatMap { $0.columns.map(\.name) }
    #expect(Set(names.map { $0.lowercased() }).count == names.count)
  }
}
