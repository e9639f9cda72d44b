// A recipe: one YAML file that says everything `blalm build` needs to know.
//
// Paths are relative to the recipe's folder. Unknown keys are errors with the nearest known key.

import Curation
import Files
import Foundation
import Ingestion
import Modeling
package import Settings
import Tokenization
import Training

/// Everything that `blalm build` needs to know, from a YAML file.
public struct Recipe: Sendable {
  /// The recipe's name, which names its workspace where `-w` does not.
  public let name: String
  /// What to read.
  public let sources: [IngestSettings]
  /// The evaluation files to look for, or `nil`.
  public let decontamination: DecontaminateSettings?
  /// What to choose.
  public let selection: SelectSettings
  /// The tokenizer to train, or `nil` where the recipe ends with the corpus.
  public let tokenizer: TokenizerSettings?
  /// The model to train, or `nil` where the recipe ends before.
  public let run: RunSettings?
  /// The text to generate, or `nil`.
  public let generation: GenerationSettings?

  /// Reads a recipe.
  ///
  /// - Parameter path: The YAML file.
  /// - Throws: ``Failure`` with the line of the first key or value that cannot be understood.
  public init(path: String) throws {
    let folder = (path as NSString).deletingLastPathComponent
    try self.init(yaml: Setting.load(path: path), folder: folder.isEmpty ? "." : folder)
  }

  /// Reads a recipe from parsed YAML.
  ///
  /// - Parameters:
  ///   - root: The YAML.
  ///   - folder: What relative paths start from.
  /// - Throws: ``Failure`` with the line of the first key or value that cannot be understood.
  package init(yaml root: Setting, folder: String) throws {
    let keys = try KeyedSettings(
      root,
      known: [
        "name", "seed", "sources", "decontaminate", "selection", "tokenizer", "model", "training",
        "generate",
      ]
    )
    name = try keys.required("name").text()
    try checkName(name, of: "recipe")
    let seed = UInt64(try keys["seed"]?.integer(in: 0...Int.max) ?? 1)
    let entries = try keys.required("sources").entries()
    let sources = try entries.map { try RecipeSource($0.key, $0.value, folder: folder) }
    self.sources = sources.map(\.ingest)
    decontamination = try keys["decontaminate"].map {
      try DecontaminateSettings(yaml: $0, folder: folder)
    }
    selection = try Recipe.selection(
      keys["selection"],
      seed: seed,
      sources: sources.map { SelectSettings.Source(name: $0.ingest.name, words: $0.words) }
    )
    let selectionName = selection.name
    tokenizer = try keys["tokenizer"].map {
      try TokenizerSettings(yaml: $0, selection: selectionName)
    }
    guard keys["model"] != nil || keys["training"] != nil else {
      run = nil
      generation = nil
      if let generate = keys["generate"] { throw Recipe.needs("model", for: "generate", generate) }
      return
    }
    guard let tokenizer else {
      throw Recipe.needs("tokenizer", for: "model", keys["model"] ?? root)
    }
    let run = try RunSettings(
      model: keys.required("model"),
      training: keys["training"],
      selection: selectionName,
      tokenizer: tokenizer.name,
      seed: seed
    )
    self.run = run
    generation = try keys["generate"].map {
      try $0.decode(over: GenerationSettings(seed: seed))
    }
  }

  private static func selection(
    _ setting: Setting?,
    seed: UInt64,
    sources: [SelectSettings.Source]
  ) throws -> SelectSettings {
    var selection = SelectSettings(sources: sources, seed: seed)
    guard let setting else { return selection }
    struct Choice: Codable {
      var name: String
      var order: SourceBudget.Order
      var devShare: Double
      var seed: UInt64
    }
    let choice = try setting.decode(
      over: Choice(
        name: selection.name,
        order: selection.order,
        devShare: selection.devShare,
        seed: seed
      )
    )
    selection.name = choice.name
    selection.order = choice.order
    selection.devShare = choice.devShare
    selection.seed = choice.seed
    try checkName(selection.name, of: "selection")
    return selection
  }

  private static func needs(_ key: String, for other: String, _ setting: Setting) -> Failure {
    Failure(
      .usage,
      what: "`\(other)` needs the key `\(key)`",
      place: setting.place,
      remedy: "add `\(key):`, or take `\(other):` out"
    )
  }
}

/// A mapping with known keys, looked up by name.
struct KeyedSettings {
  private let root: Setting
  private let values: [String: Setting]

  init(_ root: Setting, known: [String]) throws {
    self.root = root
    values = Dictionary(
      uniqueKeysWithValues: try root.entries(known: known).map { ($0.key, $0.value) }
    )
  }

  subscript(key: String) -> Setting? { values[key] }

  func required(_ key: String) throws -> Setting {
    guard let value = values[key] else {
      throw Failure(
        .usage,
        what: "the key `\(key)` is missing",
        place: root.place,
        remedy: "add `\(key):`"
      )
    }
    return value
  }
}

/// One entry of a recipe's `sources`.
private struct RecipeSource {
  let ingest: IngestSettings
  let words: Int?

  init(_ name: String, _ setting: Setting, folder: String) throws {
    try checkName(name, of: "source")
    let keys = try KeyedSettings(setting, known: ["format", "paths", "words", "options"])
    let format = try SourceFormat(named: keys["format"]?.text() ?? name, place: setting.place)
    words = try keys["words"]?.integer(in: 1...Int.max)
    let paths = try keys.required("paths").texts().map { path in
      path.hasPrefix("/") ? path : folder + "/" + path
    }
    ingest = IngestSettings(
      name: name,
      format: format,
      paths: paths,
      reader: try ConfiguredReader(format, source: name, options: keys["options"])
    )
  }
}
