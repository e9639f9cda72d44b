import Documents
import Files
import Ingestion
import Testing

/// Labels, speakers, ages, languages, capitals and strictness, on one made-up transcript.
@Suite struct CHATOptionsTests {
  static let tiers = """
    @Languages:\teng, spa
    @Participants:\tCHI Nell Target_Child , MOT Mother , BRO Ben Brother , UNC Bob Uncle , ENV Environment
    @ID:\teng|own|CHI|2;03.15|female|||Target_Child|||
    @ID:\teng|own|BRO|19;00.|male|||Brother|||
    *MOT:\tsit down now .
    *CHI:\tno . no .
    *BRO:\t[- spa] está bien .
    *UNC:\tit is here +...
    *ENV:\tbell .
    *XXX:\télan vital .
    """

  func options(_ change: (inout CHATReader.Options) -> Void) -> CHATReader.Options {
    var options = CHATReader.Options(labels: .none)
    change(&options)
    return options
  }

  func kept(_ change: (inout CHATReader.Options) -> Void) throws -> [String] {
    try lines(of: Self.tiers, options: options(change))
  }

  @Test func `a label is the code, the role or nothing`() throws {
    #expect(try kept { $0.labels = .code }.first == "MOT: sit down now.")
    #expect(try kept { $0.labels = .none }.first == "sit down now.")
    let roles = try kept { $0.labels = .role }
    #expect(roles.first == "Mother: sit down now.")
    #expect(roles[1] == "Target_Child: no. no.")
    #expect(roles.last == "XXX: élan vital.")
    let babylm = try kept {
      $0.labels = .code
      $0.policy = .babylm
    }
    #expect(babylm.first == "*MOT:\tsit down now.")
  }

