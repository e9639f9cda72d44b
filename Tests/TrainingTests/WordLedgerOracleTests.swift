import Documents
import Foundation
import Modeling
import TestSupport
import Testing
import Tokenization
import Training

/// The ledger of random runs against a slow count of the same thing: words found by looking at the
/// text, a window at a time, until the next would pass the cap.
@Suite struct WordLedgerOracleTests {
  private let fixture: TrainingFixture

  init() throws { fixture = try TrainingFixture() }

  /// A random corpus with how it is to be trained on.
  private struct Trial {
    var texts: [String] = []
    var sources: [String] = []
    var model: ModelConfiguration
    var settings: TrainingSettings

    init(seed: Int, _ fixture: TrainingFixture) {
      var numbers = SeededNumbers(UInt64(seed))
      func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &numbers) }
      let words = ["Ada", "found", "a", "ball", "unbelievable", "in", "x.", "'tis", "1,024"]
      let spaces = [" ", "  ", "\n", "\t", " \n "]
      for _ in 0..<pick(1...9) {
        let text = (0..<pick(0...40)).map { _ in
          words[pick(0...words.count - 1)] + spaces[pick(0...spaces.count - 1)]
        }
        texts.append((pick(0...1) == 0 ? "" : " ") + text.joined())
        sources.append(["first", "second", "third"][pick(0...2)])
      }
      // At least one pair of ids.
      texts.append("Ada found a ball.")
      sources.append("first")
      model = fixture.model
      (model.hiddenSize, model.blockCount, model.feedForwardSize) = (8, 1, 4)
      model.contextLength = pick(1...23)
      model.chunkLength = 8
      model.isolateDocuments = pick(0...1) == 0
      settings = fixture.settings
      settings.seed = UInt64(seed)
      settings.batchWindows = pick(1...5)
      settings.epochs = pick(1...3)
      settings.windowOrder = pick(0...1) == 0 ? .shuffled : .selection
      settings.learningRate = 1e-3
      settings.keptCheckpoints = 1_000
      settings.checkpointInterval = 1
    }
  }

  /// The words that begin in each window, by source: a word begins with the token that holds its
  /// first byte.
  private func wordsOfWindows(_ trial: Trial, _ shard: TokenShardReader) throws -> [[String: Int]] {
    let ids = try (0..<shard.tokenCount).map { try shard.token(at: $0) }
    var beginnings: [(token: Int, source: String)] = []
    var token = 0
    for (text, source) in zip(trial.texts, trial.sources) {
      #expect(ids[token] == fixture.tokenizer.endOfText)
      token += 1
      let rest = ids[token...].prefix { $0 != fixture.tokenizer.endOfText }
      let bytes = Array(text.utf8)
      // A space that the tokenizer puts before the text is none of its bytes.
      var end = bytes.count - rest.reduce(0) { $0 + fixture.tokenizer.byteCount(of: $1) }
      var index = 0
      var wasSpace = true
      for (place, id) in zip(rest.indices, rest) {
        end += fixture.tokenizer.byteCount(of: id)
        var begins = 0
        while index < end {
          let isSpace = [9, 10, 32].contains(bytes[index])
          if wasSpace && !isSpace { begins += 1 }
          wasSpace = isSpace
          index += 1
        }
        #expect(begins < 2)
        if begins > 0 { beginnings.append((place, source)) }
      }
      token = rest.endIndex
    }
    #expect(token == shard.tokenCount)
    let length = trial.model.contextLength
    var windows: [[String: Int]] = []
    var first = 0
    while first + 1 < shard.tokenCount {
      // The inputs of the window, and after the last window the stream's last id.
      let isLast = first + length + 1 >= shard.tokenCount
      let range = first..<(isLast ? shard.tokenCount : first + length)
      windows.append(
        beginnings.filter { range.contains($0.token) }
          .reduce(into: [:]) { $0[$1.source, default: 0] += 1 }
      )
      first += length
    }
    return windows
  }

  /// What a step sees.
  private struct Step {
    var epoch: Int
    var windows: Int
    var words: [String: Int]
    var total: Int { words.values.reduce(0, +) }
  }

  /// Every step of a trial, none of which passes the cap.
  private func steps(_ trial: Trial, _ windows: [[String: Int]]) -> [Step] {
    var steps: [Step] = []
    var left = trial.settings.exposureCap ?? .max
    for epoch in 0..<trial.settings.epochs {
      let order =
        trial.settings.windowOrder == .selection
        ? Array(windows.indices)
        : windowOrder(count: windows.count, seed: trial.settings.seed, epoch: epoch).map(Int.init)
      var step = Step(epoch: epoch, windows: 0, words: [:])
      for window in order {
        let words = windows[window].values.reduce(0, +)
        guard words <= left else {
          if step.windows > 0 { steps.append(step) }
          return steps
        }
        left -= words
        step.windows += 1
        step.words.merge(windows[window], uniquingKeysWith: +)
        if step.windows == trial.settings.batchWindows {
          steps.append(step)
          step = Step(epoch: epoch, windows: 0, words: [:])
        }
      }
      if step.windows > 0 { steps.append(step) }
    }
    return steps
  }

  @Test(arguments: 1...12)
  func `steps, sources, cap and milestones are those of a count by hand`(seed: Int) throws {
    var trial = Trial(seed: seed, fixture)
    let path = fixture.folder + "/random-\(seed)"
    var writer = try TokenShardWriter(path: path, tokenizer: fixture.tokenizer)
    for (index, text) in trial.texts.enumerated() {
      try writer.append(
        text: text.utf8Span.span,
        id: DocumentID(source: trial.sources[index], key: "\(index)"),
        source: trial.sources[index]
      )
    }
    _ = try writer.finish()
    let shard = try TokenShardReader(path: path)
    let windows = try wordsOfWindows(trial, shard)
    let corpus = windows.reduce(0) { $0 + $1.values.reduce(0, +) }
    #expect(shard.wordCount == corpus)

    // Caps at and beside whole epochs and steps, where an error of one window shows.
    var numbers = SeededNumbers(UInt64(seed) + 99)
    let uncapped = steps(trial, windows)
    let borders = uncapped.indices.map { index in
      uncapped[...index].reduce(0) { $0 + $1.total }
    }
    let border = borders.randomElement(using: &numbers) ?? 0
    let largest = windows.map { $0.values.reduce(0, +) }.max() ?? 0
    let cap = max(largest, border + Int.random(in: -1...1, using: &numbers))
    trial.settings.exposureCap = seed % 4 == 0 ? nil : cap
    let expected = steps(trial, windows)
    try #require(!expected.isEmpty)
    let total = expected.reduce(0) { $0 + $1.total }
    let marks = Set([1, border, border + 1, total, total + 1].filter { $0 > 0 }).sorted()
    trial.settings.milestoneWords = marks

    var run = fixture.run("random-run-\(seed)", trial.settings)
    (run.model, run.train, run.dev) = (trial.model, path, nil)
    // Stopped in the middle and resumed, which may change nothing.
    let stop = Int.random(in: 1...expected.count, using: &numbers)
    var done = 0
    _ = try run.run(shouldStop: { done == stop }, progress: { done = $0.step })
    let report = try run.run()

    #expect(report.finished && report.steps == expected.count && report.words == total)
    #expect(report.words <= trial.settings.exposureCap ?? .max)
    let log = try fixture.log("random-run-\(seed)").filter { $0["loss"] != nil }
    #expect(log.count == expected.count)
    var seen = 0
    var reached: [Int: Int] = [:]
    for (index, (step, line)) in zip(expected, log).enumerated() {
      let before = seen
      seen += step.total
      #expect(line["words"] == Double(seen) && line["epoch"] == Double(step.epoch + 1))
      for mark in marks where before < mark && seen >= mark { reached[mark] = index + 1 }
    }
    let bySource = expected.reduce(into: [String: Int]()) {
      $0.merge($1.words, uniquingKeysWith: +)
    }
    #expect(report.ledger.sources == bySource)
    let byEpoch = Dictionary(grouping: expected, by: \.epoch).mapValues { steps in
      steps.reduce(0) { $0 + $1.total }
    }
    #expect(report.ledger.epochs.map(\.words) == byEpoch.sorted { $0.key < $1.key }.map(\.value))

    // A milestone holds the parameters after its step, and says how many words they have seen.
    let names = try fixture.checkpoints("random-run-\(seed)").filter { $0.hasPrefix("chck_") }
    #expect(Set(names) == Set(reached.keys.map { "chck_\($0)" }))
    let checkpoints = "\(fixture.folder)/random-run-\(seed)/checkpoints"
    let layout = try Model(trial.model).layout
    for (mark, step) in reached {
      let kept = "\(checkpoints)/chck_\(mark)/model.safetensors"
      let words = expected[..<step].reduce(0) { $0 + $1.total }
      #expect(try Safetensors.metadata(from: kept)["words"] == "\(words)")
      let number = String(1_000_000 + step).dropFirst()
      let isEqual =
        try Safetensors.read(layout, from: kept)
        == Safetensors.read(layout, from: "\(checkpoints)/step-\(number)/model.safetensors")
      #expect(isEqual, "chck_\(mark) against step \(step)")
    }
  }
}
