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
