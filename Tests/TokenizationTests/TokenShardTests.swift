import Documents
import Files
import Foundation
import Testing
import Tokenization

@Suite struct TokenShardTests {
  private static let texts = [
    "The dog ran.\nThe  dog\u{a0}slept. ", "", "one", "  two\u{3000}words\u{2028}and\tmore 日本 語",
  ]
  private static let sources = ["childes", "tinystories", "childes", "wikipédia"]

  /// Writes the texts above (`repeats` times) and gives the shard's path without suffix.
  @discardableResult
  private func write(
    into folder: String,
    tokenizer: Tokenizer,
    repeats: Int = 1
  ) throws -> (path: String, totals: TokenShardWriter.Totals) {
    let path = folder + "/train-00000"
    var writer = try TokenShardWriter(path: path, tokenizer: tokenizer)
    for repeatIndex in 0..<repeats {
      for (index, text) in Self.texts.enumerated() {
        try writer.append(
          text: text.utf8Span.span,
          id: DocumentID(source: Self.sources[index], key: "\(repeatIndex)/\(index)"),
          source: Self.sources[index]
        )
      }
    }
    return (path, try writer.finish())
  }

  @Test func `a shard gives back its tokens, words and documents`() throws {
    let tokenizer = try Fixture.trained(try Fixture.texts, size: 400)
    try Fixture.withTemporaryFolder { folder in
      let (path, totals) = try write(into: folder, tokenizer: tokenizer, repeats: 3)
      let reader = try TokenShardReader(path: path, tokenizer: tokenizer)
      #expect(reader.documentCount == 12)
      #expect(totals.documents == 12)
      #expect(totals.tokens == reader.tokenCount)
      #expect(totals.words == reader.wordCount)
      #expect(reader.sourceNames == ["childes", "tinystories", "wikipédia"])
      #expect(reader.header.vocabularySize == 400)
      var words = 0
      for position in 0..<12 {
        let document = reader.document(position)
        let text = Self.texts[position % 4]
        let range = document.firstToken..<document.firstToken + document.tokenCount
        var ids = [Int32](repeating: -1, count: document.tokenCount + 1)
        var span = ids.mutableSpan
        try reader.copyTokens(range, into: &span)
        #expect(ids == [0] + tokenizer.encode(text).map { Int32($0) } + [-1])
        #expect(document.wordCount == WordCount.words(in: text))
        #expect(reader.words(inTokens: range) == document.wordCount)
        #expect(
          document.id
            == DocumentID(
              source: Self.sources[position % 4],
              key: "\(position / 4)/\(position % 4)"
            )
        )
        #expect(reader.sourceNames[document.sourceIndex] == Self.sources[position % 4])
        #expect(try reader.token(at: range.lowerBound) == 0)
        #expect(reader.documentPosition(ofToken: range.lowerBound) == position)
        #expect(reader.documentPosition(ofToken: range.upperBound - 1) == position)
        words += document.wordCount
      }
      #expect(words == reader.wordCount)
      for first in 0..<reader.tokenCount {
        let halves =
          reader.words(inTokens: 0..<first) + reader.words(inTokens: first..<reader.tokenCount)
        #expect(halves == reader.wordCount)
      }
      let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      #expect(files == ["train-00000.bin", "train-00000.idx"])
    }
  }

  @Test func `every word is marked at the token that holds its first byte`() throws {
    let tokenizer = try Fixture.trained(try Fixture.texts, size: 300)
    var encoder = TokenEncoder(tokenizer)
    let texts = try Fixture.texts.map {
      $0.replacing("\u{1c}", with: "").replacing("\u{1f}", with: "")
    }
    for text in texts + Self.texts {
      let document = TokenizedDocument(text.utf8Span.span, with: &encoder)
      #expect(document.wordCount == WordCount.words(in: text))
      #expect(document.tokens.count == document.wordStarts.count)
      let pieces = zip(document.tokens, document.wordStarts).map { id, mark in
        (bytes: Array(tokenizer.bytes(of: id)), mark: mark)
      }
      for piece in pieces where piece.mark == 1 {
        #expect(WordCount.words(in: piece.bytes.span) == 1)
      }
    }
  }

  @Test func `totals are kept by source`() throws {
    let tokenizer = try Fixture.trained(["a b"], size: 258)
    try Fixture.withTemporaryFolder { folder in
      var writer = try TokenShardWriter(path: folder + "/x", tokenizer: tokenizer)
      let id = DocumentID(high: 1, low: 2)
      try writer.append(text: "a b".utf8Span.span, id: id, source: "one")
      try writer.append(text: "abc".utf8Span.span, id: id, source: "two")
      try writer.append(text: "d".utf8Span.span, id: id, source: "one")
      let one = try #require(writer.totalsBySource["one"])
      #expect((one.documents, one.tokens, one.words) == (2, 8, 3))
      #expect(writer.totalsBySource["two"]?.tokens == 5)
      #expect(writer.totals.tokens == 13)
      _ = try writer.finish()
    }
  }

  @Test func `a writer that is dropped leaves nothing, not even over an older shard`() throws {
    let tokenizer = try Fixture.trained(["a b"], size: 258)
    try Fixture.withTemporaryFolder { folder in
      let (path, _) = try write(into: folder, tokenizer: tokenizer)
      let before = try Data(contentsOf: URL(filePath: path + ".bin"))
      do {
        var writer = try TokenShardWriter(path: path, tokenizer: tokenizer)
        try writer.append(text: "x".utf8Span.span, id: DocumentID(high: 0, low: 0), source: "s")
      }
      #expect(try Data(contentsOf: URL(filePath: path + ".bin")) == before)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)
      try write(into: folder, tokenizer: tokenizer, repeats: 2)
      #expect(try TokenShardReader(path: path).documentCount == 8)
      #expect(
        failure { _ = try TokenShardWriter(path: folder + "/no/x", tokenizer: tokenizer) } != nil
      )
    }
  }

  @Test func `an empty shard opens`() throws {
    let tokenizer = try Fixture.trained(["a b"], size: 258)
    try Fixture.withTemporaryFolder { folder in
      let writer = try TokenShardWriter(path: folder + "/x", tokenizer: tokenizer)
      _ = try writer.finish()
      let reader = try TokenShardReader(path: folder + "/x")
      #expect((reader.tokenCount, reader.documentCount, reader.wordCount) == (0, 0, 0))
      #expect(reader.words(inTokens: 0..<0) == 0)
    }
  }

  @Test func `ids of four bytes serve vocabularies beyond 65,536`() throws {
    let small = try Fixture.trained(["a b"], size: 258)
    let names = (0..<70_000).map { Tokenizer.AddedToken(name: "<|\($0)|>", id: UInt32($0) + 2) }
    let large = Tokenizer(
      specialTokens: small.specialTokens + names,
      byteIDs: small.byteIDs.map { $0 + 70_000 },
      merges: [],
      addPrefixSpace: true
    )
    try Fixture.withTemporaryFolder { folder in
      let (path, totals) = try write(into: folder, tokenizer: large)
      let size = try Data(contentsOf: URL(filePath: path + ".bin")).count
      #expect(size == 64 + 4 * totals.tokens)
      let reader = try TokenShardReader(path: path)
      #expect(try reader.token(at: 2) == large.encode(Self.texts[0])[1])
    }
  }

  @Test func `a shard of another tokenizer is refused`() throws {
    let tokenizer = try Fixture.trained(["a b"], size: 258)
    let other = try Fixture.trained(["aa aa"], size: 259)
    try Fixture.withTemporaryFolder { folder in
      let (path, _) = try write(into: folder, tokenizer: tokenizer)
      let failure = failure { _ = try TokenShardReader(path: path, tokenizer: other) }
      #expect(failure?.what.contains("another tokenizer") == true)
      #expect(failure?.remedy.contains("blalm tokenize") == true)
    }
  }

  @Test func `every cut and every flipped head byte is refused or harmless`() throws {
    let tokenizer = try Fixture.trained(["a b"], size: 258)
    try Fixture.withTemporaryFolder { folder in
      let (path, _) = try write(into: folder, tokenizer: tokenizer)
      for suffix in [".bin", ".idx"] {
        let url = URL(filePath: path + suffix)
        let good = try Data(contentsOf: url)
        for count in stride(from: 0, to: good.count, by: 3) {
          try good.prefix(count).write(to: url)
          let failure = failure { _ = try TokenShardReader(path: path) }
          #expect(failure?.place == path + suffix)
        }
        for index in good.indices {
          for bit in [0, 7] {
            var damaged = good
            damaged[index] ^= 1 << UInt8(bit)
            try damaged.write(to: url)
            touchEverything(path)
          }
        }
        try good.write(to: url)
      }
      for suffix in [".bin", ".idx"] {
        try FileManager.default.removeItem(atPath: path + suffix)
        #expect(failure { _ = try TokenShardReader(path: path) }?.place == path + suffix)
        try write(into: folder, tokenizer: tokenizer)
      }
    }
  }

  /// Opens a damaged shard and reads all of it: whatever is thrown, nothing may trap.
  private func touchEverything(_ path: String) {
    guard let reader = try? TokenShardReader(path: path) else { return }
    var ids = [Int32](repeating: 0, count: reader.tokenCount)
    var span = ids.mutableSpan
    try? reader.copyTokens(0..<reader.tokenCount, into: &span)
    for position in 0..<reader.documentCount { _ = reader.document(position) }
    _ = reader.words(inTokens: 0..<reader.tokenCount)
  }

  @Test func `a newer version and an id beyond the vocabulary are named`() throws {
    let tokenizer = try Fixture.trained(["a b"], size: 258)
    try Fixture.withTemporaryFolder { folder in
      let (path, _) = try write(into: folder, tokenizer: tokenizer)
      let url = URL(filePath: path + ".bin")
      let good = try Data(contentsOf: url)
      var newer = good
      newer[8] = 2
      try newer.write(to: url)
      #expect(failure { _ = try TokenShardReader(path: path) }?.what.contains("version 2") == true)
      var foreign = good
      foreign[67] = 9
      try foreign.write(to: url)
      let reader = try TokenShardReader(path: path)
      #expect(failure { _ = try reader.token(at: 1) }?.what.contains("258") == true)
      #expect(try reader.token(at: 0) == 0)
    }
  }
}
