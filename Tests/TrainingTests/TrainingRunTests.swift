import Documents
import Files
import Foundation
import Modeling
import Testing
import Tokenization
import Training

@Suite struct TrainingRunTests {
  private let fixture: TrainingFixture

  init() throws { fixture = try TrainingFixture() }

  @Test(arguments: TrainingSettings.OptimizerChoice.allCases)
  func `a small model learns a repetitive text far better than its frequencies`(
    choice: TrainingSettings.OptimizerChoice
  ) throws {
    var settings = fixture.settings
    settings.epochs = 4
    settings.optimizer = choice
    var calls: [TrainingProgress] = []
    let report = try fixture.run("learn", settings).run(progress: { calls.append($0) })
    let unigram = try #require(report.unigramPerplexity)
    let dev = try #require(report.devPerplexity)
    #expect(report.finished && report.steps == report.stepCount)
    let first = try #require(report.firstLoss)
    let last = try #require(report.lastLoss)
    #expect(first > 5 && last < 0.4 * log(unigram), "\(first), \(last), unigram \(unigram)")
    #expect(dev < 0.2 * unigram, "\(dev) against \(unigram)")
    let bits = try #require(report.devBitsPerByte)
    #expect(bits < 1, "\(bits)")
    #expect(calls.map(\.step) == Array(1...report.stepCount))
    #expect(calls.last?.secondsLeft == 0)
    #expect(report.tokensPerSecond > 0 && (0...1).contains(report.optimizerShare))
  }

  @Test func `the ledger holds the words of the split once an epoch`() throws {
    var settings = fixture.settings
    settings.epochs = 2
    let report = try fixture.run("ledger", settings).run()
    let shard = try TokenShardReader(path: fixture.train)
    #expect(report.ledger.epochs.map(\.words) == [shard.wordCount, shard.wordCount])
    #expect(report.ledger.epochs.map(\.tokens) == [shard.tokenCount - 1, shard.tokenCount - 1])
    let log = try fixture.log("ledger")
    let steps = log.filter { $0["loss"] != nil }
    let windows = (shard.tokenCount - 1 + 23) / 24
    #expect(steps.count == 2 * ((windows + 3) / 4) && steps.count == report.steps)
    #expect(steps.last?["words"] == Double(report.words))
    #expect(steps.last?["epoch"] == 2)
    #expect(steps.map { $0["tokens"] ?? 0 } == steps.map { $0["tokens"] ?? 0 }.sorted())
    #expect(log.filter { $0["devPerplexity"] != nil }.count == 2)
  }

  @Test func `an evaluation tells what the mixers do, and warns of mute heads`() throws {
    struct Line: Decodable {
      var statistics: ModelStatistics?
      var warning: String?
    }
    func lines(_ name: String, bias: Float?) throws -> [Line] {
      var settings = fixture.settings
      settings.maximumSteps = 4
      settings.evaluationInterval = 2
      var run = fixture.run(name, settings)
      run.model.inputGateBias = bias
      run.model.slidingWindow = .bounded
      let report = try run.run()
      #expect(report.warnings.contains { $0.contains("is mute") } == (bias != nil))
      return try String(contentsOfFile: "\(fixture.folder)/\(name)/log.jsonl", encoding: .utf8)
        .split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
    }
    let lively = try lines("lively", bias: nil)
    #expect(lively.allSatisfy { $0.warning == nil })
    let evaluations = lively.compactMap(\.statistics)
    #expect(evaluations.count == 2)
    for statistics in evaluations {
      let mixers = try #require(statistics.mixers)
      #expect(mixers.count == 2 && mixers.map(\.alpha) == statistics.mixing?.map { $0 })
      for mixer in mixers {
        #expect((0.8...1).contains(mixer.meanForgetGate) && mixer.leastHeadVariance > 1e-5)
        #expect(abs(mixer.meanInputGate) < 1)
      }
    }
    #expect(evaluations[0].mixers != evaluations[1].mixers)
    let mute = try lines("mute", bias: -15)
    #expect(mute.compactMap(\.statistics?.mixers).joined().allSatisfy { $0.meanInputGate < -10 })
    // Each block's once, however often it is seen.
    #expect(mute.compactMap(\.warning).count == 2)
  }

