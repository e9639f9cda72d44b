// Variants of a recipe, a grid over its fields, and seeds: one run after another, each resumable, and at
// the end a table with the spread over the seeds.
//
// A point is the recipe with some values replaced; its run has a name of its own, so that the ledger
// knows which points are done.

import Documents
import Files
import Foundation
package import Settings

/// Which variants and which values of which fields to try, with which seeds.
public struct Sweep: Sendable {
  /// What is tried in turn: the values of one field, or the variants.
  package struct Axis: Sendable {
    /// The field as a person writes it, or `variant`.
    let name: String
    /// What stands before a choice in a run's name.
    let prefix: String
    /// What to choose from.
    let choices: [Choice]
  }

  /// A value of a field, or a variant: what it is called, and what it replaces in the recipe.
  package struct Choice: Sendable {
    let label: String
    let changes: [Change]
  }

  /// A field of the recipe, its keys from the outermost on, with the value that it gets.
  package struct Change: Sendable {
    let path: [String]
    let value: Setting
  }

  /// One run of the sweep.
  public struct Point: Sendable {
    /// The run's name.
    public let run: String
    /// The values of the grid's fields, by field, as written.
    public let values: [String: String]
    /// The training's seed.
    public let seed: Int
    /// The recipe with the values in their places.
    public let recipe: Recipe
  }

  /// `variant` where there are variants, then the names of the fields, in the grid's order.
  public let fields: [String]
  /// The runs: the seeds of the first point, then those of the second, and so on.
  public let points: [Point]

  /// Reads a recipe with a `sweep:` part, or with a grid given apart.
  ///
  /// - Parameters:
  ///   - path: The recipe.
  ///   - grid: Fields with values that stand in place of the recipe's grid and variants, such as
  ///     `training.learningRate=0.003,0.006`.
  ///   - seeds: The seeds that stand in place of the recipe's.
  ///   - name: What the runs' names begin with, in place of the recipe's word.
  /// - Throws: ``Failure`` where the recipe, a field or a value cannot work.
  public init(
    path: String,
    grid: [String] = [],
    seeds: [Int] = [],
    name: String? = nil
  ) throws {
    let folder = (path as NSString).deletingLastPathComponent
    try self.init(
      yaml: Setting.load(path: path),
      folder: folder.isEmpty ? "." : folder,
      grid: grid.map(Sweep.axis),
      seeds: seeds,
      name: name
    )
  }

  package init(
    yaml root: Setting,
    folder: String,
    grid: [Axis] = [],
    seeds: [Int] = [],
    name: String? = nil
  ) throws {
    let settings = try SweepSettings(root.value(at: ["sweep"]))
    let axes = grid.isEmpty ? settings.axes : grid
    let seeds = seeds.isEmpty ? settings.seeds : seeds
    let name = name ?? settings.name
    try checkName(name, of: "sweep")
    guard !axes.isEmpty || seeds.count > 1 else {
      throw Failure(
        .usage,
        what: "there is nothing to sweep over",
        place: root.place,
        remedy: "write `sweep:` with `variants:`, `grid:` or `seeds:`, or give --grid or --seeds"
      )
    }
    guard Set(seeds).count == seeds.count, seeds.allSatisfy({ $0 >= 0 }) else {
      throw Failure(
        .usage,
        what: "the seeds are not different numbers from 0",
        place: "the sweep's seeds",
        remedy: "name each seed once"
      )
    }
    let size = axes.reduce(seeds.count) { min($0, 10_001) * min($1.choices.count, 10_001) }
    guard axes.count <= 8, (1...10_000).contains(size) else {
      throw Failure(
        .usage,
        what: "the grid has more than 8 fields or 10000 runs",
        place: "the sweep's grid",
        remedy: "try fewer values at a time"
      )
    }
    fields = axes.map(\.name)
    let base = try ["sweep", "generate"].reduce(root) { try $0.replacing([$1], with: nil) }
    points = try Sweep.combinations(of: axes).flatMap { choices in
      try seeds.map { seed in
        try Sweep.point(base, folder: folder, name: name, axes: axes, choices: choices, seed: seed)
      }
    }
    guard Set(points.map(\.run)).count == points.count else {
      throw Failure(
        .usage,
        what: "two values of a field are the same",
        place: "the sweep's grid",
        remedy: "name each value once"
      )
    }
  }

  private static func combinations(of axes: [Axis]) -> [[Choice]] {
    axes.reduce([[]]) { combinations, axis in
      combinations.flatMap { combination in axis.choices.map { combination + [$0] } }
    }
  }

