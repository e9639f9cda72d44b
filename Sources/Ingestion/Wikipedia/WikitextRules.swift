/// The options of a recipe, made ready once for many pages.
package struct WikitextRules: Sendable {
  /// What to keep.
  package let options: WikipediaReader.Options
  /// The headings of the sections to drop, in lower case.
  let droppedSections: Set<String>

  /// Makes options ready.
  package init(_ options: WikipediaReader.Options = WikipediaReader.Options()) {
    self.options = options
    droppedSections = Set(options.droppedSections.map { $0.lowercased() })
  }
}
