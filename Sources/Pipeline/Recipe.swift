// A recipe: one YAML file that says everything `blalm build` needs to know.
//
// Paths are relative to the recipe's folder. Unknown keys are errors with the nearest known key.

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
  /// What to measure, or `nil` where the recipe does not ask for it.
  public let measurement: MeasureSettings?
  /// How to find duplicates, or `nil` where the recipe does not ask for it.
  public let deduplication: DedupeSettings?
  /// The evaluation files to look for, or `nil`.
  public let decontamination: DecontaminateSettings?
  /// What judges are to score.
  public let scores: [ScoreSettings]
  /// What to choose; the first is the one to train on where the tokenizer names no other.
  public let selections: [SelectSettings]
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
        "name", "seed", "sources", "measure", "dedupe", "decontaminate", "score", "selection",
        "selections", "notDone", "tokenizer", "model", "training", "generate", "sweep",
      ]
    )
    name = try keys.required("name").text()
    try checkName(name, of: "recipe")
    let seed = UInt64(try keys["seed"]?.integer(in: 0...Int.max) ?? 1)
    let entries = try keys.required("sources").entries()
    let sources = try entries.map { try RecipeSource($0.key, $0.value, folder: folder) }
    self.sources = sources.map(\.ingest)
    measurement = try keys["measure"].map {
      try MeasureSettings(yaml: $0, folder: folder, sources: sources.map(\.ingest.name))
    }
    deduplication = try keys["dedupe"].map { try DedupeSettings(yaml: $0) }
    decontamination = try keys["decontaminate"].map {
      try DecontaminateSettings(yaml: $0, folder: folder)
    }
    scores = try ScoreSettings.list(yaml: keys["score"], folder: folder)
    selections = try Recipe.selections(
      one: keys["selection"],
      several: keys["selections"],
      seed: seed,
      sources: sources.map(\.selected),
      output: OutputSettings(
        title: name,
        notDone: try keys["notDone"]?.texts() ?? [],
        labels: Dictionary(uniqueKeysWithValues: sources.map { ($0.ingest.name, $0.labels) })
      )
    )
    let selectionNames = selections.map(\.name)
    tokenizer = try keys["tokenizer"].map {
      try TokenizerSettings(yaml: $0, selections: selectionNames, folder: folder)
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
      selection: tokenizer.selection,
      tokenizer: tokenizer.name,
      seed: seed
    )
    self.run = run
    generation = try keys["generate"].map {
      try $0.decode(over: GenerationSettings(seed: seed))
    }
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

/// One entry of a recipe's `sources`.
private struct RecipeSource {
  let ingest: IngestSettings
  /// What selections take of the source where they say nothing else.
  let selected: SelectSettings.Source
  let labels: OutputSettings.Labels

  init(_ name: String, _ setting: Setting, folder: String) throws {
    try checkName(name, of: "source")
    let keys = try KeyedSettings(
      setting,
      known: [
        "format", "paths", "words", "share", "filter", "order", "limit", "options", "category",
        "language", "script",
      ]
    )
    let defaults = OutputSettings.Labels()
    labels = OutputSettings.Labels(
      category: try keys["category"]?.text(),
      language: try keys["language"]?.text() ?? defaults.language,
      script: try keys["script"]?.text() ?? defaults.script
    )
    try labels.validate(at: setting.place)
    let format = try SourceFormat(named: keys["format"]?.text() ?? name, place: setting.place)
    var selected = SelectSettings.Source(name: name)
    try selected.read(keys)
    self.selected = selected
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
