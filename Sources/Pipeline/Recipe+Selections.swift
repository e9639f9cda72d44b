// The selections of a recipe: `selection`, or several under `selections`.

import Curation
import Files
import Foundation
import Settings

extension Recipe {
  /// Reads what the recipe chooses.
  ///
  /// - Parameters:
  ///   - one: The value of `selection`, or `nil`.
  ///   - several: The value of `selections`, or `nil`.
  ///   - seed: The seed of selections that have none.
  ///   - sources: What selections take of each source where they say nothing else.
  ///   - output: What their files say beside the texts.
  /// - Returns: At least one selection.
  /// - Throws: ``Failure`` with the line of what cannot be understood or cannot work.
  static func selections(
    one: Setting?,
    several: Setting?,
    seed: UInt64,
    sources: [SelectSettings.Source],
    output: OutputSettings
  ) throws -> [SelectSettings] {
    let defaults = SelectSettings(sources: sources, seed: seed, output: output)
    guard let several else {
      guard let one else {
        try defaults.validate()
        return [defaults]
      }
      let (name, rest) = try one.splitting(off: "name")
      return [try selection(rest, name: name?.text() ?? defaults.name, over: defaults)]
    }
    if let one {
      throw Failure(
        .usage,
        what: "the recipe has both `selection` and `selections`",
        place: one.place,
        remedy: "move the one selection under `selections:`, with its name as the key"
      )
    }
    let entries = try several.entries()
    guard !entries.isEmpty else { throw several.mismatch("a selection or more, each by its name") }
    return try entries.map {
      try selection($0.value, name: $0.key, over: defaults)
    }
  }

  private static func selection(
    _ setting: Setting,
    name: String,
    over defaults: SelectSettings
  ) throws -> SelectSettings {
    struct Simple: Codable {
      var order: TakingOrder
      var devShare: Double
      var testShare: Double
      var duplicates: SelectSettings.Marked
      var contaminated: SelectSettings.Marked
      var shortfall: SelectSettings.Shortfall
      var seed: UInt64
    }
    var selection = defaults
    selection.name = name
    guard !setting.isNothing else {
      try selection.validate()
      return selection
    }
    let keys = try KeyedSettings(
      setting,
      known: [
        "words", "sources", "filter", "order", "limit", "devShare", "testShare", "duplicates",
        "contaminated", "shortfall", "seed",
      ]
    )
    var simple = setting
    for key in ["words", "sources", "filter", "limit"] {
      simple = try simple.splitting(off: key).rest
    }
    let chosen = try simple.decode(
      over: Simple(
        order: selection.order,
        devShare: selection.devShare,
        testShare: selection.testShare,
        duplicates: selection.duplicates,
        contaminated: selection.contaminated,
        shortfall: selection.shortfall,
        seed: selection.seed
      )
    )
    selection.order = chosen.order
    selection.devShare = chosen.devShare
    selection.testShare = chosen.testShare
    selection.duplicates = chosen.duplicates
    selection.contaminated = chosen.contaminated
    selection.shortfall = chosen.shortfall
    selection.seed = chosen.seed
    selection.words = try keys["words"]?.integer(in: 1...Int.max)
    selection.filter = try keys["filter"]?.text()
    selection.limit = try keys["limit"].map(GroupLimit.init(yaml:))
    if let map = keys["sources"] {
      selection.sources = try map.entries().map { try source($0, among: defaults.sources) }
    }
    try selection.validate()
    return selection
  }

  /// A source as a selection names it, laid over what the recipe says of it.
  private static func source(
    _ entry: Setting.Entry,
    among sources: [SelectSettings.Source]
  ) throws -> SelectSettings.Source {
    guard var source = sources.first(where: { $0.name == entry.key }) else {
      throw entry.value.unknown(entry.key, known: sources.map(\.name))
    }
    guard !entry.value.isNothing else { return source }
    try source.read(
      KeyedSettings(entry.value, known: ["words", "share", "filter", "order", "limit"])
    )
    return source
  }
}

extension SelectSettings.Source {
  /// Takes up what a recipe says of the source: at its `sources`, or at a selection's.
  ///
  /// - Parameter keys: The keys; others than these are not looked at.
  /// - Throws: ``Failure`` with the line of a value that cannot be understood.
  mutating func read(_ keys: KeyedSettings) throws {
    if let setting = keys["words"] {
      words = try setting.integer(in: 1...Int.max)
      share = nil
    }
    if let setting = keys["share"] {
      if keys["words"] != nil {
        throw Failure(
          .usage,
          what: "the source has both `words` and `share`",
          place: setting.place,
          remedy: "keep one of the two"
        )
      }
      share = try setting.decode(over: 0.0)
      words = nil
    }
    if let setting = keys["filter"] { filter = try setting.text() }
    if let setting = keys["order"] { order = try setting.decode(over: TakingOrder.random) }
    if let setting = keys["limit"] { limit = try GroupLimit(yaml: setting) }
  }
}

extension GroupLimit {
  /// Reads a limit.
  ///
  /// - Parameter setting: A mapping with `by` and `documents`.
  /// - Throws: ``Failure`` with the line of what cannot be understood.
  init(yaml setting: Setting) throws {
    let keys = try KeyedSettings(setting, known: ["by", "documents"])
    self.init(
      by: try keys.required("by").text(),
      documents: try keys.required("documents").integer(in: 1...Int.max)
    )
  }
}

extension Setting {
  /// Whether a key stands without a value.
  fileprivate var isNothing: Bool {
    if case .scalar(.null) = content { true } else { false }
  }
}
