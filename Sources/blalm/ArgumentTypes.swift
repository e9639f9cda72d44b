// The rooms' own choices as arguments, each by its raw value.

public import ArgumentParser
public import Curation
public import Documents
public import Modeling
public import Pipeline
public import Rubrics

extension TakingOrder: ExpressibleByArgument {
  /// Reads an order from an argument.
  ///
  /// - Parameter argument: `random`, `source`, a column, or `-` and a column.
  public init?(argument: String) { self.init(argument) }
}

extension SelectSettings.Marked: ExpressibleByArgument {}

extension SelectSettings.Shortfall: ExpressibleByArgument {}

extension Rubric.Form: ExpressibleByArgument {}

extension SampleCut.Rule: ExpressibleByArgument {}

extension EndpointSettings.Structured: ExpressibleByArgument {}

extension Split: ExpressibleByArgument {}

extension ModelConfiguration.Preset: ExpressibleByArgument {
  /// The presets' names for a help text.
  static var allNames: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