  @Test func `attention that has drowned the linear branch is warned of by its share`() throws {
    var model = ModelConfiguration(preset: .nano)
    model.slidingWindow = .bounded
    func warnings(_ alpha: Float, _ window: ModelConfiguration.SlidingWindow) throws -> [String] {
      let layout = try Model(model).layout
      var parameters = ParameterBuffer(zerosFor: layout)
      for tensor in layout.tensors where tensor.name.hasSuffix("alpha") {
        parameters.values[tensor.offset] = alpha
      }
      return ModelStatistics(parameters, mixers: []).warnings(window)
    }
    for (alpha, window, count) in [
      (1.2, .bounded, 0), (0.9, .modulated, 0), (-2.4, .bounded, 1), (1.2, .modulated, 1),
    ] as [(Float, ModelConfiguration.SlidingWindow, Int)] {
      #expect(try warnings(alpha, window).count == count, "\(alpha)")
    }
  }

  /// Steps 1 to 40 in one go, against 20, a stop, and 20 more on another number of threads, and
  /// against a run that was killed after step 26 with a torn line in its log.
  @Test func `a resumed run equals an uninterrupted one to the bit`() throws {
    var settings = fixture.settings
    settings.epochs = 10
    settings.maximumSteps = 40
    settings.evaluationInterval = 7
    let whole = try fixture.run("whole", settings).run()

    var done = 0
    let first = try fixture.run("stopped", settings, threads: 1)
      .run(shouldStop: { done == 20 }, progress: { done = $0.step })
    #expect(!first.finished && first.steps == 20)
    let second = try fixture.run("stopped", settings, threads: 2).run()

    done = 0
    _ = try fixture.run("killed", settings).run(
      shouldStop: { done == 26 },
      progress: { done = $0.step }
    )
    #expect(try fixture.checkpoints("killed") == ["step-000020", "step-000026"])
    let killed = fixture.folder + "/killed"
    try FileManager.default.removeItem(atPath: killed + "/checkpoints/step-000026")
    try FileManager.default.createDirectory(
      atPath: killed + "/checkpoints/step-000030.partial",
      withIntermediateDirectories: false
    )
    let log = try #require(FileHandle(forWritingAtPath: killed + "/log.jsonl"))
    try log.seekToEnd()
    try log.write(contentsOf: Data(#"{"epoch":3,"lo"#.utf8))
    try log.close()
    let third = try fixture.run("killed", settings).run()

    for (name, report) in [("stopped", second), ("killed", third)] {
      #expect(report.finished && report.steps == 40)
      #expect(report.ledger == whole.ledger)
      #expect(report.firstLoss == whole.firstLoss && report.lastLoss == whole.lastLoss)
      #expect(report.devPerplexity == whole.devPerplexity)
      for file in ["model.safetensors", "optimizer.safetensors"] {
        let path = "checkpoints/step-000040/" + file
        // Compared outside the macro, which would look for the differences of long arrays.
        let isEqual = try fixture.file("\(name)/\(path)") == fixture.file("whole/\(path)")
        #expect(isEqual, "\(name)/\(path)")
      }
      let expected = try timeless(fixture.log("whole"))
      let found = try timeless(fixture.log(name))
      #expect(found == expected)
      #expect(expected.filter { $0["loss"] != nil }.count == 40)
    }
  }

  private func timeless(_ log: [[String: Double]]) -> [[String: Double]] {
    let times = ["tokensPerSecond", "operationsPerSecond", "peakShare"]
    return log.map { $0.filter { !times.contains($0.key) } }
  }

  @Test func `the last two checkpoints are kept, and a finished run does nothing more`() throws {
    var settings = fixture.settings
    settings.maximumSteps = 35
    settings.epochs = 10
    let report = try fixture.run("kept", settings).run()
    #expect(try fixture.checkpoints("kept") == ["step-000030", "step-000035"])
    let model = try fixture.file("kept/checkpoints/step-000035/model.safetensors")
    let again = try fixture.run("kept", settings).run(progress: { _ in
      Issue.record("a step too many")
    })
    #expect(again.finished && again.devPerplexity == report.devPerplexity)
    let isKept = try fixture.file("kept/checkpoints/step-000035/model.safetensors") == model
    #expect(isKept)
    let saved = try JSONDecoder().decode(
      TrainingReport.self,
      from: fixture.file("kept/report.json")
    )
    #expect(saved == again)
  }

  @Test func `a broken checkpoint is passed over, and only broken ones are an error`() throws {
    var settings = fixture.settings
    settings.maximumSteps = 30
    settings.epochs = 10
    let whole = try fixture.run("broken", settings).run()
    let folder = fixture.folder + "/broken/checkpoints/"
    let newest = folder + "step-000030/model.safetensors"
    try Data(try Data(contentsOf: URL(filePath: newest)).dropLast(4))
      .write(to: URL(filePath: newest))
    let again = try fixture.run("broken", settings).run()
    #expect(again.lastLoss == whole.lastLoss && again.devPerplexity == whole.devPerplexity)
    #expect(again.warnings.contains { $0.contains("step-000030") && $0.contains("from step 20") })
    for name in try fixture.checkpoints("broken") {
      try Data("{}".utf8).write(to: URL(filePath: folder + name + "/state.json"))
    }
    let error = #expect(throws: Failure.self) { try fixture.run("broken", settings).run() }
    #expect(error?.place.hasSuffix("step-000030") == true)
  }

  /// The factor α grows by ten orders of magnitude a step, and its bound keeps all else alive.
  @Test func `numbers that are not finite end the run and spare the last checkpoint`() throws {
    var settings = fixture.settings
    settings.epochs = 50
    settings.learningRate = 1e3
    for group in ["embedding", "matrices", "gates", "gains"] { settings.groupRates[group] = 1e-6 }
    settings.groupRates["mixing"] = 1e6
    settings.groupDecays["mixing"] = 10
    settings.warmUpShare = 0
    settings.checkpointInterval = 1
    var run = fixture.run("infinite", settings)
    run.model.slidingWindow = .bounded
    let error = #expect(throws: Failure.self) { try run.run() }
    let message = error?.description ?? ""
    #expect(message.contains("not finite in step"), "\(message)")
    #expect(message.contains("tensor \""), "\(message)")
    let last = try #require(try fixture.checkpoints("infinite").last)
    let layout = try Model(run.model).layout
    let parameters = try Safetensors.read(
      layout,
      from: "\(fixture.folder)/infinite/checkpoints/\(last)/model.safetensors"
    )
    #expect(!parameters.values.contains { !$0.isFinite })
    let step = try #require(Int(last.dropFirst(5)))
    #expect(message.contains("in step \(step + 1),"), "\(message) after \(last)")
  }

  /// Products of such parameters overflow inside a norm, which makes 0 of them: the loss is that of no
  /// knowledge at all, and nothing would ever change.
  @Test func `a network that has overflowed without a NaN is told, too`() throws {
    var settings = fixture.settings
    settings.optimizer = .adamw
    settings.learningRate = 1e3
    settings.weightDecay = 0
    settings.warmUpShare = 0
    settings.checkpointInterval = 1
    settings.maximumSteps = 20
    var run = fixture.run("overflowed", settings)
    run.dev = nil
    let error = #expect(throws: Failure.self) { try run.run() }
    let message = error?.description ?? ""
    #expect(message.contains("the gradient is 0 in step"), "\(message)")
    #expect(error?.kind == .divergence)
    #expect(message.contains("tensor \""), "\(message)")
  }

  /// The factor α of the window grows by decay alone, ten thousandfold and more a step.
  ///
  /// Its tanh stays at 1, so that loss and gradient stay finite when it no longer is.
  @Test func `a parameter that is not finite ends the run though loss and gradient are`() throws {
    var settings = fixture.settings
    settings.epochs = 50
    settings.warmUpShare = 0
    settings.schedule = .linear
    settings.groupRates = ["mixing": 1e6]
    settings.groupDecays = ["mixing": 10]
    settings.checkpointInterval = 1
    var run = fixture.run("overflow", settings)
    run.model.slidingWindow = .bounded
    run.dev = nil
    let error = #expect(throws: Failure.self) { try run.run() }
    #expect(
      error?.what.contains("the parameter is not finite in step") == true,
      "\(error?.what ?? "")"
    )
    #expect(error?.what.contains(".slidingWindow.alpha\"") == true)
    #expect(try TrainedModel(directory: run.directory).passedOver.isEmpty)
  }

  @Test func `a dev perplexity beyond all numbers ends the run with the step`() throws {
    var settings = fixture.settings
    settings.learningRate = 100
    settings.warmUpShare = 0
    settings.evaluationInterval = 1
    let error = #expect(throws: Failure.self) { try fixture.run("diverged", settings).run() }
    let message = error?.description ?? ""
    #expect(message.contains("dev perplexity is not finite in step 1,"), "\(message)")
  }

  /// Muon's first momentum is the clipped gradient, AdamW's a tenth of it.
  @Test(arguments: [0.25, 1e9])
  func `a gradient longer than the clip is scaled to it`(clip: Double) throws {
    var settings = fixture.settings
    settings.maximumSteps = 1
    settings.gradientClip = clip
    _ = try fixture.run("clipped", settings).run()
    let layout = try Model(fixture.model).layout
    let second = layout.filter { $0.rule != .muon }
    let first = try Safetensors.read(
      sections: [("first.", layout), ("second.", second)],
      from: fixture.folder + "/clipped/checkpoints/step-000001/optimizer.safetensors"
    )[0]
    var sum = 0.0
    for tensor in layout.tensors {
      let scale = tensor.rule == .muon ? 1.0 : 10
      for value in first.values[tensor.range] {
        sum += Double(value) * Double(value) * scale * scale
      }
    }
    let norm = try #require(try fixture.log("clipped").first?["gradientNorm"])
    #expect(norm > 0.25)
    #expect(abs(sum.squareRoot() / min(clip, norm) - 1) < 1e-5)
  }

  /// At a rate that moves nothing, a step's loss tells which windows it saw.
  @Test func `steps follow the schedule, and epochs see the same windows in another order`() throws
  {
    var settings = fixture.settings
    settings.epochs = 2
    settings.learningRate = 1e-9
    settings.weightDecay = 0
    let report = try fixture.run("order", settings).run()
    let log = try fixture.log("order").filter { $0["loss"] != nil }
    let schedule = LearningRateSchedule(stepCount: report.stepCount, settings: settings)
    #expect(log.map { $0["learningRate"] } == (1...report.stepCount).map { schedule.rate(at: $0) })
    var seen = 0.0
    var nats = [0.0, 0.0]
    var losses: [[Double]] = [[], []]
    for step in log {
      let epoch = Int(step["epoch"] ?? 0) - 1
      let tokens = try #require(step["tokens"])
      let loss = try #require(step["loss"])
      nats[epoch] += loss * (tokens - seen)
      seen = tokens
      losses[epoch].append(loss)
    }
    #expect(abs(nats[0] / nats[1] - 1) < 1e-6)
    #expect(zip(losses[0], losses[1]).contains { abs($0 - $1) > 1e-3 })
  }

  @Test func `a run can be read while it writes a checkpoint`() throws {
    var settings = fixture.settings
    settings.maximumSteps = 2
    let directory = fixture.folder + "/read"
    var refusal: Failure?
    _ = try fixture.run("read", settings).run(progress: { progress in
      guard progress.step == 1 else { return }
      refusal = #expect(throws: Failure.self) { try TrainedModel(directory: directory) }
    })
    #expect(refusal?.what == "the run has no checkpoint yet")
    let partial = directory + "/checkpoints/step-000003.partial"
    try FileManager.default.createDirectory(atPath: partial, withIntermediateDirectories: false)
    #expect(try TrainedModel(directory: directory).step == 2)
    #expect(FileManager.default.fileExists(atPath: partial))
    _ = try fixture.run("read", settings).run()
    #expect(!FileManager.default.fileExists(atPath: partial))
  }

  @Test(arguments: [("\"headCount\" : 2", "\"headCount\" : 5"), ("\"model\"", "\"mode\"")])
  func `an edited configuration is refused with its place`(there: String, instead: String) throws {
    var settings = fixture.settings
    settings.maximumSteps = 1
    _ = try fixture.run("edited", settings).run()
    let directory = fixture.folder + "/edited"
    let text = try String(contentsOfFile: directory + "/config.json", encoding: .utf8)
    try #require(text.contains(there))
    try text.replacingOccurrences(of: there, with: instead)
      .write(toFile: directory + "/config.json", atomically: true, encoding: .utf8)
    let error = #expect(throws: Failure.self) { try TrainedModel(directory: directory) }
    #expect(error?.place == directory + "/config.json")
  }

  @Test func `another model, other settings or another shard are another run`() throws {
    var settings = fixture.settings
    settings.maximumSteps = 2
    _ = try fixture.run("claimed", settings).run()
    var other = settings
    other.seed = 2
    let seed = #expect(throws: Failure.self) { try fixture.run("claimed", other).run() }
    #expect(seed?.what.contains("settings") == true)
    var shape = fixture.run("claimed", settings)
    shape.model.blockCount = 1
    #expect(throws: Failure.self) { try shape.run() }
    var data = fixture.run("claimed", settings)
    data.train = fixture.dev
    #expect(throws: Failure.self) { try data.run() }
    var harmless = settings
    harmless.checkpointInterval = 1
    harmless.evaluationInterval = 1
    #expect(try fixture.run("claimed", harmless).run().finished)
    let configuration = try RunConfiguration(directory: fixture.folder + "/claimed")
    #expect(configuration.settings == settings && configuration.model == fixture.model)
    #expect(configuration.train.path == "../train-00000.bin")
  }

  @Test func `a shard that does not fit is refused`() throws {
    var run = fixture.run("unfit", fixture.settings)
    run.model.vocabularySize += 1
    let vocabulary = #expect(throws: Failure.self) { try run.run() }
    #expect(vocabulary?.description.contains("vocabularySize") == true)
    try fixture.write([""], to: fixture.folder + "/short")
    var short = fixture.run("unfit", fixture.settings)
    short.train = fixture.folder + "/short"
    let error = #expect(throws: Failure.self) { try short.run() }
    #expect(error?.description.contains("at least 2") == true)
    var none = fixture.run("unfit", fixture.settings)
    none.train = fixture.folder + "/none"
    #expect(throws: Failure.self) { try none.run() }
    var setting = fixture.settings
    setting.learningRate = -1
    let field = #expect(throws: ConfigurationError.self) {
      try fixture.run("unfit", setting).run()
    }
    #expect(field?.field == "learningRate")
  }

