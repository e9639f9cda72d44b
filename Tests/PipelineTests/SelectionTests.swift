import Curation
import Documents
import Files
import Foundation
import GRDB
import Pipeline
import Storage
import TestSupport
import Testing

/// Selections against an independent oracle, and Python.
@Suite struct SelectionTests {
  /// A made-up recipe, with its filter in Swift.
  struct Recipe {
    var settings: SelectSettings
    var filter: (SelectionFixture.Item) -> Bool?
    var column = "score"
  }

  static let orders: [TakingOrder] = [
    .random, .source, .column("score", descending: false), .column("score", descending: true),
  ]

  func recipe(_ number: Int, _ fixture: SelectionFixture) -> Recipe {
    var random = SeededNumbers(UInt64(number) + 100)
    let sources = ["a", "b", "c"].shuffled(using: &random)
      .prefix(Int.random(in: 1...3, using: &random))
    var settings = SelectSettings(
      name: "p\(number)",
      sources: sources.map { SelectSettings.Source(name: $0) },
      order: random.pick(Self.orders),
      devShare: random.pick([0, 0.1, 0.25]),
      seed: UInt64(number)
    )
    settings.testShare = random.pick([0, 0.1])
    settings.duplicates = random.pick([.drop, .keep])
    if Bool.random(using: &random) { settings.limit = GroupLimit(by: "book", documents: 4) }
    for index in settings.sources.indices {
      settings.sources[index].words = Int.random(in: 1...400, using: &random)
      if Bool.random(using: &random) {
        settings.sources[index].order = random.pick(Self.orders)
      }
    }
    settings.shortfall = .share
    switch number % 3 {
    case 0: return Recipe(settings: settings) { _ in true }
    case 1:
      settings.filter = "score > -1.5"
      return Recipe(settings: settings) { item in item.score.map { $0 > -1.5 } }
    default:
      settings.filter = "book <> 'book3'"
      return Recipe(
        settings: settings,
        filter: { item in item.book.map { $0 != "book3" } },
        column: "book"
      )
    }
  }

  @Test func `fifty random recipes give what a slow oracle gives, within their budgets`() throws {
    let fixture = try SelectionFixture()
    var texts: [String] = []
    for number in 0..<50 {
      let recipe = recipe(number, fixture)
      let settings = recipe.settings
      let report: StageReport
      do {
        report = try fixture.context.select(settings)
      } catch let failure as Failure {
        // A budget of a few words may fit no sentence.
        #expect(failure.what.contains("no document is left"), "\(failure)")
        continue
      }
      var budgets: [String: Int] = [:]
      for source in settings.sources { budgets[source.name] = source.words }
      if case .object(let moved) = report.details["moved"] {
        for (name, value) in moved {
          if case .integer(let words) = value { budgets[name]? += words }
        }
      }
      let expected = SelectionOracle(
        fixture: fixture,
        settings: settings,
        filter: recipe.filter,
        column: recipe.column
      ).outcome(budgets: budgets)
      let rows = try fixture.rows(of: settings.name)
      #expect(Set(rows.keys) == Set(expected.keys))
      for (id, row) in rows {
        #expect(row.reason == expected[id]?.reason, "recipe \(number)")
        #expect(row.words == expected[id]?.words, "recipe \(number)")
      }
      for source in settings.sources {
        let items = fixture.items(of: source.name)
        let words = items.reduce(0) { sum, item in
          let row = rows[item.document.id]
          return sum + (row?.split == .train ? row?.words ?? 0 : 0)
        }
        let budget = budgets[source.name] ?? 0
        let longest = items.flatMap { SelectionOracle.sentences(of: $0.document.text) }.max() ?? 0
        #expect(words <= budget && (words > budget - longest || budget == 0))
        let path = fixture.folder("w/selections/p\(number)/\(source.name).train")
        guard words > 0 else { continue }
        texts.append("\(path)\t\(words)")
      }
      #expect(report.words <= settings.sources.reduce(0) { $0 + ($1.words ?? 0) })
    }
    #expect(texts.count > 50)
    try compareWithPython(texts, fixture.folder)
  }

