import Documents
import Evaluation
import Files
import Foundation
import Modeling
import Testing
import Tokenization

@Suite struct PerplexityTests {
  @Test func `losses add up as computed by hand`() throws {
    var measured = Perplexity(nats: 0, targetCount: 0)
    // Two rows of three targets; the second is padded after its first target. Ids 0 and 1 have no
    // bytes, ids 2 and 3 have 4 and 2.
    for row in 0..<2 {
      measured.add(
        losses: [0.5, 1, 2, 0.25, 0, 0].span,
        ids: [0, 2, 0, 3, 1, 3, -1, -1].span,
        row: row,
        columns: 0..<3,
        contextLength: 3,
        byteCounts: [0, 0, 4, 2].span
      )
    }
    #expect(measured == Perplexity(nats: 3.75, targetCount: 4, textNats: 2.75, textBytes: 8))
    #expect(abs(measured.perplexity - exp(0.9375)) < 1e-12)
    let bits = try #require(measured.bitsPerByte)
    #expect(abs(bits - 2.75 / (8 * log(2))) < 1e-12)
    #expect(Perplexity(nats: 1, targetCount: 1).bitsPerByte == nil)
  }

  @Test func `a model of zeros is as perplexed as its vocabulary is large`() throws {
    try withShard(["One two three four five six.", "Seven eight."]) { shard, tokenizer in
      let model = try Model(configuration(tokenizer))
      var engine = BatchEngine(model: model, laneCount: 2, windowsPerPass: 1)
      let parameters = ParameterBuffer(zerosFor: model.layout)
      for batchWindows in [1, 2, 3, 64] {
        let measured = try SplitPerplexity(
          of: shard,
          engine: &engine,
          parameters: parameters,
          batchWindows: batchWindows,
          tokenizer: tokenizer
        ).whole
        #expect(measured.targetCount == shard.tokenCount - 1)
        #expect(abs(measured.perplexity - Double(tokenizer.vocabularySize)) < 1e-2)
        // The texts' bytes, and the blank before each.
        #expect(measured.textBytes == 29 + 13)
        let specials = 1.0
        let text = (Double(shard.tokenCount - 1) - specials) * log(Double(tokenizer.vocabularySize))
        let found = try #require(measured.textNats)
        #expect(abs(found - text) < 1e-3)
      }
    }
  }

  @Test func `the measure does not depend on the batch and is the mean of single windows`() throws {
    try withShard(["One two three four five six.", "Seven eight."]) { shard, tokenizer in
      let model = try Model(configuration(tokenizer))
      let parameters = model.initialParameters(seed: 3)
      var engine = BatchEngine(model: model, laneCount: 1, windowsPerPass: 1)
      let whole = try SplitPerplexity(of: shard, engine: &engine, parameters: parameters).whole
      let single = try SplitPerplexity(
        of: shard,
        engine: &engine,
        parameters: parameters,
        batchWindows: 1
      ).whole
      #expect(whole == single)
      var nats = 0.0
      var ids = [Int32](repeating: -1, count: 9)
      for start in stride(from: 0, to: shard.tokenCount - 1, by: 8) {
        let end = min(start + 9, shard.tokenCount)
        for index in 0..<9 {
          ids[index] = start + index < end ? Int32(try shard.token(at: start + index)) : -1
        }
        var gradient = ParameterBuffer(zerosFor: model.layout)
        nats +=
          engine.lossAndGradient(
            ids: ids.span,
            windowCount: 1,
            parameters: parameters,
            into: &gradient
          ).nats
      }
      #expect(abs(nats - whole.nats) < 1e-4)
    }
  }

  @Test func `each target falls to its document's source, and the parts make up the whole`() throws
  {
    let texts = ["One two three four five six.", "Seven eight.", "Nine ten eleven twelve."]
    let sources = ["first", "second", "first"]
    try withShard(texts, sources: sources) { shard, tokenizer in
      let model = try Model(configuration(tokenizer))
      var engine = BatchEngine(model: model, laneCount: 1, windowsPerPass: 1)
      let measured = try SplitPerplexity(
        of: shard,
        engine: &engine,
        parameters: model.initialParameters(seed: 3),
        batchWindows: 2,
        tokenizer: tokenizer
      )
      var targets = ["first": -1, "second": 0]
      for position in 0..<shard.documentCount {
        targets[sources[position], default: 0] += shard.document(position).tokenCount
      }
      #expect(measured.sources.mapValues(\.targetCount) == targets)
      #expect(measured.sources.mapValues(\.textBytes) == ["first": 29 + 24, "second": 13])
      let nats = measured.sources.values.reduce(0) { $0 + $1.nats }
      #expect(abs(nats - measured.whole.nats) < 1e-9)
      #expect(measured.whole.targetCount == shard.tokenCount - 1)
    }
  }

  @Test func `the unigram baseline predicts the same targets`() throws {
    try withShard(["aab", "ab"]) { shard, tokenizer in
      let found = try UnigramBaseline.perplexity(train: shard, dev: shard)
      var counts = [Int](repeating: 0, count: tokenizer.vocabularySize)
      var targets: [Int] = []
      for position in 0..<shard.tokenCount {
        let id = Int(try shard.token(at: position))
        counts[id] += 1
        if position > 0 { targets.append(id) }
      }
      let total = Double(shard.tokenCount + tokenizer.vocabularySize)
      let nats = targets.map { -log(Double(counts[$0] + 1) / total) }.reduce(0, +)
      #expect(abs(found - exp(nats / Double(targets.count))) < 1e-9)
    }
  }

  @Test func `a shard without a pair of tokens or of another vocabulary is refused`() throws {
    try withShard([""]) { shard, tokenizer in
      var engine = BatchEngine(model: try Model(configuration(tokenizer)))
      let parameters = ParameterBuffer(zerosFor: engine.model.layout)
      #expect(throws: Failure.self) {
        try SplitPerplexity(of: shard, engine: &engine, parameters: parameters)
      }
    }
    try withShard(["Some text."]) { shard, tokenizer in
      var other = configuration(tokenizer)
      other.vocabularySize += 1
      var engine = BatchEngine(model: try Model(other))
      let parameters = ParameterBuffer(zerosFor: engine.model.layout)
      #expect(throws: Failure.self) {
        try SplitPerplexity(of: shard, engine: &engine, parameters: parameters)
      }
    }
  }

  private func configuration(_ tokenizer: Tokenizer) -> ModelConfiguration {
    ModelConfiguration(
      hiddenSize: 16,
      blockCount: 1,
      headCount: 2,
      feedForwardSize: 24,
      vocabularySize: tokenizer.vocabularySize,
      contextLength: 8,
      chunkLength: 4
    )
  }

  private func withShard(
    _ texts: [String],
    sources: [String]? = nil,
    _ body: (TokenShardReader, Tokenizer) throws -> Void
  ) throws {
    let folder = FileManager.default.temporaryDirectory.path + "/blalm-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var trainer = try BPETrainer(BPETrainer.Settings(vocabularySize: 258))
    for text in texts + ["word"] { trainer.add(text.utf8Span.span) }
    let tokenizer = try trainer.train()
    var writer = try TokenShardWriter(path: folder + "/shard", tokenizer: tokenizer)
    for (index, text) in texts.enumerated() {
      try writer.append(
        text: text.utf8Span.span,
        id: DocumentID(source: "own", key: "\(index)"),
        source: sources?[index] ?? "own"
      )
    }
    _ = try writer.finish()
    try body(try TokenShardReader(path: folder + "/shard"), tokenizer)
  }
}