  private static func point(
    _ base: Setting,
    folder: String,
    name: String,
    axes: [Axis],
    choices: [Choice],
    seed: Int
  ) throws -> Point {
    var root = base
    var written: [String: String] = [:]
    var run = name
    for (axis, choice) in zip(axes, choices) {
      for change in choice.changes {
        root = try root.replacing(change.path, with: change.value)
      }
      written[axis.name] = choice.label
      run += axis.prefix + choice.label
    }
    run += "-seed-\(seed)"
    root = try root.replacing(["training", "seed"], with: Setting(.integer(seed), place: "seeds"))
    let runName = Sweep.runName(run, prefix: name)
    root = try root.replacing(
      ["training", "name"],
      with: Setting(.text(runName), place: "the sweep's name")
    )
    let recipe = try Recipe(yaml: root, folder: folder)
    guard recipe.run != nil else {
      throw Failure(
        .usage,
        what: "the recipe trains no model",
        place: base.place,
        remedy: "add `tokenizer:` and `model:`"
      )
    }
    return Point(run: runName, values: written, seed: seed, recipe: recipe)
  }

  /// A name that a folder can have: other characters become `_`, a long one ends in a digest.
  private static func runName(_ text: String, prefix: String) -> String {
    let allowed = text.map { character in
      character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
        ? character : "_"
    }
    var name = String(allowed)
    while name.contains("--") { name = name.replacing("--", with: "-_") }
    guard name != text || name.utf8.count > 90 else { return name }
    return name.prefix(70) + "." + SHA256.hash(text).description.prefix(12)
  }

  /// Reads a field with values as the command line has them, such as `training.epochs=1,2`.
  package static func axis(_ text: String) throws -> Axis {
    guard let sign = text.firstIndex(of: "="), sign > text.startIndex,
      text.index(after: sign) < text.endIndex
    else {
      throw Failure(
        .usage,
        what: "`\(text)` is no field with values",
        place: "--grid",
        remedy: "write it as training.learningRate=0.003,0.006"
      )
    }
    let field = String(text[..<sign])
    let list = "values: [\(text[text.index(after: sign)...])]"
    let values = try Setting.parse(list, file: "--grid").value(at: ["values"])
    return try Axis(field: field, values: values?.items() ?? [])
  }
}

extension Sweep.Axis {
  /// Checks a field with its values.
  fileprivate init(field: String, values: [Setting]) throws {
    let path = try Sweep.path(of: field)
    guard !values.isEmpty, values.allSatisfy({ $0.scalarText != nil }) else {
      throw Failure(
        .usage,
        what: "`\(field)` needs a list of plain values",
        place: values.first?.place ?? "the sweep's grid",
        remedy: "write it as \(field): [first, second]"
      )
    }
    name = field
    prefix = "-\(path.last ?? "")-"
    choices = values.map { value in
      Sweep.Choice(
        label: value.scalarText ?? "",
        changes: [Sweep.Change(path: path, value: value)]
      )
    }
  }

  /// Checks variants: names, each with the fields that it changes.
  fileprivate init(variants: [Setting.Entry]) throws {
    name = "variant"
    prefix = "-"
    choices = try variants.map { variant in
      let isEmpty = if case .scalar(.null) = variant.value.content { true } else { false }
      let entries = isEmpty ? [] : try variant.value.entries()
      let changes = try entries.map { entry in
        Sweep.Change(path: try Sweep.path(of: entry.key), value: entry.value)
      }
      return Sweep.Choice(label: variant.key, changes: changes)
    }
  }
}

extension Sweep {
  /// The keys of a field, where it may be swept over.
  fileprivate static func path(of field: String) throws -> [String] {
    let path = field.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let unusable = ["sweep", "name", "generate", "training.seed", "training.name"]
    guard !path.contains(""), !unusable.contains(field) else {
      throw Failure(
        .usage,
        what: "`\(field)` is no field that can be swept over",
        place: "the sweep's grid or variants",
        remedy: "name a recipe's key such as `training.learningRate`; seeds go under `seeds`"
      )
    }
    return path
  }
}

/// A recipe's `sweep`.
private struct SweepSettings {
  var name = "sweep"
  var axes: [Sweep.Axis] = []
  var seeds = [1]

  init(_ setting: Setting?) throws {
    guard let setting else { return }
    let keys = try KeyedSettings(setting, known: ["name", "variants", "grid", "seeds"])
    name = try keys["name"]?.text() ?? name
    if let variants = try keys["variants"]?.entries(), !variants.isEmpty {
      axes.append(try Sweep.Axis(variants: variants))
    }
    axes +=
      try keys["grid"]?.entries().map {
        try Sweep.Axis(field: $0.key, values: $0.value.items())
      } ?? []
    seeds = try keys["seeds"]?.items().map { try $0.integer(in: 0...Int.max) } ?? seeds
  }
}
