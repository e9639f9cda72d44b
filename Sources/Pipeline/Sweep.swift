// A grid over a recipe's fields and over seeds: one run after another, each resumable, and at the end a
// table with the spread over the seeds.
//
// A point of the grid is the recipe with some values replaced; its run has a name of its own, so that
// the ledger knows which points are done.

import Documents
import Files
import Foundation
package import Settings

/// Which values of which fields to try, with which seeds.
public struct Sweep: Sendable {
  /// A field of the recipe with the values to try.
  package struct Axis: Sendable {
    /// The keys, the outermost first, such as `training` and `learningRate`.
    package let path: [String]
    /// The values.
    package let values: [Setting]

    /// The field as a person writes it.
    var name: String { path.joined(separator: ".") }
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

  /// The names of the fields, in the grid's order.
  public let fields: [String]
  /// The runs: the seeds of the first point, then those of the second, and so on.
  public let points: [Point]

  /// Reads a recipe with a `sweep:` part, or with a grid given apart.
  ///
  /// - Parameters:
  ///   - path: The recipe.
  ///   - grid: Fields with values that stand in place of the recipe's, such as
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
    let axes = grid.isEmpty ? settings.grid : grid
    let seeds = seeds.isEmpty ? settings.seeds : seeds
    let name = name ?? settings.name
    try checkName(name, of: "sweep")
    guard !axes.isEmpty || seeds.count > 1 else {
      throw Failure(
        .usage,
        what: "there is nothing to sweep over",
        place: root.place,
        remedy: "write `sweep:` with `grid:` or `seeds:`, or give --grid or --seeds"
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
    let size = axes.reduce(seeds.count) { min($0, 10_001) * min($1.values.count, 10_001) }
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
    points = try Sweep.combinations(of: axes).flatMap { values in
      try seeds.map { seed in
        try Sweep.point(base, folder: folder, name: name, axes: axes, values: values, seed: seed)
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

  private static func combinations(of axes: [Axis]) -> [[Setting]] {
    axes.reduce([[]]) { combinations, axis in
      combinations.flatMap { combination in axis.values.map { combination + [$0] } }
    }
  }

  private static func point(
    _ base: Setting,
    folder: String,
    name: String,
    axes: [Axis],
    values: [Setting],
    seed: Int
  ) throws -> Point {
    var root = base
    var written: [String: String] = [:]
    var run = name
    for (axis, value) in zip(axes, values) {
      root = try root.replacing(axis.path, with: value)
      let text = value.scalarText ?? ""
      written[axis.name] = text
      run += "-\(axis.path.last ?? "")-\(text)"
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
    path = field.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    self.values = values
    let unusable = ["sweep", "name", "generate", "training.seed", "training.name"]
    guard !path.contains(""), !unusable.contains(field) else {
      throw Failure(
        .usage,
        what: "`\(field)` is no field that can be swept over",
        place: "the sweep's grid",
        remedy: "name a recipe's key such as `training.learningRate`; seeds go under `seeds`"
      )
    }
    guard !values.isEmpty, values.allSatisfy({ $0.scalarText != nil }) else {
      throw Failure(
        .usage,
        what: "`\(field)` needs a list of plain values",
        place: values.first?.place ?? "the sweep's grid",
        remedy: "write it as \(field): [first, second]"
      )
    }
  }
}

/// A recipe's `sweep`.
private struct SweepSettings {
  var name = "sweep"
  var grid: [Sweep.Axis] = []
  var seeds = [1]

  init(_ setting: Setting?) throws {
    guard let setting else { return }
    let keys = try KeyedSettings(setting, known: ["name", "grid", "seeds"])
    name = try keys["name"]?.text() ?? name
    grid =
      try keys["grid"]?.entries().map {
        try Sweep.Axis(field: $0.key, values: $0.value.items())
      } ?? []
    seeds = try keys["seeds"]?.items().map { try $0.integer(in: 0...Int.max) } ?? seeds
  }
}
