// The rooms' own choices as arguments, each by its raw value.

public import ArgumentParser
public import Curation
public import Documents
public import Modeling

extension SourceBudget.Order: ExpressibleByArgument {}

extension Split: ExpressibleByArgument {}

extension ModelConfiguration.Preset: ExpressibleByArgument {
  /// The presets' names for a help text.
  static var allNames: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
