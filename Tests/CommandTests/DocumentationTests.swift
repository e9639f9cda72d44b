import Foundation
import Metrics
import Modeling
import Pipeline
import Storage
import TestSupport
import Testing

/// The documentation knows every command, source and key that the program knows.
@Suite struct DocumentationTests {
  func text(_ path: String) throws -> String {
    try String(contentsOfFile: Program.root + "/" + path, encoding: .utf8)
  }

  /// The names that follow the heading SUBCOMMANDS in a help text.
  func subcommands(of command: [String]) throws -> [String] {
    let help = try Program.run(["help"] + command).output
    guard let section = help.range(of: "SUBCOMMANDS:") else { return [] }
    return help[section.upperBound...].split(separator: "\n")
      .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") && !$0.hasPrefix("  See ") }
      .compactMap { $0.split(separator: " ").first.map(String.init) }
  }

  @Test func `README names every command`() throws {
    let readme = try text("README.md")
    let commands = try subcommands(of: [])
    #expect(commands.count >= 11)
    for command in commands {
      let inner = try subcommands(of: [command])
      for name in inner.isEmpty ? [command] : inner.map({ command + " " + $0 }) {
        #expect(readme.contains("| `blalm \(name)"), "\(name)")
      }
    }
  }

  @Test func `README names every source`() throws {
    let readme = try text("README.md")
    for format in SourceFormat.allCases {
      #expect(readme.contains("| `\(format.rawValue)` |"), "\(format)")
    }
  }

  @Test func `README links only to files that exist`() throws {
    let readme = try text("README.md")
    let links = readme.matches(of: /\]\((Sources[^)]*)\)/).map { String($0.output.1) }
    #expect(links.count >= 8)
    for link in links {
      #expect(FileManager.default.fileExists(atPath: Program.root + "/" + link), "\(link)")
    }
  }

  @Test func `the guide of recipes names every key that a recipe knows`() throws {
    let guide = try text("Sources/Pipeline/Pipeline.docc/Recipe.md")
    let source = try ["Recipe", "Recipe+Selections", "MeasureSettings"]
      .map { try text("Sources/Pipeline/\($0).swift") }.joined()
    let lists = source.matches(of: /known: \[([^\]]*)\]/).map { String($0.output.1) }
    let keys = lists.joined().matches(of: /"([A-Za-z]+)"/).map { String($0.output.1) }
    #expect(keys.count >= 12)
    for key in keys {
      #expect(
        guide.contains("`\(key)`") || guide.contains("`\(key).") || guide.contains(".\(key)`")
      )
    }
  }

  @Test func `the guide of filters names every function and limit`() throws {
    let guide = try text("Sources/Pipeline/Pipeline.docc/Filters.md")
    #expect(FilterExpression.functions.count >= 20)
    for function in FilterExpression.functions { #expect(guide.contains("`\(function)`")) }
    #expect(guide.contains("1,000 steps") && FilterExpression.mostStepsPerDocument == 1_000)
    #expect(guide.contains("10,000 bytes") && FilterExpression.mostBytes == 10_000)
  }

  @Test func `the guide of recipes names every reason`() throws {
    let guide = try text("Sources/Pipeline/Pipeline.docc/Recipe.md")
    let reasons = try text("Sources/Curation/BudgetSelection.swift")
      .matches(of: /"((?:in|out): [^"\\]*)/).map { String($0.output.1) }
    #expect(reasons.count >= 14)
    for reason in reasons { #expect(guide.contains("`\(reason)"), "\(reason)") }
  }

  @Test func `the store's guide names every table, view and column of the index`() throws {
    let guide = try text("Sources/Storage/Storage.docc/Schema.md")
    #expect(try text("Sources/Storage/Storage.docc/Storage.md").contains("](Schema.md)"))
    let schema =
      try text("Sources/Storage/Migrations.swift") + text("Sources/Storage/JudgmentSchema.swift")
    let views =
      try text("Sources/Storage/SummaryViews.swift")
      + text("Sources/Storage/CorpusView.swift")
    let tables = (schema + views).matches(of: /CREATE (?:TABLE|VIEW) (\w+)/).map {
      String($0.output.1)
    }
    let columns = schema.matches(of: /\n    (\w+) (?:TEXT|INTEGER|REAL)/).map {
      String($0.output.1)
    }
    #expect(tables.count >= 24 && columns.count >= 50)
    for name in tables { #expect(guide.contains("### \(name)\n"), "\(name)") }
    for name in columns { #expect(guide.contains("| `\(name)` |"), "\(name)") }
  }

  @Test func `the guides name every metric, column and word list`() throws {
    let schema = try text("Sources/Storage/Storage.docc/Schema.md")
    let guide = try text("Sources/Pipeline/Pipeline.docc/Measuring.md")
    #expect(allMetrics.count >= 10)
    for metric in allMetrics {
      #expect(schema.contains("### \(metric.name)\n\nA row is a document.\n\n\(metric.summary)\n"))
      for column in metric.columns {
        // In the metric's own table and in `corpus`.
        let rows = schema.matches(of: try Regex("\\n\\| `\(column.name)` \\|")).count
        #expect(rows >= 2, "\(column.name)")
      }
      for list in metric.wordLists { #expect(guide.contains("`\(list)`"), "\(list)") }
    }
  }

  @Test func `the guide of the model names every setting and preset`() throws {
    let guide = try text("Sources/Modeling/Modeling.docc/Modeling.md")
    let recipe = try text("Sources/Pipeline/Pipeline.docc/Recipe.md")
    let source = try text("Sources/Modeling/ModelConfiguration.swift")
    let settings = source.matches(of: /\n  public var (\w+)(?:: \w+\??| = .*)\n/).map {
      String($0.output.1)
    }
    #expect(settings.count >= 16)
    for setting in settings where setting != "vocabularySize" {
      #expect(guide.contains("`\(setting)`"), "\(setting)")
    }
    for preset in ModelConfiguration.Preset.allCases {
      #expect(guide.contains("| `\(preset.rawValue)` |") && recipe.contains("`\(preset.rawValue)`"))
    }
  }

  @Test func `the guide of training names every setting`() throws {
    let guide = try text("Sources/Training/Training.docc/Training.md")
    let source = try text("Sources/Training/TrainingSettings.swift")
    let settings = source.matches(of: /\n  public var (\w+): [A-Z]\w*\??\n/).map {
      String($0.output.1)
    }
    #expect(settings.count >= 15)
    for setting in settings { #expect(guide.contains("`\(setting)`"), "\(setting)") }
  }

  @Test func `the guide of rubrics names every setting, reason and built-in rubric`() throws {
    let guide = try text("Sources/Rubrics/Rubrics.docc/Rubrics.md")
    let settings = try text("Sources/Rubrics/EndpointSettings.swift")
      .matches(of: /\n  public var (\w+):/).map { String($0.output.1) }
    #expect(settings.count >= 18)
    for setting in settings { #expect(guide.contains("`\(setting)`"), "\(setting)") }
    let reasons = try text("Sources/Rubrics/AnswerReading.swift")
      .matches(of: /\n    case \w+ = "([^"]+)"/).map { String($0.output.1) }
    #expect(reasons.count >= 7)
    for reason in reasons { #expect(guide.contains("`\(reason)`"), "\(reason)") }
    let rubrics = try FileManager.default.contentsOfDirectory(atPath: Program.root + "/rubrics")
    #expect(rubrics.count >= 3)
    for name in rubrics {
      #expect(guide.contains("`\(name.replacing(".yaml", with: ""))`"), "\(name)")
    }
  }
}