  /// Counts each file's words with Python, where it is installed.
  func compareWithPython(_ lines: [String], _ folder: TemporaryFolder) throws {
    let python = "/usr/bin/python3"
    guard FileManager.default.isExecutableFile(atPath: python) else { return }
    let list = try folder.write("list.tsv", lines.joined(separator: "\n"))
    let process = Process()
    process.executableURL = URL(filePath: python)
    process.arguments = [
      "-c",
      """
      import sys
      bad = 0
      for line in open(sys.argv[1]):
          path, words = line.rstrip("\\n").split("\\t")
          bad += len(open(path, encoding="utf-8").read().split()) != int(words)
      sys.exit(bad)
      """, list,
    ]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  @Test func `a cluster never lies on both sides, also where copies are kept`() throws {
    let fixture = try SelectionFixture(seed: 11)
    for duplicates in SelectSettings.Marked.allCases {
      var settings = SelectSettings(
        sources: ["a", "b", "c"].map { SelectSettings.Source(name: $0) },
        devShare: 0.4
      )
      settings.testShare = 0.2
      settings.duplicates = duplicates
      _ = try fixture.context.select(settings)
      let rows = try fixture.rows(of: "main")
      let copies = fixture.items.filter { $0.keeper != nil }
      #expect(copies.count > 15)
      for (keeper, members) in Dictionary(grouping: copies, by: \.keeper) {
        let ids = [try #require(keeper)] + members.map(\.document.id)
        let sides = ids.compactMap { rows[$0]?.split }
        #expect(Set(sides).count <= 1)
        if duplicates == .drop { #expect(sides.count <= 1) }
      }
      let dropped = rows.values.filter { $0.reason == "out: a duplicate" }
      #expect(dropped.isEmpty == (duplicates == .keep))
    }
  }

  @Test func `a copy stands in for a keeper that is not chosen from`() throws {
    let fixture = try SelectionFixture(seed: 11)
    _ = try fixture.context.select(
      SelectSettings(sources: [SelectSettings.Source(name: "c")], devShare: 0)
    )
    let rows = try fixture.rows(of: "main")
    let others = Set((fixture.items(of: "a") + fixture.items(of: "b")).map(\.document.id))
    let copies = fixture.items(of: "c").filter { $0.keeper.map(others.contains) == true }
    #expect(!copies.isEmpty)
    for (_, members) in Dictionary(grouping: copies.filter { !$0.words.isEmpty }, by: \.keeper) {
      #expect(members.compactMap { rows[$0.document.id]?.split }.count == 1)
    }
  }

  @Test func `a selection in the order of a column is trained on in that order`() throws {
    let fixture = try SelectionFixture()
    _ = try fixture.context.select(
      SelectSettings(
        sources: ["b", "a"].map { SelectSettings.Source(name: $0) },
        order: .column("score", descending: true)
      )
    )
    let scores = Dictionary(
      uniqueKeysWithValues: fixture.items.map { ($0.document.id, $0.score ?? -.infinity) }
    )
    let train = try fixture.context.workspace.index.documents(in: "main", split: .train)
    let order = train.map { scores[$0.row.id] ?? 0 }
    #expect(order == order.sorted(by: >))
    #expect(Set(train.prefix(20).map(\.row.source)) == ["a", "b"])
  }

  @Test func `contaminated documents are out unless they are kept`() throws {
    let fixture = try SelectionFixture()
    let marked = fixture.items(of: "a").filter { !$0.words.isEmpty }.prefix(5).map(\.document.id)
    try fixture.context.workspace.index.write { database in
      for id in marked {
        try database.execute(
          sql: "INSERT INTO contamination VALUES (?, 'blimp', 'sentence', 2, 'x')",
          arguments: [id.description]
        )
      }
    }
    var settings = SelectSettings(sources: [SelectSettings.Source(name: "a")])
    _ = try fixture.context.select(settings)
    let rows = try fixture.rows(of: "main")
    #expect(
      Set(rows.values.filter { $0.reason == "out: contaminated" }.map(\.id)) == Set(marked)
    )
    settings.contaminated = .keep
    _ = try fixture.context.select(settings)
    #expect(try fixture.rows(of: "main").values.allSatisfy { $0.reason != "out: contaminated" })
  }

  @Test func `a preview says what the selection then does, and writes nothing`() throws {
    let fixture = try SelectionFixture()
    var settings = SelectSettings(
      sources: [SelectSettings.Source(name: "a", words: 300), SelectSettings.Source(name: "c")]
    )
    settings.filter = "score > -3"
    let before = try FileManager.default.subpathsOfDirectory(atPath: fixture.folder("w")).sorted()
    let preview = try fixture.context.previewSelection(
      settings,
      grid: ThresholdGrid(column: "score", thresholds: [-10, 0, 2])
    )
    #expect(
      try FileManager.default.subpathsOfDirectory(atPath: fixture.folder("w")).sorted() == before
    )
    #expect(try fixture.context.workspace.index.settings(ofSelection: "main") == nil)
    for row in preview.grid {
      var stricter = settings
      stricter.name = "strict"
      stricter.sources[0].words = nil
      stricter.filter = "score > -3 AND score >= \(row.threshold)"
      _ = try fixture.context.select(stricter)
      let rows = try fixture.rows(of: "strict")
      for source in ["a", "c"] {
        let words = fixture.items(of: source).reduce(0) { sum, item in
          let chosen = rows[item.document.id]
          return sum + (chosen?.split == .train ? chosen?.words ?? 0 : 0)
        }
        #expect(row.words[source] == words)
      }
    }
    let report = try fixture.context.select(settings)
    #expect(preview.out == report.rejected)
    #expect(preview.sources.reduce(0) { $0 + $1.trainWords } == report.words)
    let tenths = try fixture.context.previewSelection(
      settings,
      grid: ThresholdGrid(column: "score", keepsSmall: true)
    ).grid
    #expect(tenths.count > 5)
    #expect(tenths.map(\.threshold) == tenths.map(\.threshold).sorted())
    #expect(tenths.map { $0.words["c"] ?? 0 } == tenths.map { $0.words["c"] ?? 0 }.sorted())
  }

  @Test func `two selections stand side by side`() throws {
    let fixture = try SelectionFixture()
    let index = fixture.context.workspace.index
    for (name, words) in [("small", 200), ("large", 500)] {
      _ = try fixture.context.select(
        SelectSettings(
          name: name,
          sources: [SelectSettings.Source(name: "a", words: words)],
          order: .column("score", descending: true)
        )
      )
    }
    let comparison = try index.compare("small", "large")
    let small = Set(try index.documents(in: "small", split: .train).map(\.row.id))
    let large = Set(try index.documents(in: "large", split: .train).map(\.row.id))
    #expect(comparison.both.documents == small.intersection(large).count)
    #expect(comparison.onlyFirst.documents == small.subtracting(large).count)
    #expect(comparison.onlySecond.documents == large.subtracting(small).count)
    let score = try #require(comparison.means.first { $0.column == "score" && $0.source == "a" })
    let scores = fixture.items.filter { small.contains($0.document.id) }.compactMap(\.score)
    #expect(abs((score.first ?? 0) - scores.reduce(0, +) / Double(scores.count)) < 1e-9)
    #expect((score.first ?? 0) > (score.second ?? 0))
    #expect(throws: Failure.self) { try index.compare("small", "none") }
  }

  @Test(arguments: [
    ("order: -scored", "did you mean `score`?"), ("limit: {by: bok, documents: 1}", "`book`"),
  ])
  func `a column that is not there is bad usage`(yaml: String, words: String) throws {
    let fixture = try SelectionFixture()
    var settings = SelectSettings(sources: [SelectSettings.Source(name: "a")])
    if yaml.hasPrefix("order") {
      settings.order = .column("scored", descending: true)
    } else {
      settings.limit = GroupLimit(by: "bok", documents: 1)
    }
    let failure = try #require(throws: Failure.self) { try fixture.context.select(settings) }
    #expect(failure.kind == .usage)
    #expect(failure.remedy.contains(words))
  }

  @Test(arguments: [Int.max, 1_000_000_000_001])
  func `more words than can be counted are bad usage, in shares and in sums`(words: Int) throws {
    let fixture = try SelectionFixture()
    var shares = SelectSettings(sources: [
      SelectSettings.Source(name: "a", share: 0.5), SelectSettings.Source(name: "b", share: 0.5),
    ])
    shares.words = words
    var sums = SelectSettings(sources: [
      SelectSettings.Source(name: "a", words: words),
      SelectSettings.Source(name: "b", words: words),
    ])
    sums.shortfall = .share
    for settings in [shares, sums] {
      let failure = try #require(throws: Failure.self) { try fixture.context.select(settings) }
      #expect(failure.kind == .usage && failure.what.contains("\(words) words"), "\(failure)")
    }
  }
}
