import Documents
import Foundation
import Ingestion
import Testing

/// Real transcripts and TalkBank's own cases, which are not part of the project: each test is skipped
/// where its folder is absent.
@Suite struct CHATRealFilesTests {
  static func isThere(_ folder: String) -> Bool {
    FileManager.default.fileExists(atPath: sharedData.appendingPathComponent(folder).path)
  }

  func forEachRecord(in folder: String, _ body: (RawRecord) throws -> Void) throws {
    let path = sharedData.appendingPathComponent(folder).path
    for file in try InputFile.files(at: path, extensions: CHATReader.extensions) {
      try CHATReader().forEachRecord(in: file, body)
    }
  }

  /// Lines that begin with `*`, which is what a main tier is.
  func mainTiers(_ record: RawRecord) -> Int {
    record.bytes.split(separator: 0x0a).count { $0.first == 0x2a }
  }

  @Test(.enabled(if: isThere("childes")), arguments: CHATTextPolicy.allCases)
  func `every transcript of 34 corpora gives clean text and loses no utterance`(
    policy: CHATTextPolicy
  ) throws {
    let reader = CHATReader(options: CHATReader.Options(policy: policy, labels: .none))
    var transcripts = 0
    var tiers = 0
    var keys: Set<String> = []
    var rejected: [String: Int] = [:]
    try forEachRecord(in: "childes") { record in
      transcripts += 1
      let expected = mainTiers(record)
      tiers += expected
      for case .rejection(let rejection) in try reader.outcomes(of: record) {
        rejected[rejection.reason, default: 0] += 1
        #expect(rejection.detail.hasPrefix("\(expected) utterances"), "\(record.origin)")
      }
      guard case .document(let document)? = try reader.outcomes(of: record).first else { return }
      keys.insert(document.key)
      #expect(document.key == record.attributes["member"], "\(record.origin)")
      #expect(document.metadata["utterances"] == .integer(expected), "\(record.origin)")
      guard case .integer(let empty)? = document.metadata["emptyUtterances"] else { return }
      let lines = document.text.utf8.count { $0 == 0x0a } + 1
      #expect(lines == expected - empty, "\(record.origin)")
      #expect(!hasCodes(document.text), "\(record.origin)")
    }
    #expect(transcripts == 2_305)
    #expect(tiers == 1_361_640)
    #expect(keys.count + rejected["noWords", default: 0] == 2_305)
    #expect(rejected.keys.allSatisfy { $0 == "noWords" })
  }

  @Test(.enabled(if: isThere("childes-xml")), arguments: CHATTextPolicy.allCases)
  func `CHAT and TalkBank XML of three corpora give one text`(policy: CHATTextPolicy) throws {
    let reader = CHATReader(options: CHATReader.Options(policy: policy))
    var texts: [String: [Substring]] = [:]
    var utterances = 0
    for folder in ["childes-xml", "childes"] {
      var same = 0
      var lines = 0
      try forEachRecord(in: folder) { record in
        let corpora = ["NewEngland/", "Bloom73/", "Higginson/"]
        let member = record.attributes["member"] ?? ""
        guard corpora.contains(where: { member.hasPrefix($0) }) else { return }
        guard case .document(let document)? = try reader.outcomes(of: record).first else {
          Issue.record("\(record.origin)")
          return
        }
        let key = String(document.key.dropLast(4))
        let text = document.text.split(separator: "\n")
        if folder == "childes-xml" {
          texts[key] = text
          guard case .integer(let count)? = document.metadata["utterances"] else { return }
          utterances += count
        } else {
          let twin = try #require(texts[key], "\(key)")
          lines += max(twin.count, text.count)
          same += zip(twin, text).count { $0 == $1 }
        }
      }
      #expect(same == lines, "of \(lines) lines \(same) are the same")
    }
    #expect(texts.count == 164)
    #expect(utterances == 101_590)
  }

  @Test(.enabled(if: isThere("chat-conformance")))
  func `the reference corpus of CHAT is read without a fault`() throws {
    var transcripts = 0
    var withoutMainTier = 0
    for policy in CHATTextPolicy.allCases {
      let reader = CHATReader(options: CHATReader.Options(policy: policy, labels: .none))
      try forEachRecord(in: "chat-conformance/corpus/reference") { record in
        transcripts += 1
        for outcome in try reader.outcomes(of: record) {
          switch outcome {
          case .document(let document):
            #expect(!hasCodes(document.text), "\(record.origin)")
            #expect(document.metadata["utterances"] == .integer(mainTiers(record)))
          case .rejection(let rejection):
            // A recording that nobody has transcribed yet has no text to read.
            #expect(rejection.reason == "noUtterances" && mainTiers(record) == 0)
            withoutMainTier += 1
          }
        }
      }
    }
    #expect(transcripts == 3 * 106)
    #expect(withoutMainTier == 3)
  }

  @Test(.enabled(if: isThere("chat-conformance")))
  func `TalkBank's cases of errors never stop the reading and name their line`() throws {
    var transcripts = 0
    var faults: [String: Int] = [:]
    for folder in ["crates", "tests", "test-fixtures"] {
      try forEachRecord(in: "chat-conformance/" + folder) { record in
        transcripts += 1
        let lines = record.bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
        for case .rejection(let rejection) in try CHATReader().outcomes(of: record) {
          faults[rejection.reason, default: 0] += 1
          guard let line = rejection.origin.line else { continue }
          let first = lines[line - 1].first
          let isStray = first.map { !Array("*@%\t ".utf8).contains($0) } ?? false
          #expect(rejection.reason == "strayLine" ? isStray : first == UInt8(ascii: "*"))
        }
      }
    }
    #expect(transcripts == 527)
    for fault in [
      "missingColon", "unclosedBracket", "unopenedBracket", "unclosedGroup", "unopenedGroup",
      "unclosedShortening", "controlCharacter", "strayLine",
    ] { #expect(faults[fault, default: 0] > 0, "\(fault)") }
  }
}
