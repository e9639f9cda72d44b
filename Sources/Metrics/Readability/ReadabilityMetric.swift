/// The formulas of readability as their authors published them, one column each.
package struct ReadabilityMetric: Metric {
  /// Creates the metric.
  package init() {}

  package let name = "readability"
  package let version = 2
  package let summary = "Readability by the published formulas, below their least text no value."

  package var wordLists: [String] { [ReadabilityCounter.daleChall, ReadabilityCounter.spache] }

  package let columns = ReadabilityFormula.allCases.map {
    MetricColumn($0.rawValue, .real, $0.summary)
  }

  package func makeMeasurer(_ resources: MetricResources) -> any Measurer {
    ReadabilityMeasurer(counter: ReadabilityCounter(resources))
  }
}

private struct ReadabilityMeasurer: Measurer, Sendable {
  var counter: ReadabilityCounter
  let formulas = ReadabilityFormula.allCases

  mutating func measure(
    _ text: Span<UInt8>,
    scan: borrowing TextScan,
    values: inout [MetricValue]
  ) {
    let counts = counter.count(text, scan)
    for formula in formulas { values.append(formula.value(counts)) }
  }
}
