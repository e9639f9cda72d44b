import Documents
import Files
import Foundation
import Ingestion
import TestSupport
import Testing

/// Cuts and flipped bits at random places of small samples.
///
/// A reader gives documents, rejections or a `Failure`, and nothing else happens. `BLALM_LONG_TESTS`
/// makes it 100,000 rounds instead of 3,000.
@Suite struct DamagedInputTests {
  static let rounds =
    ProcessInfo.processInfo.environment["BLALM_LONG_TESTS"] == nil ? 3_000 : 100_000

  static let samples: [(name: String, reader: any SourceReader, bytes: [UInt8])] = {
    let jsonLines = #"{"id": "a", "text": "One \"é\" \u00e9.", "n": [1, {"x": null}], "s": 2.5e3}"#
    let array = #"[{"story": "A hen.", "instruction": {"words": ["hen"]}}, "B.", {"text": "C"}]"#
    let csv = "id,text,n\r\n1,\"A \"\"b\"\",\nc.\",2\r\n3,D.,4.5\r\n"
    var samples: [(String, any SourceReader, [UInt8])] = [
      ("jsonl", JSONLinesReader(), Array("\(jsonLines)\n\(jsonLines)\n".utf8)),
      ("json", TinyStoriesReader(options: .init(removeOpenings: true)), Array(array.utf8)),
      ("csv", CSVReader(), Array(csv.utf8)),
      (
        "babylm", BabyLMReader(options: .init(labels: .role)),
        Array(BabyLMReaderTests.transcripts.utf8)
      ),
      ("gutenberg", GutenbergReader(), Array(GutenbergReaderTests.book.utf8)),
      ("mojibake", TinyStoriesReader(), Array("â€œHa!â€ itâ€™s cafÃ©.<|endoftext|>B.".utf8)),
    ]
    for (name, bytes) in ArchiveFixtures.packs.sorted(by: { $0.key < $1.key })
    where name != "zeros.tar.gz" {
      let isJSON = name.hasPrefix("stories")
      samples.append((name, isJSON ? TinyStoriesReader() : PlainTextReader(), bytes))
    }
    return samples
  }()

  @Test func `damaged input gives documents, rejections or a failure`() throws {
    var random = SeededNumbers(2_511)
    try withTemporaryFolder { folder in
      var read = 0
      var failed = 0
      for round in 0..<Self.rounds {
        let sample = Self.samples[round % Self.samples.count]
        var bytes = sample.bytes
        if Bool.random(using: &random) {
          bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
        }
        for _ in 0..<Int.random(in: 0...3, using: &random) {
          let bit = UInt8(1) << UInt8.random(in: 0..<8, using: &random)
          bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= bit
        }
        let path = try write(bytes, to: "sample", in: folder)
        do {
          let result = try ingest(sample.reader, path)
          #expect(result.documents.count + result.rejections.count > 0, "\(sample.name)")
          for text in result.texts { #expect(!text.isEmpty && !text.contains("\r")) }
          read += 1
        } catch is Failure {
          failed += 1
        }
      }
      #expect(read + failed == Self.rounds)
      #expect(read > Self.rounds / 10 && failed > Self.rounds / 10)
    }
  }
}
