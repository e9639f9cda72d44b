import Files
import Foundation
import Modeling
import Testing
import Tokenization
import Training

@Suite struct ExposureRuleTests {
  private let fixture: TrainingFixture

  init() throws { fixture = try TrainingFixture() }

  @Test func `the cap goes with the track that the corpus belongs to`() {
    #expect(ExposureRule.cap(corpusWords: 0) == 100_000_000)
    #expect(ExposureRule.cap(corpusWords: 10_000_000) == 100_000_000)
    #expect(ExposureRule.cap(corpusWords: 10_000_001) == 1_000_000_000)
    #expect(ExposureRule.cap(corpusWords: 100_000_000) == 1_000_000_000)
    #expect(ExposureRule.cap(corpusWords: 100_000_001) == nil)
  }

  /// Whatever the cap, the run sees as many windows as fit and never a word more.
  @Test(arguments: TrainingSettings.WindowOrderChoice.allCases)
  func `the last step is shortened so that the cap is never passed`(
    order: TrainingSettings.WindowOrderChoice
  ) throws {
    let shard = try TokenShardReader(path: fixture.train)
    var settings = fixture.settings
    settings.epochs = 4
    settings.windowOrder = order
    for cap in [shard.wordCount / 3, shard.wordCount, shard.wordCount * 5 / 2] {
      settings.exposureCap = cap
      let report = try fixture.run("cap-\(order)-\(cap)", settings).run()
      #expect(report.finished && report.words <= cap)
      // A window of 24 tokens has at most 24 words.
      #expect(report.words > cap - 25, "\(report.words) of \(cap)")
      #expect(report.ledger.sources == ["own": report.words])
    }
    settings.exposureCap = 1
    let error = #expect(throws: Failure.self) { try fixture.run("none", settings).run() }
    #expect(error?.place == "training.exposureCap")
  }

  @Test func `more than the rules allow is refused unless the run is outside them`() throws {
    var settings = fixture.settings
    settings.maximumSteps = 1
    settings.exposureCap = 100_000_001
    let error = #expect(throws: Failure.self) { try fixture.run("beyond", settings).run() }
    #expect(error?.kind == .usage && error?.remedy.contains("outsideRules") == true)
    settings.outsideRules = true
    #expect(try fixture.run("outside", settings).run().finished)
    (settings.outsideRules, settings.exposureCap) = (false, 100_000_000)
    #expect(try fixture.run("at-the-cap", settings).run().finished)
    settings = fixture.settings
    settings.epochs = 90_000
    let epochs = #expect(throws: Failure.self) { try fixture.run("epochs", settings).run() }
    #expect(epochs?.place == "training.epochs", "\(String(describing: epochs))")
  }

  /// At a rate that moves nothing, equal windows have equal losses.
  @Test func `the selection's order shows each epoch the same batches`() throws {
    var settings = fixture.settings
    settings.epochs = 2
    settings.learningRate = 1e-12
    settings.weightDecay = 0
    settings.windowOrder = .selection
    let report = try fixture.run("curriculum", settings).run()
    let losses = try fixture.log("curriculum").compactMap { $0["loss"] }
    let half = report.stepCount / 2
    for step in 0..<half { #expect(abs(losses[step] - losses[half + step]) < 1e-5) }
    #expect(Set(losses[..<half].map { ($0 * 1e4).rounded() }).count > 2)
  }

  @Test func `words are entered under the source that they come from`() throws {
    let path = fixture.folder + "/mixed"
    try fixture.write(stories(0..<6), to: path, sources: ["first", "second", "third"])
    var run = fixture.run("sources", fixture.settings)
    run.train = path
    let report = try run.run()
    let shard = try TokenShardReader(path: path)
    var expected: [String: Int] = [:]
    for position in 0..<shard.documentCount {
      let document = shard.document(position)
      expected[shard.sourceNames[document.sourceIndex], default: 0] += document.wordCount
    }
    #expect(expected.count == 3 && report.ledger.sources == expected)
    let line = try fixture.log("sources").last { $0["devPerplexity"] != nil }
    #expect(line != nil)
  }
}
