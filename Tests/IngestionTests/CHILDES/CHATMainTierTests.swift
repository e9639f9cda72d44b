import Documents
import Foundation
import Ingestion
import Testing

/// The lines of the transcript that holds the given tiers.
func lines(
  of tiers: String,
  options: CHATReader.Options = CHATReader.Options(labels: .none)
) throws -> [String] {
  let bytes = Array("@UTF8\n@Begin\n\(tiers)\n@End\n".utf8)
  let record = RawRecord(bytes: bytes, origin: Origin(file: "x.cha"), ordinal: 0)
  guard case .document(let document)? = try CHATReader(options: options).outcomes(of: record).first
  else { return [] }
  return document.text.split(separator: "\n").map(String.init)
}

/// The rejections of the transcript that holds the given tiers, as reason and line.
func faults(
  of tiers: String,
  options: CHATReader.Options = CHATReader.Options(labels: .none)
) throws -> [String] {
  let bytes = Array("@UTF8\n@Begin\n\(tiers)\n@End\n".utf8)
  let record = RawRecord(bytes: bytes, origin: Origin(file: "x.cha"), ordinal: 0)
  return try CHATReader(options: options).outcomes(of: record).compactMap { outcome in
    guard case .rejection(let rejection) = outcome else { return nil }
    return rejection.reason + (rejection.origin.line.map { " \($0)" } ?? "")
  }
}

@Suite struct CHATMainTierTests {
  /// One row of the guide's table of constructs.
  struct Construct: CustomTestStringConvertible, Sendable {
    let name: String
    let tier: String
    let texts: [CHATTextPolicy: String]

    var testDescription: String { name }
  }

  static let guide: String = {
    let file = ownData.deletingLastPathComponent()
      .appendingPathComponent("Sources/Ingestion/Ingestion.docc/CHILDES.md")
    return (try? String(contentsOf: file, encoding: .utf8)) ?? ""
  }()

  /// The guide's table: the texts were written by hand after the CHAT manual.
  static let table: [Construct] = {
    let rows = guide.split(separator: "\n").drop { !$0.hasPrefix("| construct |") }
      .prefix { $0.hasPrefix("|") }.dropFirst(2)
    return rows.map { row in
      let cells = row.split(separator: " | ").map { cell in
        String(
          cell.drop { $0 == "|" || $0 == " " }.reversed().drop { "| ".contains($0) }.reversed()
        )
      }
      func value(_ cell: String) -> String {
        guard cell != "–" else { return "" }
        var value = cell.dropFirst().dropLast()[...]
        if cell == "=" { value = cells[2] == "–" ? "" : cells[2].dropFirst().dropLast()[...] }
        return [("␕", "\u{15}"), ("␂", "\u{2}"), ("␁", "\u{1}")]
          .reduce(String(value)) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
      }
      return Construct(
        name: cells[0],
        tier: value(cells[1]),
        texts: [.intended: value(cells[2]), .heard: value(cells[3]), .babylm: value(cells[4])]
      )
    }
  }()

  @Test func `the guide's table has every row`() {
    #expect(Self.table.count >= 98)
    #expect(Self.table.count { Set($0.texts.values).count > 1 } >= 30)
  }

  @Test func `the guide names every policy, option, construct and fault`() {
    let options = Mirror(reflecting: CHATReader.Options()).children.compactMap(\.label)
    let constructs = CHATConstruct.allCases.map { "\($0)" }
    let faults = CHATFault.allCases.map(\.rawValue)
    #expect(options.count == 10)
    let names = options + constructs + faults + CHATTextPolicy.allCases.map(\.rawValue)
    for name in names + CHATReader().summedMetadata {
      #expect(Self.guide.contains("`\(name)`"), "\(name)")
    }
  }

  @Test(arguments: table)
  func `a construct becomes the text that the guide states`(construct: Construct) throws {
    for policy in CHATTextPolicy.allCases {
      let options = CHATReader.Options(policy: policy, labels: .none)
      let text = try lines(of: "*CHI:\t\(construct.tier)\n*MOT:\tyes .", options: options)
      let expected = [construct.texts[policy, default: "?"], "yes."].filter { !$0.isEmpty }
      #expect(text == expected, "\(policy): \(construct.tier)")
    }
  }

  @Test(arguments: [
    ("+..!", "...!"), ("+//!", "...!"), ("+/??", "...?"), ("+/!", "...!"), ("+\"/?", "?"),
    ("+\"/!", "!"), ("+\"?", "?"), ("+\"!", "!"), ("+?", "?"), ("+!", "!"), ("+\u{2026}", "..."),
    ("+/.", "..."), (".", "."), ("?", "?"), ("!", "!"), ("...", "..."), ("?!", "?!"),
    ("\u{15}1_2\u{15}", ""), ("≡", ""), ("", ""), ("。", "。"), ("؟", "؟"),
  ])
  func `every terminator ends its utterance`(terminator: String, text: String) throws {
    #expect(try lines(of: "*CHI:\tyou did \(terminator)") == ["you did\(text)"])
  }

  @Test(arguments: [
    "++", "+^", "+<", "+,", "+\"", "+≈", "+≋", "+< +\"", "[- spa]", "[^ yawns]", "[+ bch]", "#",
    "# ## #0_5", "$", "\u{200b}", "(.)",
  ])
  func `what stands before the words leaves nothing`(code: String) throws {
    #expect(try lines(of: "*CHI:\t\(code) well yes .") == ["well yes."])
  }

