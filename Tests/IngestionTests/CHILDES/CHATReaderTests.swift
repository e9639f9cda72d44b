import Documents
import Files
import Foundation
import Ingestion
import TestSupport
import Testing

@Suite struct CHATReaderTests {
  let reader = CHATReader()

  func record(_ text: String, file: String = "Own/one.cha", member: String? = nil) -> RawRecord {
    RawRecord(
      bytes: Array(text.utf8),
      origin: Origin(file: file),
      ordinal: 0,
      attributes: member.map { ["member": $0] } ?? [:]
    )
  }

  func document(_ record: RawRecord) throws -> Document? {
    guard case .document(let document)? = try reader.outcomes(of: record).first else { return nil }
    return document
  }

  func rejection(_ text: String) throws -> String? {
    guard case .rejection(let rejection)? = try reader.outcomes(of: record(text)).first else {
      return nil
    }
    return rejection.reason
  }

  static let transcript = """
    @UTF8
    @PID:\t11312/a-00000001-1
    @Begin
    @Languages:\teng, spa
    @Participants:\tCHI Nell Target_Child , MOT Anna Maria
    \tMother , FAT Father
    @ID:\teng|own|CHI|2;03.15|female|||Target_Child|||
    @ID:\teng|own|MOT||female|||Mother|||
    @Media:\tnell01, audio
    @Date:\t10-MAY-1977
    *MOT:\twhere is the ball ? \u{15}0_1200\u{15}
    %mor:\tpro:wh|where
    *CHI:\txxx .
    *CHI:\tthere .
    @End
    """