  @Test func `a shard with padding in its text is refused, wherever it stands`() throws {
    let shard = try TokenShardReader(path: fixture.train)
    let whole = try fixture.file("train-00000.bin")
    try fixture.file("train-00000.idx")
      .write(to: URL(filePath: fixture.folder + "/padded-00000.idx"))
    for place in [1, shard.tokenCount / 2, shard.tokenCount - 1] {
      var bytes = whole
      bytes[64 + 2 * place] = UInt8(fixture.tokenizer.padding)
      bytes[64 + 2 * place + 1] = 0
      try bytes.write(to: URL(filePath: fixture.folder + "/padded-00000.bin"))
      var run = fixture.run("padded", fixture.settings)
      run.train = fixture.folder + "/padded-00000"
      let train = #expect(throws: Failure.self) { try run.run() }
      #expect(train?.what.contains("token \(place) is <|pad|>") == true, "\(train as Any)")
      (run.train, run.dev) = (fixture.train, run.train)
      let dev = #expect(throws: Failure.self) { try run.run() }
      #expect(dev?.what.contains("token \(place) is <|pad|>") == true)
    }
    // The name of the token in a text is a text.
    try fixture.write(["One <|pad|> and <|endoftext|>."], to: fixture.folder + "/named")
    let named = try TokenShardReader(path: fixture.folder + "/named")
    try named.checkNoPadding(fixture.tokenizer)
    #expect(try (1..<named.tokenCount).allSatisfy { try named.token(at: $0) > 1 })
  }