  @Test(arguments: [
    "&=laughs .", "www . [+ trn]", "0is .", "", ".", "(.)", "[//]", "<xxx> [=! x] .", "“ ” .",
    "- .",
    "' .", "@ .", "+...", "\u{15}12_34\u{15}", "&", "&-", "&+ .", "0", "xx@o .", "&=", "+\" xxx .",
    "xxx's .", "yyy'll (.) .", "xxx’s .", "xxx_www .",
  ])
  func `an utterance without words is left out and counted`(tier: String) throws {
    for policy in CHATTextPolicy.allCases {
      let options = CHATReader.Options(policy: policy, labels: .none)
      #expect(try lines(of: "*CHI:\t\(tier)\n*MOT:\tyes .", options: options) == ["yes."])
    }
  }

  @Test(arguments: [
    ("one [: two", "unclosedBracket"), ("one two [//", "unclosedBracket"), ("[", "unclosedBracket"),
    ("one ] two .", "unopenedBracket"), ("]", "unopenedBracket"), ("one <two .", "unclosedGroup"),
    ("one [: <two] .", "unclosedGroup"), ("one> [/] two .", "unopenedGroup"),
    ("<one [: two> three] .", "unopenedGroup"), ("he (said .", "unclosedShortening"),
    ("he said) so .", "unclosedShortening"), ("he ) so .", "unclosedShortening"),
    ("one \u{7}two .", "controlCharacter"), ("one\u{0}two .", "controlCharacter"),
    (String(repeating: "<", count: 200), "nestingTooDeep"),
    (String(repeating: "[= ", count: 200), "nestingTooDeep"),
  ])
  func `a fault rejects its utterance with its line and the rest goes on`(
    tier: String,
    fault: String
  ) throws {
    let tiers = "*MOT:\tsit\n\tdown .\n*CHI:\t\(tier)\n%com:\tx\n*MOT:\tyes ."
    #expect(try lines(of: tiers) == ["sit down.", "yes."])
    #expect(try faults(of: tiers) == ["\(fault) 5"])
  }

  @Test func `lines that belong to no tier are rejected with their number`() throws {
    let tiers = "*MOT\n*CHI:\tyes .\n\nInvalid line\n*CHI hello .\n*MOT:\tgood ."
    #expect(try lines(of: tiers) == ["yes.", "good."])
    #expect(try faults(of: tiers) == ["missingColon 3", "strayLine 6", "missingColon 7"])
  }

  @Test func `wrapped lines are joined and dependent tiers passed over`() throws {
    let tiers = """
      *CHI:\tI want <the big
      \tred> [//] the small
        one .
      %mor:\tpro|I v|want
      \tdet|the n|one
      %com:\tnot text
      *MOT:\tall right .
      *CHI:\tno .
      *CHI:\tno .
      """
    #expect(try lines(of: tiers) == ["I want the small one.", "all right.", "no.", "no."])
  }

  /// Two ways lead to the same text: an empty group in front leaves nothing, and forces the long one.
  @Test func `the short way for plain tiers gives what the long way gives`() throws {
    let pieces = [
      "word", "Nell's", "10", "a1", "xxx", "xx", "www", "wwww", "xxx's", "x", "xy", ",", ".", "?",
      "!", "?!",
      " ", "  ", "\n\t", "\u{15}1_2\u{15}", "'", "0", "é", "yes", "no",
    ]
    var state: UInt64 = 7
    for _ in 0..<3_000 {
      var tier = ""
      for _ in 0..<8 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        tier += pieces[Int(state >> 33) % pieces.count] + (state >> 60 < 12 ? " " : "")
      }
      for policy in CHATTextPolicy.allCases {
        let options = CHATReader.Options(policy: policy, labels: .none)
        let short = try lines(of: "*CHI:\t\(tier) .\n*MOT:\tyes .", options: options)
        let long = try lines(of: "*CHI:\t‹› \(tier) .\n*MOT:\tyes .", options: options)
        #expect(short == long, "\(tier)")
      }
    }
  }

  @Test func `round brackets of conversation analysis keep their words`() throws {
    let tiers = "@Options:\tCA\n*CHI:\tI (think so) (maybe) it's ti:me ↗"
    for policy in CHATTextPolicy.allCases {
      let options = CHATReader.Options(policy: policy, labels: .none)
      #expect(try lines(of: tiers, options: options) == ["I think so maybe it's time"])
    }
  }

  @Test func `repetitions are written out only while the utterance stays short`() throws {
    let heard = CHATReader.Options(policy: .heard, labels: .none)
    let nested =
      String(repeating: "<", count: 100) + "no" + String(repeating: "> [x 9]", count: 100)
    let line = try #require(try lines(of: "*CHI:\t\(nested) .", options: heard).first)
    #expect(line.utf8.count > 1_000 && line.utf8.count < 20_000)
    #expect(try lines(of: "*CHI:\tno [x 99999999999999999999] .", options: heard) == ["no."])
    #expect(try lines(of: "*CHI:\tno [x many] .", options: heard) == ["no."])
  }
}
