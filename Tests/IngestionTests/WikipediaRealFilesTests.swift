import Documents
import Foundation
import Ingestion
import Testing

/// Real exports, which are no part of the project: these tests are skipped where the folder is absent.
private let realFolder = sharedData.appendingPathComponent("wikipedia").path
private let pagesFolder = realFolder + "/wikitext-pages/tests/cache"
private let hasRealFolder = FileManager.default.fileExists(atPath: realFolder)

private func files(in folder: String) -> [String] {
  ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
}

@Suite(.enabled(if: hasRealFolder, "needs the real exports in ../shared/data"))
struct WikipediaRealFilesTests {
  private static let exports = files(in: realFolder).filter { $0.contains(".xml") }

  @Test(arguments: exports) func `every page is a document or a rejection, twice the same`(
    name: String
  ) throws {
    let reader = WikipediaReader()
    let input = InputFile(path: "\(realFolder)/\(name)", name: name)
    func read() throws -> (pages: Int, documents: [Document], reasons: [String: Int]) {
      var pages = 0
      var documents: [Document] = []
      var reasons: [String: Int] = [:]
      try reader.forEachRecord(in: input) { record in
        pages += 1
        for outcome in try reader.outcomes(of: record) {
          switch outcome {
          case .document(let document): documents.append(document)
          case .rejection(let rejection): reasons[rejection.reason, default: 0] += 1
          }
        }
      }
      return (pages, documents, reasons)
    }
    let first = try read()
    let second = try read()
    #expect(first.pages == first.documents.count + first.reasons.values.reduce(0, +))
    #expect(first.documents == second.documents)
    for document in first.documents {
      for leftover in leftovers(in: document.text) {
        Issue.record("\(document.key) \(leftover)")
      }
    }
  }

  /// Every outcome of an export, in order.
  private func outcomes(ofFile path: String) throws -> [IngestOutcome] {
    let reader = WikipediaReader()
    var outcomes: [IngestOutcome] = []
    try reader.forEachRecord(in: InputFile(path: path, name: "wiki.xml")) { record in
      outcomes += try reader.outcomes(of: record)
    }
    return outcomes
  }

  @Test func `plain, single-stream and multi-stream bzip2 give the same documents`() throws {
    let name = "nwtgck_wikidump.xml.bz2"
    var xml: [UInt8] = []
    try forEachChunk(ofFile: "\(realFolder)/\(name)") { chunk in
      for index in chunk.indices { xml.append(chunk[index]) }
    }
    try withTemporaryFolder { folder in
      func documents(_ bytes: [UInt8], _ name: String) throws -> [Document] {
        try outcomes(ofFile: try write(bytes, to: name, in: folder)).compactMap {
          if case .document(let document) = $0 { document } else { nil }
        }
      }
      let plain = try documents(xml, "plain.xml")
      #expect(!plain.isEmpty)
      #expect(try documents(bzip2(xml), "single.xml.bz2") == plain)
      #expect(try documents(bzip2(xml, level: 9), "large.xml.bz2") == plain)
      #expect(try documents(bzip2(xml, streams: 25), "multi.xml.bz2") == plain)
    }
  }

  /// The measures, dates and numbers of all exports: each use alone, and those that stand in a line of
  /// prose on their page.
  @Test func `measures, dates and numbers leave their value in the text`() throws {
    let call = try Regex(
      #"\{\{\s*(convert|cvt|formatnum\s*:|as of|birth date|birth date and age|death date|"#
        + #"death date and age|start date|start date and age|end date|release date|dts|age)"#
        + #"\s*\|?[^{}]*[0-9][^{}]*\}\}"#
    ).ignoresCase()
    var alone = (kept: 0, all: 0)
    var inProse = (kept: 0, all: 0)
    var lost: [String] = []
    func isInNote(_ before: Substring) -> Bool {
      guard let note = before.ranges(of: /<ref|<!--/).last else { return false }
      return before[note.upperBound...].firstMatch(of: /<\/ref|\/>|-->/) == nil
    }
    let reader = WikipediaReader()
    for name in Self.exports {
      let input = InputFile(path: "\(realFolder)/\(name)", name: name)
      try reader.forEachRecord(in: input) { record in
        // Articles alone: templates call others with parameters that have no value there.
        guard record.attributes["ns"] == "0" else { return }
        let source = String(decoding: record.bytes, as: UTF8.self)
        var page: String?
        for line in source.split(separator: "\n") {
          for match in line.matches(of: call) {
            let use = String(source[match.range])
            guard let number = use.firstMatch(of: /[0-9]+/).map({ String($0.output) }) else {
              continue
            }
            let shown = Wikitext.render(Array(use.utf8)).text
            let digits = shown.filter { $0 != "," }
            // An age is computed; all else shows the first number that it was given.
            let isAge = use.lowercased().contains("{age") && digits.contains { $0.isNumber }
            alone.all += 1
            if digits.contains(number) || isAge { alone.kept += 1 } else { lost.append(use) }
            // A line that begins with a letter or bold is prose, but for its notes.
            let before = source[line.startIndex..<match.range.lowerBound]
            guard line.first?.isLetter == true || line.hasPrefix("'''"), !isInNote(before)
            else { continue }
            if page == nil { page = Wikitext.render(record.bytes).text }
            inProse.all += 1
            if page?.contains(shown) == true { inProse.kept += 1 } else { lost.append(use) }
          }
        }
      }
    }
    #expect(alone.all > 500 && inProse.all > 50)
    #expect(alone.kept * 100 >= alone.all * 95, "\(alone) \(lost)")
    #expect(inProse.kept * 100 >= inProse.all * 95, "\(inProse) \(lost)")
  }

  @Test func `raw pages of several wikis leave no markup`() throws {
    let names = files(in: pagesFolder)
    #expect(names.count == 71)
    for name in names {
      var page = try String(contentsOfFile: "\(pagesFolder)/\(name)", encoding: .utf8)
      // One page was saved with its XML escapes, so that its tags are text to a wiki.
      if page.contains("&lt;ref&gt;") {
        for (escape, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")]
        {
          page = page.replacing(escape, with: character)
        }
      }
      let rendering = Wikitext.render(Array(page.utf8))
      #expect(rendering == Wikitext.render(Array(page.utf8)))
      for leftover in leftovers(in: rendering.text) { Issue.record("\(name) \(leftover)") }
    }
  }
}

/// Markup that should not be left, with what stands around it.
private func leftovers(in text: String) -> [String] {
  ["{{", "}}", "[[", "]]", "<ref", "thumb|", "Category:"].compactMap { markup in
    guard let range = text.range(of: markup) else { return nil }
    let start =
      text.index(range.lowerBound, offsetBy: -60, limitedBy: text.startIndex) ?? text.startIndex
    let end = text.index(range.upperBound, offsetBy: 60, limitedBy: text.endIndex) ?? text.endIndex
    return "\(markup) in: \(text[start..<end])"
  }
}