  @Test func `documents are not isolated by an id that does not begin them`() throws {
    let names = [Tokenizer.paddingName, Tokenizer.endOfTextName]
    var trainer = try BPETrainer(.init(vocabularySize: 300, specialTokens: names))
    for story in stories(0..<4) { trainer.add(story.utf8Span.span) }
    let tokenizer = try trainer.train()
    #expect(tokenizer.endOfText == 1)
    let path = fixture.folder + "/swapped"
    var writer = try TokenShardWriter(path: path, tokenizer: tokenizer)
    for (index, story) in stories(0..<4).enumerated() {
      let id = DocumentID(source: "own", key: "\(index)")
      try writer.append(text: story.utf8Span.span, id: id, source: "own")
    }
    _ = try writer.finish()
    var settings = fixture.settings
    settings.maximumSteps = 1
    var run = fixture.run("swapped", settings)
    (run.train, run.dev, run.tokenizer) = (path, nil, tokenizer)
    run.model.vocabularySize = tokenizer.vocabularySize
    run.model.isolateDocuments = true
    let error = #expect(throws: Failure.self) { try run.run() }
    #expect(error?.remedy.contains("isolateDocuments") == true, "\(error as Any)")
    run.model.isolateDocuments = false
    #expect(try run.run().finished)
  }

