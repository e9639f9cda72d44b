import Curation
import Files
import Pipeline
import Settings
import Testing

/// The selections of a recipe.
@Suite struct RecipeSelectionsTests {
  func recipe(_ rest: String) throws -> Recipe {
    let sources = """
      name: r
      seed: 9
      sources:
        childes:
          paths: x
          words: 500
          limit: {by: key/2, documents: 3}
        wikipedia:
          paths: y
          filter: words > 50
          order: -words

      """
    return try Recipe(yaml: Setting.parse(sources + rest, file: "r.yaml"), folder: ".")
  }

  @Test func `a recipe that says nothing has one selection of every source`() throws {
    let selections = try recipe("").selections
    #expect(selections.count == 1)
    let selection = try #require(selections.first)
    #expect(selection.name == "main" && selection.seed == 9 && selection.order == .random)
    #expect(selection.devShare == 0.05 && selection.testShare == 0)
    #expect(selection.duplicates == .drop && selection.contaminated == .drop)
    #expect(selection.shortfall == .error && selection.words == nil && selection.filter == nil)
    #expect(selection.sources.map(\.name) == ["childes", "wikipedia"])
    #expect(selection.sources[0].words == 500)
    #expect(selection.sources[0].limit == GroupLimit(by: "key/2", documents: 3))
    #expect(selection.sources[1].filter == "words > 50")
    #expect(selection.sources[1].order == .column("words", descending: true))
  }

  @Test func `a selection sets defaults, and its own entry for a source counts most`() throws {
    let selection = try #require(
      try recipe(
        """
        selection:
          name: mine
          words: 1_000
          filter: bytes > 3
          order: source
          limit: {by: file, documents: 7}
          devShare: 0.2
          testShare: 0.1
          duplicates: keep
          contaminated: keep
          shortfall: share
          seed: 4
          sources:
            wikipedia: {share: 0.5, filter: bytes > 4}
            childes:
        """
      ).selections.first
    )
    #expect(selection.name == "mine" && selection.words == 1_000 && selection.seed == 4)
    #expect(selection.filter == "bytes > 3" && selection.order == .source)
    #expect(selection.limit == GroupLimit(by: "file", documents: 7))
    #expect(selection.devShare == 0.2 && selection.testShare == 0.1)
    #expect(selection.duplicates == .keep && selection.contaminated == .keep)
    #expect(selection.shortfall == .share)
    #expect(selection.sources.map(\.name) == ["wikipedia", "childes"])
    #expect(selection.sources[0].share == 0.5 && selection.sources[0].words == nil)
    #expect(selection.sources[0].filter == "bytes > 4")
    #expect(selection.sources[0].order == .column("words", descending: true))
    #expect(selection.sources[1].words == 500)
  }

  @Test func `several selections stand by their names, and the tokenizer names one`() throws {
    let yaml = """
      selections:
        plain:
        short:
          order: words
          sources: {childes: {words: 40}}
      tokenizer: {}
      """
    let several = try recipe(yaml)
    #expect(several.selections.map(\.name) == ["plain", "short"])
    #expect(several.selections[1].sources.map(\.words) == [40])
    #expect(several.tokenizer?.selection == "plain")
    let named = try recipe(yaml.replacing("tokenizer: {}", with: "tokenizer: {selection: short}"))
    #expect(named.tokenizer?.selection == "short")
  }

  @Test(arguments: [
    ("selection: {}\nselections: {a: {}}", "both `selection` and `selections`"),
    ("selections: {}", "a selection or more"),
    ("selections: {a: {name: b}}", "`name`"),
    ("selections: {a/b: {}}", "cannot name"),
    ("selection: {sources: {childes: {word: 4}}}", "`word`"),
    ("selection: {sources: {childs: {words: 4}}}", "`childs`"),
    ("selection: {sources: {childes: {words: 4, share: 0.1}}}", "both `words` and `share`"),
    ("selection: {sources: {childes: {share: 0.1}}}", "has no words"),
    ("selection: {words: 1000, sources: {childes: {share: 1.5}}}", "no share"),
    ("selection: {words: 1000}", "neither words nor a share"),
    (
      "selection: {words: 9, sources: {childes: {share: 0.9}, wikipedia: {share: 0.2}}}",
      "add up to 1.1"
    ),
    ("selection: {words: 400, sources: {childes: }}", "more than 400"),
    ("selection: {words: 9, sources: {childes: {share: 0.01}}}", "less than a word"),
    ("selection: {devShare: 0.6, testShare: 0.4}", "nothing to train on"),
    ("selection: {testShare: -0.1}", "no share"), ("selection: {order: 3}", "text"),
    ("selection: {order: '-'}", "an order is"), ("selection: {limit: {by: file}}", "`documents`"),
    ("selection: {limit: {by: file, documents: 0}}", "whole number"),
    ("selection: {filter: [a]}", "text"), ("selection: {duplicates: remove}", "remove"),
    ("selection: {shortfall: yes}", "text"), ("selection: {words: 0}", "whole number"),
    ("selection: {}\ntokenizer: {selection: other}", "`other`"),
  ])
  func `what cannot work is bad usage`(yaml: String, words: String) throws {
    let failure = try #require(throws: Failure.self) { try recipe(yaml) }
    #expect(failure.kind == .usage)
    #expect(failure.what.contains(words), "\(failure)")
    #expect(failure.place.contains("r.yaml:") || failure.place.contains("selection"))
  }
}