  @Test func `speakers are all, all but the target child, adults or a list`() throws {
    #expect(try kept { $0.speakers = .all }.count == 6)
    #expect(try kept { $0.speakers = .allButTargetChild }.count == 5)
    #expect(
      try kept { $0.speakers = .adults } == ["sit down now.", "está bien.", "it is here..."]
    )
    #expect(try kept { $0.speakers = .listed(["CHI", "XXX"]) } == ["no. no.", "élan vital."])
    #expect(try kept { $0.speakers = .listed(["FAT"]) }.isEmpty)
    let old = "*CHI:\tmine .\n*MOT:\tyours ."
    #expect(try lines(of: old, options: options { $0.speakers = .allButTargetChild }) == ["yours."])
  }

  @Test func `an age range leaves out what is younger, older or of unknown age`() throws {
    for (least, greatest, count) in [(27.5, 27.5, 6), (28, nil, 0), (nil, 27, 0), (0, 40, 6)]
      as [(Double?, Double?, Int)]
    {
      let lines = try kept {
        $0.minimumAgeMonths = least
        $0.maximumAgeMonths = greatest
      }
      #expect(lines.count == count)
    }
    #expect(
      try faults(of: Self.tiers, options: options { $0.minimumAgeMonths = 28 }) == [
        "outsideAgeRange"
      ]
    )
    #expect(
      try faults(of: "*CHI:\tyes .", options: options { $0.maximumAgeMonths = 28 }) == [
        "ageUnknown"
      ]
    )
  }

  @Test func `languages choose utterances and transcripts`() throws {
    #expect(try kept { $0.languages = ["spa"] } == ["está bien."])
    #expect(try kept { $0.languages = ["eng"] }.count == 5)
    #expect(try kept { $0.languages = ["eng", "spa"] }.count == 6)
    #expect(
      try faults(of: Self.tiers, options: options { $0.languages = ["fra"] }) == ["otherLanguage"]
    )
    #expect(
      try faults(of: "*CHI:\tyes .", options: options { $0.languages = ["eng"] })
        == ["languageUnknown"]
    )
  }

  @Test func `short utterances are left out and sentences get capitals`() throws {
    #expect(try kept { $0.minimumWords = 3 } == ["sit down now.", "it is here..."])
    #expect(
      try kept { $0.capitalizeSentences = true }
        == ["Sit down now.", "No. No.", "Está bien.", "It is here...", "Bell.", "Élan vital."]
    )
    let quoted = options {
      $0.capitalizeSentences = true
      $0.policy = .babylm
    }
    let tiers = "*CHI:\t+\" go <away> [///] leave .\n*MOT:\tñandú ‡ look !"
    #expect(try lines(of: tiers, options: quoted) == ["\"Go away... leave.\"", "Ñandú look!"])
    #expect(
      try lines(of: "*MOT:\tat a.m time . no ?", options: quoted) == ["At a.m time. No?"]
    )
  }

  @Test func `every utterance is accounted for`() throws {
    let tiers = Self.tiers + "\n*MOT:\txxx .\n*MOT:\tone <two .\n*CHI:\tyes ."
    let record = RawRecord(bytes: Array(tiers.utf8), origin: Origin(file: "x.cha"), ordinal: 0)
    let options = options {
      $0.minimumWords = 2
      $0.languages = ["eng"]
      $0.speakers = .listed(["MOT", "CHI", "BRO"])
    }
    guard
      case .document(let document)? = try CHATReader(options: options).outcomes(of: record).first
    else {
      Issue.record("no document")
      return
    }
    let expected = [
      "utterances": 9, "emptyUtterances": 1, "shortUtterances": 1, "otherSpeakersUtterances": 3,
      "otherLanguagesUtterances": 1, "rejectedUtterances": 1,
    ]
    for (name, count) in expected {
      #expect(document.metadata[name] == .integer(count), "\(name)")
      #expect(CHATReader().summedMetadata.contains(name))
    }
    #expect(document.text == "sit down now.\nno. no.")
  }

  @Test func `strict makes the first fault a failure with its line`() throws {
    let strict = options { $0.strict = true }
    #expect(try lines(of: Self.tiers, options: strict).count == 6)
    #expect {
      _ = try lines(of: "*MOT:\tyes .\n*CHI:\tone <two .", options: strict)
    } throws: {
      let failure = $0 as? Failure
      return failure?.place == "x.cha:4" && failure?.what.contains("unclosedGroup") == true
    }
  }

  @Test func `ages, dates and odd headers`() throws {
    func metadata(_ headers: String) throws -> [String: MetadataValue] {
      let text = "@UTF8\n@Begin\n\(headers)\n*CHI:\tyes .\n"
      let record = RawRecord(bytes: Array(text.utf8), origin: Origin(file: "x.cha"), ordinal: 0)
      guard case .document(let document)? = try CHATReader().outcomes(of: record).first else {
        return [:]
      }
      return document.metadata
    }
    for (age, months) in [
      ("1;02.", 14), ("2;", 24), ("0;11.29", 11.97), ("3;06.15", 42.5), ("", nil), ("2", nil),
      ("999;", nil), ("1;99.", nil), ("x;y.z", nil),
    ] as [(String, Double?)] {
      let found = try metadata("@ID:\teng|own|CHI|\(age)||||Target_Child||")["targetChildAgeMonths"]
      #expect(found == months.map { .number($0) }, "\(age)")
    }
    let old = try metadata("@Age of CHI:\t1;6.\n@Sex of CHI:\tmale\n@Date:\t31-FOO-1990")
    #expect(old["targetChildAgeMonths"] == .number(18))
    #expect(old["targetChildSex"] == .text("male"))
    #expect(old["date"] == .text("31-FOO-1990"))
    let more = try metadata(
      "@Situation:\tat\n\thome\n@Situation:\tout\n@Options:\tCA\n@Bg:\tone\n@Eg:\tone\n@Bg\n@:\n@"
    )
    #expect(more["situation"] == .text("at  home"))
    #expect(more["options"] == .text("CA"))
    #expect(
      more["otherHeaders"]
        == .object([
          "Bg": .integer(2), "Eg": .integer(1), "": .integer(2), "Situation": .integer(1),
        ])
    )
  }
}