  @Test func `a shard shorter than a window is one padded window`() throws {
    let path = fixture.folder + "/few"
    try fixture.write(["Ada found a ball."], to: path)
    var settings = fixture.settings
    settings.epochs = 3
    var run = fixture.run("few", settings)
    run.train = path
    let shard = try TokenShardReader(path: path)
    #expect(shard.tokenCount < run.model.contextLength)
    let report = try run.run()
    #expect(report.steps == 3 && report.words == 12)
    #expect(report.tokens == 3 * (shard.tokenCount - 1))
  }

  @Test func `seeds change the result, threads do not`() throws {
    var settings = fixture.settings
    settings.maximumSteps = 6
    let losses = try [(1, 1), (1, 2), (2, 2)].enumerated().map { index, run in
      settings.seed = UInt64(run.0)
      return try fixture.run("seed-\(index)", settings, threads: run.1).run().lastLoss
    }
    #expect(losses[0] == losses[1])
    #expect(losses[1] != losses[2])
  }

  /// Checkpoints of older versions have no hashes: what a broken one holds is looked at all the same.
  @Test(arguments: ["model.safetensors", "optimizer.safetensors"], [Float.nan, .infinity])
  func `a number that is not finite makes a checkpoint a broken one`(
    file: String,
    number: Float
  ) throws {
    var settings = fixture.settings
    settings.maximumSteps = 20
    settings.epochs = 10
    _ = try fixture.run("nan", settings).run()
    let folder = fixture.folder + "/nan/checkpoints/step-000020/"
    var data = try Data(contentsOf: URL(filePath: folder + file))
    let bytes = (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> (8 * $0)) }
    data.replaceSubrange((data.count - 4)..., with: bytes)
    try data.write(to: URL(filePath: folder + file))
    let state = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: folder + "state.json")))
        as? [String: Any]
    )
    try JSONSerialization.data(withJSONObject: state.filter { $0.key != "files" })
      .write(to: URL(filePath: folder + "state.json"))
    let isModel = file == "model.safetensors"
    let opened = try TrainedModel(directory: fixture.folder + "/nan")
    #expect(opened.step == (isModel ? 10 : 20))
    #expect(opened.passedOver.contains { $0.contains("not finite") } == isModel)
    let again = try fixture.run("nan", settings).run()
    #expect(again.steps == 20)
    #expect(again.warnings.contains { $0.contains("not finite") && $0.contains("from step 10") })
  }

  @Test func `a model is read from the newest checkpoint whose weights are what was saved`() throws
  {
    var settings = fixture.settings
    settings.maximumSteps = 30
    settings.epochs = 10
    settings.keptCheckpoints = 3
    _ = try fixture.run("newest", settings).run()
    let directory = fixture.folder + "/newest"
    // What the optimiser remembers is no part of a model.
    try Data("broken".utf8).write(
      to: URL(filePath: directory + "/checkpoints/step-000030/optimizer.safetensors")
    )
    #expect(try TrainedModel(directory: directory).step == 30)
    let weights = URL(filePath: directory + "/checkpoints/step-000030/model.safetensors")
    var data = try Data(contentsOf: weights)
    data[data.count - 2] ^= 1
    try data.write(to: weights)
    let opened = try TrainedModel(directory: directory)
    #expect(opened.step == 20 && opened.passedOver.count == 1)
    #expect(
      opened.passedOver[0].contains("step-000030") && opened.passedOver[0].contains("SHA-256")
    )
    for step in [20, 10] {
      try FileManager.default.removeItem(
        atPath: directory + "/checkpoints/step-0000\(step)/state.json"
      )
    }
    let error = #expect(throws: Failure.self) { try TrainedModel(directory: directory) }
    #expect(error?.place.hasSuffix("step-000030") == true)
  }

  @Test func `the newest checkpoint has the most steps, however many digits they take`() throws {
    var settings = fixture.settings
    settings.maximumSteps = 20
    settings.epochs = 10
    _ = try fixture.run("digits", settings).run()
    let folder = fixture.folder + "/digits/checkpoints/step-"
    for (from, to) in [("000010", "999999"), ("000020", "1000000")] {
      let state = URL(filePath: folder + from + "/state.json")
      try String(contentsOf: state, encoding: .utf8)
        .replacingOccurrences(of: "\"step\" : \(Int(from) ?? 0)", with: "\"step\" : \(to)")
        .write(to: state, atomically: true, encoding: .utf8)
      try FileManager.default.moveItem(atPath: folder + from, toPath: folder + to)
    }
    #expect(try TrainedModel(directory: fixture.folder + "/digits").step == 1_000_000)
  }

  @Test func `a run that this machine cannot hold is refused before anything is allocated`() throws
  {
    var settings = fixture.settings
    settings.windowsPerPass = 65_536
    var run = fixture.run("huge", settings)
    run.model.contextLength = 1_048_576
    run.model.hiddenSize = 65_536
    run.model.blockCount = 1_024
    let error = #expect(throws: Failure.self) { try run.run() }
    #expect(error?.kind == .usage && error?.remedy.contains("windowsPerPass") == true)
    #expect(throws: Failure.self) { try run.plan() }
    #expect(!FileManager.default.fileExists(atPath: run.directory))
  }

  @Test(arguments: ["model.safetensors", "optimizer.safetensors"])
  func `one flipped bit makes a checkpoint a broken one`(file: String) throws {
    var settings = fixture.settings
    settings.maximumSteps = 20
    settings.epochs = 10
    _ = try fixture.run("flipped", settings).run()
    let path = fixture.folder + "/flipped/checkpoints/step-000020/" + file
    var data = try Data(contentsOf: URL(filePath: path))
    data[data.count - 2] ^= 1
    try data.write(to: URL(filePath: path))
    let again = try fixture.run("flipped", settings).run()
    #expect(again.finished && again.steps == 20)
    #expect(again.warnings.contains { $0.contains(file) && $0.contains("SHA-256") })
  }

  @Test func `as many checkpoints stay as the settings say`() throws {
    var settings = fixture.settings
    settings.maximumSteps = 9
    settings.checkpointInterval = 2
    settings.keptCheckpoints = 3
    _ = try fixture.run("three", settings).run()
    #expect(try fixture.checkpoints("three") == ["step-000006", "step-000008", "step-000009"])
  }

  @Test func `a second process is kept out while a run is going on`() throws {
    var settings = fixture.settings
    settings.maximumSteps = 2
    var refusals = 0
    _ = try fixture.run("locked", settings).run(progress: { _ in
      let error = #expect(throws: Failure.self) { try fixture.run("locked", settings).run() }
      if error?.what.contains("another process") == true { refusals += 1 }
    })
    #expect(refusals == 2)
    #expect(try fixture.run("locked", settings).run().finished)
  }

  @Test func `a log that lost lines is refused`() throws {
    var settings = fixture.settings
    settings.maximumSteps = 2
    _ = try fixture.run("lost", settings).run()
    try Data().write(to: URL(filePath: fixture.folder + "/lost/log.jsonl"))
    let error = #expect(throws: Failure.self) { try fixture.run("lost", settings).run() }
    #expect(error?.place.hasSuffix("log.jsonl") == true)
  }

  @Test func `milestones keep the model after the step that first reaches their words`() throws {
    var settings = fixture.settings
    settings.epochs = 2
    settings.milestoneWords = [500, 1_000, 9_999_999]
    let report = try fixture.run("milestones", settings).run()
    #expect(report.words > 1_000)
    let log = try fixture.log("milestones").compactMap { $0["words"] }
    for words in [500, 1_000] {
      let folder = "milestones/checkpoints/chck_\(words)"
      let metadata = try Safetensors.metadata(
        from: "\(fixture.folder)/\(folder)/model.safetensors"
      )
      let expected = log.first { $0 >= Double(words) }.map { String(Int($0)) }
      #expect(metadata["words"] == expected)
    }
    #expect(try fixture.checkpoints("milestones").count == 4)
  }

  @Test func `a file in the place of a folder is refused`() throws {
    let folder = fixture.folder + "/taken"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    try Data().write(to: URL(filePath: folder + "/checkpoints"))
    for name in ["taken", "taken/checkpoints"] {
      #expect(throws: Failure.self) { try fixture.run(name, fixture.settings).run() }
    }
  }

  @Test(arguments: [
    ("\"logByteCount\" : ", "\"logByteCount\" : -"), ("\"words\" : ", "\"words\" : -"),
    ("\"tokens\" : ", "\"tokens\" : 9000000000000"), ("\"step\" : 2", "\"step\" : 3"),
    ("\"seconds\" : ", "\"seconds\" : -"), ("\"ledger\" : {", "\"ledger\" : [{"),
  ])
  func `a checkpoint's state with impossible numbers is refused`(
    there: String,
    instead: String
  ) throws {
    var settings = fixture.settings
    settings.maximumSteps = 2
    _ = try fixture.run("hostile", settings).run()
    let path = fixture.folder + "/hostile/checkpoints/step-000002/state.json"
    let state = try String(contentsOfFile: path, encoding: .utf8)
    try #require(state.contains(there))
    try state.replacingOccurrences(of: there, with: instead)
      .write(toFile: path, atomically: true, encoding: .utf8)
    let error = #expect(throws: Failure.self) { try fixture.run("hostile", settings).run() }
    #expect(error?.place.hasSuffix("step-000002") == true)
  }
}
