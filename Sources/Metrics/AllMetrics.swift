// The table of metrics: adding one is a file and a row here.

/// Every metric, in the order of the documentation.
public let allMetrics: [any Metric] = [
  CountsMetric(),
  ReadabilityMetric(),
  TextstatMetric(),
  LexicalMetric(),
  GopherMetric(),
  RepetitionMetric(),
  C4Metric(),
  EnglishMetric(),
  BoilerplateMetric(),
  EncodingMetric(),
  PersonalDataMetric(),
]
