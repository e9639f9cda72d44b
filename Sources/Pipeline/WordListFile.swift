// Word lists that a user supplies: plain text, one word a line, with a number where the list has one.
//
// The project ships no list whose licence is not stated, so that formulas on word lists have values
// where somebody who may use a list names it.

import Files
import Foundation
import Metrics

/// Reads a word list.
///
/// A line holds a word, or a word and a number with a tab, a comma or a semicolon between them, whichever
/// the line has first; a number has a decimal point. Words are taken in lower case, with the
/// typewriter's apostrophe. Empty lines, lines that begin with `#`, and lines whose number is `NA` or
/// empty are passed over, and so is a first line that has no digit where the number stands: a heading.
/// Further columns are not looked at; of a word that occurs twice the first line counts.
///
/// - Parameters:
///   - path: The file, in UTF-8.
///   - name: The list's name; where its metric needs numbers, lines without one are passed over.
/// - Returns: The words with their numbers, 1 where the list has none.
/// - Throws: ``Failure`` with the line that cannot be understood, or where there is no word.
func readWordList(_ path: String, named name: String) throws -> [String: Double] {
  let needsNumbers = name == LexicalMetric.ageOfAcquisition
  let data: Data
  do {
    data = try Data(contentsOf: URL(filePath: path))
  } catch {
    throw Failure(
      what: "the word list cannot be read: \(systemReason(of: error))",
      place: path,
      remedy: "name a text file with one word a line"
    )
  }
  guard let text = String(validating: data, as: UTF8.self) else {
    throw Failure(what: "the word list is not UTF-8", place: path, remedy: "save it as UTF-8")
  }
  var words: [String: Double] = [:]
  var isFirst = true
  let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
  for (index, line) in lines.enumerated() {
    // A file from elsewhere may begin with a byte order mark.
    let line = line.drop { $0 == "\u{feff}" }
    guard !line.isEmpty, line.first != "#" else { continue }
    let separator = line.first { $0 == "\t" || $0 == "," || $0 == ";" } ?? "\t"
    let fields = line.split(separator: separator, maxSplits: 2, omittingEmptySubsequences: false)
      .map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " \"\r")) }
    let isHeading = isFirst
    isFirst = false
    let word = fields[0].lowercased().replacing("\u{2019}", with: "'")
    guard !word.isEmpty else { continue }
    var number = 1.0
    if fields.count == 1 {
      if needsNumbers { continue }
    } else {
      if fields[1].isEmpty || fields[1] == "NA" { continue }
      guard let value = Double(fields[1]), value.isFinite else {
        if isHeading, !fields[1].contains(where: \.isNumber) { continue }
        throw Failure(
          what: "`\(fields[1].prefix(40))` is no number",
          place: "\(path):\(index + 1)",
          remedy: "write a word, or a word, a tab and a number with a decimal point"
        )
      }
      number = value
    }
    if words[word] == nil { words[word] = number }
  }
  guard !words.isEmpty else {
    throw Failure(
      what: "the word list has no word" + (needsNumbers ? " with a number" : ""),
      place: path,
      remedy: needsNumbers
        ? "name a text file with a word, a tab and a number a line"
        : "name a text file with one word a line"
    )
  }
  return words
}
