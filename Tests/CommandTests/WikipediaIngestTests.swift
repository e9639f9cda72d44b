import Foundation
import TestSupport
import Testing

/// `blalm ingest wikipedia` as a user calls it.
@Suite struct WikipediaIngestTests {
  /// An export of our own sentences; each page loses a template and a table.
  private func export(pages: Int) -> String {
    let pages = (1...pages).map { number in
      """
      <page><title>Hare \(number)</title><ns>0</ns><id>\(number)</id><revision><id>\(number)</id>
      <text>Hare number \(number) {{quux|is quick}} and runs {{convert|5|km}} a day.{{cn}}
      {|
      | Age || \(number % 9)
      |}</text></revision></page>
      """
    }
    return "<mediawiki>" + pages.joined(separator: "\n") + "</mediawiki>"
  }

  private struct Report: Decodable {
    struct Details: Decodable {
      let warnings: [String]?
      let characters: Int
      let droppedTables: Int
      let droppedTemplates: Int
      let droppedInlineTemplates: Int
      let droppedTemplateUses: [String: Int]
      let droppedTemplateCharacters: [String: Int]
    }
    let input: Int
    let output: Int
    let rejected: [String: Int]
    let details: Details
  }

  private func ingest(
    _ path: String,
    into workspace: String,
    input: String = ""
  ) throws -> Report {
    let result = try Program.run(
      ["ingest", "wikipedia", path, "-w", workspace, "--json", "--quiet"],
      input: input
    )
    #expect(result.status == 0, "\(result.errors)")
    return try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
  }

  @Test func `standard input is read each time, and the report sums what pages lost`() throws {
    let folder = try TemporaryFolder()
    let workspace = folder.path + "/ws"
    let first = try ingest("-", into: workspace, input: export(pages: 30))
    #expect(first.output == 30)
    #expect(first.details.warnings == nil)
    #expect(first.details.droppedTables == 30)
    #expect(first.details.droppedTemplates == 60)
    #expect(first.details.droppedInlineTemplates == 30)
    #expect(first.details.droppedTemplateUses == ["cn": 30, "quux": 30])
    // "is quick" and one for the gap.
    #expect(first.details.droppedTemplateCharacters == ["quux": 30 * 9])
    #expect(first.details.characters > 30 * 40)
    #expect(try ingest("-", into: workspace, input: export(pages: 7)).output == 7)
  }

  @Test func `a file cut short keeps its pages and says so`() throws {
    let folder = try TemporaryFolder()
    let whole = export(pages: 30)
    let path = try folder.write("cut.xml", String(whole.prefix(whole.count / 2)))
    let report = try ingest(path, into: folder.path + "/ws")
    #expect(report.output >= 14)
    #expect(report.rejected == ["damaged from here on": 1])
    #expect(report.input == report.output + 1)
    let warning = try #require(report.details.warnings?.first)
    #expect(warning.hasPrefix("cut.xml is damaged from here on: "))
    #expect(report.details.warnings?.count == 1)
    let refused = try Program.run([
      "ingest", "wikipedia", path, "-w", folder.path + "/ws", "-o", "damagedFiles=refused",
    ])
    #expect(refused.status == 1)
    #expect(refused.errors.contains("cut.xml:"))
  }
}
