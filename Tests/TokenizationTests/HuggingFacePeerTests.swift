import Documents
import Foundation
import Testing
import Tokenization

/// Runs `Fixtures/huggingface_peer.py` with the Python that `BLALM_PYTHON` names, else `python3`.
struct Peer {
  static let python = ProcessInfo.processInfo.environment["BLALM_PYTHON"] ?? "python3"
  /// Real text for development, beside the project; absent elsewhere, and then the tests skip.
  static let data = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../shared/data").standardized.path()
  static let hasTokenizers = answers(
    "import tokenizers; assert tokenizers.__version__[:5]=='0.23.'"
  )
  static let hasTiktoken = answers("import tiktoken")
  static let hasTransformers = answers("import transformers")
  static let hasNumPy = answers("import numpy")
  static let hasData = FileManager.default.fileExists(atPath: data)

  private static func answers(_ program: String) -> Bool {
    (try? run(["-c", program])) != nil
  }

  /// Runs Python and gives its standard output.
  @discardableResult
  static func run(_ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [python] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw PeerFailure() }
    return String(decoding: data, as: UTF8.self)
  }

  /// Runs the script in one of its modes.
  @discardableResult
  static func script(_ arguments: String...) throws -> String {
    try run([try Fixture.url("huggingface_peer.py").path()] + arguments)
  }

  struct PeerFailure: Error {}
}

@Suite struct HuggingFacePeerTests {
  /// Skips without the package `tokenizers` 0.23 or the shared data; some 3 MB of text unless
  /// `BLALM_PEER_BYTES` asks for more.
  @Test(
    .enabled(
      if: Peer.hasTokenizers && Peer.hasData,
      "needs pip install tokenizers==0.23.* and ../shared/data"
    )
  )
  func `real text trains and encodes as with Hugging Face`() throws {
    try Fixture.withTemporaryFolder { folder in
      let bytes = ProcessInfo.processInfo.environment["BLALM_PEER_BYTES"] ?? "3000000"
      try Peer.script("documents", Peer.data, bytes, folder + "/documents")
      let documents = try Data(contentsOf: URL(filePath: folder + "/documents"))
        .split(separator: 0, omittingEmptySubsequences: false).dropLast().map { Array($0) }
      #expect(documents.count > 100)
      for (size, minimum) in [(2_048, 2), (16_384, 0)] {
        var trainer = try BPETrainer(
          BPETrainer.Settings(vocabularySize: size, minimumFrequency: minimum)
        )
        for document in documents { trainer.add(document.span) }
        let tokenizer = try trainer.train()
        try tokenizer.write(to: folder)
        try Peer.script("train", folder + "/documents", "\(size)", "\(minimum)", folder + "/theirs")
        let theirs = try Data(contentsOf: URL(filePath: folder + "/theirs"))
        #expect(Data(tokenizer.tokenizerJSON) == theirs)

        try Peer.script(
          "encode",
          folder + "/tokenizer.json",
          folder + "/documents",
          folder + "/ids"
        )
        var encoder = TokenEncoder(tokenizer)
        var ids: [UInt32] = []
        var bytes: [UInt8] = []
        for document in documents {
          ids.append(tokenizer.endOfText)
          encoder.encode(document.span, into: &ids)
          let marked = TokenizedDocument(document.span, with: &encoder)
          let hasSeparators = document.contains { (0x1c...0x1f).contains($0) }
          #expect(hasSeparators || marked.wordCount == WordCount.words(in: document.span))
        }
        for id in ids { for shift in [0, 8, 16, 24] { bytes.append(UInt8(id >> shift & 255)) } }
        #expect(Data(bytes) == (try Data(contentsOf: URL(filePath: folder + "/ids"))))
      }
    }
  }

  @Test(.enabled(if: Peer.hasNumPy, "needs numpy"))
  func `numpy opens a token shard as the guide says`() throws {
    let tokenizer = try Fixture.trained(try Fixture.texts, size: 400)
    try Fixture.withTemporaryFolder { folder in
      var writer = try TokenShardWriter(path: folder + "/s", tokenizer: tokenizer)
      for (index, text) in try Fixture.texts.enumerated() {
        let id = DocumentID(source: "s", key: "\(index)")
        try writer.append(text: text.utf8Span.span, id: id, source: "s\(index % 2)")
      }
      _ = try writer.finish()
      let reader = try TokenShardReader(path: folder + "/s")
      let answer = try Peer.script("shard", folder + "/s")
      let shard = try JSONDecoder().decode(NumPyShard.self, from: Data(answer.utf8))
      #expect(shard.tokens == (try (0..<reader.tokenCount).map { try reader.token(at: $0) }))
      let documents = (0..<reader.documentCount).map { reader.document($0) }
      #expect(shard.first == documents.map(\.firstToken))
      #expect(shard.words == documents.map(\.wordCount))
      #expect(shard.sources == documents.map(\.sourceIndex))
      #expect(shard.identities == documents.map(\.id.description))
      #expect(shard.starts == (0..<reader.tokenCount).map { reader.words(inTokens: $0..<$0 + 1) })
    }
  }

  private struct NumPyShard: Decodable {
    var tokens: [UInt32]
    var first: [Int]
    var words: [Int]
    var sources: [Int]
    var identities: [String]
    var starts: [Int]
  }
}