  @Test func `headers become metadata`() throws {
    let document = try #require(try document(record(Self.transcript)))
    #expect(document.text == "MOT: where is the ball?\nCHI: there.")
    #expect(document.license == "CC-BY-NC-SA-3.0")
    let metadata = document.metadata
    #expect(metadata["languages"] == .list([.text("eng"), .text("spa")]))
    #expect(metadata["corpus"] == .text("own"))
    #expect(metadata["date"] == .text("1977-05-10"))
    #expect(metadata["media"] == .text("nell01, audio"))
    #expect(metadata["pid"] == .text("11312/a-00000001-1"))
    #expect(metadata["targetChildAgeMonths"] == .number(27.5))
    #expect(metadata["targetChildSex"] == .text("female"))
    #expect(metadata["utterances"] == .integer(3))
    #expect(metadata["emptyUtterances"] == .integer(1))
    #expect(metadata["rejectedUtterances"] == .integer(0))
    #expect(metadata["language"] == .text("eng"))
    #expect(metadata["path"] == .text("Own/one.cha"))
    #expect(metadata["textPolicy"] == .text("intended"))
    #expect(metadata["textPolicyVersion"] == .integer(1))
    #expect(metadata["dependentTiers"] == .object(["mor": .integer(1)]))
    #expect(
      metadata["constructs"] == .object(["mediaMarks": .integer(1), "unintelligible": .integer(1)])
    )
    guard case .list(let participants)? = metadata["participants"] else {
      Issue.record("no participants")
      return
    }
    #expect(participants.count == 3)
    #expect(
      participants[1]
        == .object([
          "code": .text("MOT"), "name": .text("Anna Maria"), "role": .text("Mother"),
          "sex": .text("female"), "language": .text("eng"),
        ])
    )
    #expect(participants[2] == .object(["code": .text("FAT"), "role": .text("Father")]))
  }

  @Test func `line ends and a byte order mark make no difference`() throws {
    let plain = try #require(try document(record(Self.transcript)))
    for variant in [
      "\u{feff}" + Self.transcript, Self.transcript.replacingOccurrences(of: "\n", with: "\r\n"),
      Self.transcript.replacingOccurrences(of: "\n", with: "\r"), Self.transcript + "\n",
    ] {
      #expect(try document(record(variant)) == plain)
    }
  }

  @Test func `what is no transcript is rejected with its reason`() throws {
    #expect(try rejection("") == "notTranscript")
    #expect(try rejection("Once upon a time.\n") == "notTranscript")
    #expect(try rejection("@UTF8\n@Begin\n@End\n") == "noUtterances")
    #expect(try rejection("@UTF8\n@Begin\n*CHI:\txxx .\n@End\n") == "noWords")
    #expect(try rejection("*CHI: xxx .\n") == "noWords")
  }

  @Test func `invalid UTF-8 under the heading @UTF8 is read as Windows-1252 and marked`() throws {
    var broken = record("@UTF8\n*CHI:\tcaf? \u{201c}now\u{201d} .\n")
    broken.bytes[broken.bytes.firstIndex(of: UInt8(ascii: "?"))!] = 0xe9
    let document = try #require(try document(broken))
    #expect(document.text.hasPrefix("CHI: café"))
    #expect(document.metadata["encoding"] == .text("windows-1252"))
    let plain = try #require(try self.document(record("@UTF8\n*CHI:\tcafé .\n")))
    #expect(plain.metadata["encoding"] == .text("utf-8"))

    var options = CHATReader.Options()
    options.strict = true
    #expect(throws: Failure.self) { _ = try CHATReader(options: options).outcomes(of: broken) }
    options = CHATReader.Options(labels: .none, encoding: .windows1252)
    let latin = RawRecord(
      bytes: Array("*CHI:\tcaf".utf8) + [0xe9] + Array(" .\n".utf8),
      origin: Origin(file: "x.cha"),
      ordinal: 0
    )
    guard case .document(let old)? = try CHATReader(options: options).outcomes(of: latin).first
    else {
      Issue.record("no document")
      return
    }
    #expect(old.text == "café.")
    guard case .rejection(let rejection)? = try reader.outcomes(of: latin).first else {
      Issue.record("no rejection")
      return
    }
    #expect(rejection.reason == "notUTF8")
  }

  @Test(
    arguments: [
      ("Brown/Adam/020304.cha", nil), ("childes/Brown/Adam/020304.cha", nil),
      ("Brown/Adam/020304.cha.gz", nil),
      ("any/where.zip!Brown/Adam/020304.cha", "Brown/Adam/020304.cha"),
    ] as [(String, String?)]
  )
  func `a zip and the folders unpacked from it give one key`(file: String, member: String?) throws {
    let text = "@UTF8\n@ID:\teng|brown|CHI|||||Target_Child|||\n*CHI:\tyes .\n"
    #expect(
      try document(record(text, file: file, member: member))?.key == "Brown/Adam/020304.cha"
    )
  }

  @Test func `an empty transcript is rejected, an archive without transcripts a failure`() throws {
    try withTemporaryFolder { folder in
      let empty = try write([], to: "empty.cha", in: folder)
      var reasons: [String] = []
      try reader.forEachRecord(in: InputFile(path: empty, name: "empty.cha")) { record in
        guard case .rejection(let rejection)? = try reader.outcomes(of: record).first else {
          return
        }
        reasons.append(rejection.reason)
      }
      #expect(reasons == ["notTranscript"])
      for (name, bytes) in [
        ("empty.zip", []), ("texts.zip", ArchiveFixtures.zip),
        ("none.zip", ArchiveFixtures.zipOfNothing),
      ] {
        let path = try write(bytes, to: name, in: folder)
        #expect(throws: Failure.self) {
          try reader.forEachRecord(in: InputFile(path: path, name: name)) { _ in }
        }
      }
    }
  }

  /// Brackets without end, nesting and length must cost no more than linear time and no stack.
  @Test(arguments: [
    ("<", ">"), ("[", "]"), ("[: ", "]"), ("<<[/] ", "> "), ("“", "”"), ("(", ")"), ("&", ""),
    ("\u{15}", ""), ("[", ""), ("<", ""), ("a [: ", ""), ("", "]"), ("+", ""), ("\"", ""),
    ("⌈", "⌉"), ("word_", ""), (":", ""), ("0", ""), ("@", ""), ("a [/] ", ""), (" , ", ""),
  ])
  func `deep nesting and long lines are read in linear time`(open: String, close: String) throws {
    let count = 100_000
    let tier =
      String(repeating: open, count: count) + " word "
      + String(repeating: close, count: count) + " ."
    let seconds = try processorSeconds {
      _ = try reader.outcomes(of: record("@UTF8\n*CHI:\t\(tier)\n*MOT:\tyes .\n"))
    }
    // A quadratic pass over these 100,000 marks would take minutes.
    #expect(seconds < 5)
  }

  @Test func `random bytes never leave codes or control characters in the text`() throws {
    let pieces = [
      "word", " ", "<", ">", "[", "]", "[/]", "[: ", "&", "&=", "&-", "0", "(", ")", "(.)", "+",
      "+...", ".", "?", ",", "„", "“", "”", "\"", "\u{15}", "\u{1}", "\u{2}", "@", "@s:spa", "_",
      ":",
      "^", "\n\t", "xxx", "é", "[x 3]", "[///]", "> [: ", "+\"", "&~", "&+", "‡", "⌈", "'", "-",
      "*", "%", "=", "{", "|", "\\", "/", "#", "\u{85}",
      "\u{7f}",
    ]
    var state: UInt64 = 42
    for _ in 0..<5_000 {
      var tier = ""
      for _ in 0..<20 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        tier += pieces[Int(state >> 33) % pieces.count]
      }
      for policy in CHATTextPolicy.allCases {
        let options = CHATReader.Options(policy: policy, labels: .none)
        let record = record("@UTF8\n*CHI:\t\(tier)\n")
        guard
          case .document(let document)? = try CHATReader(options: options).outcomes(of: record)
            .first
        else { continue }
        let text = document.text
        #expect(!hasCodes(text), "\(tier) gave \(text)")
        #expect(!text.contains("  ") && !text.hasPrefix(" ") && !text.hasSuffix(" "), "\(tier)")
      }
    }
  }
}

/// Whether a text holds CHAT's codes or control characters other than line feed.
func hasCodes(_ text: String) -> Bool {
  text.unicodeScalars.contains { scalar in
    switch scalar {
    case "[", "]", "<", ">", "&", "@", "^", "_", "{", "}", "|", "\\", "*", "%", "=", "#", "~", "+":
      true
    case "(", ")", "“", "”", "„", "‡", "⌈", "⌉", "⌊", "⌋", "↑", "↓", "ˈ", "ˌ": true
    default: scalar.value < 0x20 && scalar != "\n" || (0x7f..<0xa0).contains(scalar.value)
    }
  }
}
