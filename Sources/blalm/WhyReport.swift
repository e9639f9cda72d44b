// `blalm show --why` for people: how a document's readability came about.

import Foundation
import Metrics
import Pipeline

extension ExplainedDocument {
  /// The most words and sentences that are listed; `--json` has them all.
  private static let mostListed = 30

  /// The explanation as lines.
  ///
  /// - Parameter width: The cells of a line, which sentences are wrapped to.
  /// - Returns: The lines.
  func lines(width: Int) -> [String] {
    var lines = [
      "document \(id)", "",
      "\(counted(words, "word")), \(counted(sentences, "sentence")) (\(segmentation)), "
        + counted(syllables, "syllable"),
      "", "scores",
    ]
    let name = scores.map(\.column.count).max() ?? 0
    for score in scores {
      let result =
        score.value.map { aligned(rounded($0, 2), 8, right: true) + "  = \(score.working)" }
        ?? "       –  \(score.reason ?? "")"
        + (score.measured.map { "; in the index: \(rounded($0, 2)); name the list to see how" }
          ?? "")
      lines.append("  " + padded(score.column, name) + result)
    }
    lines += ["", "hard words" + (hardWords.isEmpty ? ": none" : "")]
    for word in hardWords.prefix(ExplainedDocument.mostListed) {
      lines.append("  " + padded(tamed(word.text), 24) + " " + note(of: word))
    }
    lines += rest(hardWords.count, "words")
    lines += [
      "",
      "sentences of more than \(longSentenceWords) words" + (longSentences.isEmpty ? ": none" : ""),
    ]
    for sentence in longSentences.prefix(ExplainedDocument.mostListed) {
      lines.append("  \(sentence.words) words")
      lines += wrapped(tamed(sentence.text), max(10, width - 4)).map { "    " + $0 }
    }
    lines += rest(longSentences.count, "sentences")
    let others = missing.filter { item in !scores.contains { $0.column == item.key } }
    if !others.isEmpty { lines += ["", "no value"] }
    lines += others.sorted { $0.key < $1.key }.map { "  \(padded($0.key, name)) \($0.value)" }
    return lines
  }

  private func note(of word: ReadabilityExplanation.HardWord) -> String {
    var parts = [counted(word.syllables, "syllable") + (word.isInDictionary ? "" : " (by rule)")]
    if word.occurrences > 1 { parts.append("\(grouped(word.occurrences)) times") }
    if word.syllables >= 3, word.fogOccurrences < word.occurrences {
      parts.append(
        word.fogOccurrences == 0
          ? "easy for Gunning" : "hard for Gunning \(word.fogOccurrences) times"
      )
    }
    if let unfamiliar = word.unfamiliarOccurrences, unfamiliar > 0 {
      parts.append("outside daleChall")
    }
    return parts.joined(separator: ", ")
  }

  private func rest(_ count: Int, _ kind: String) -> [String] {
    count > ExplainedDocument.mostListed
      ? ["  and \(grouped(count - ExplainedDocument.mostListed)) more \(kind); --json lists them"]
      : []
  }
}
