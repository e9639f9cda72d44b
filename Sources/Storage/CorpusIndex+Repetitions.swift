// Several answers of one judge on the same text.

import GRDB

/// A text with all of a judge's answers on it.
package struct RepeatedScores: Sendable, Equatable {
  /// The SHA-256 of the text, in hexadecimal.
  package let textHash: String
  /// The scores by repetition, `nil` where the answer had none.
  package var scores: [Double?]
}

extension CorpusIndex {
  /// The texts that a judge was asked about a number of times.
  ///
  /// - Parameters:
  ///   - judge: The judge's number.
  ///   - times: The repetitions that count: those below it.
  /// - Returns: The texts that have them all, in the order of their hashes.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func repeatedScores(ofJudge judge: Int, times: Int) throws -> [RepeatedScores] {
    try read { database in
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT textHash, score FROM judgment WHERE judge = ?1 AND repetition < ?2
          AND textHash IN (SELECT textHash FROM judgment WHERE judge = ?1 AND repetition = ?2 - 1)
          ORDER BY textHash, repetition
          """,
        arguments: [judge, times]
      )
      var texts: [RepeatedScores] = []
      while let row = try rows.next() {
        let hash: String = row[0]
        if texts.last?.textHash != hash {
          texts.append(RepeatedScores(textHash: hash, scores: []))
        }
        texts[texts.count - 1].scores.append(row[1])
      }
      return texts.filter { $0.scores.count == times }
    }
  }

  /// Documents whose texts a judge has scored, those with the lowest text hashes.
  ///
  /// - Parameters:
  ///   - judge: The judge's number.
  ///   - count: The texts at most.
  /// - Returns: A document of each text, by its identity, with the text's hash and score.
  /// - Throws: ``Failure`` where the index cannot be read.
  package func scoredTexts(
    ofJudge judge: Int,
    count: Int
  ) throws -> [(document: String, textHash: String, score: Double)] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT (SELECT min(id) FROM document WHERE document.textHash = j.textHash) AS id,
            j.textHash, j.score
          FROM judgment j
          WHERE j.judge = ? AND j.repetition = 0 AND j.score IS NOT NULL AND id IS NOT NULL
          ORDER BY j.textHash LIMIT ?
          """,
        arguments: [judge, count]
      ).map { ($0[0], $0[1], $0[2]) }
    }
  }
}
