import Documents
import Ingestion
import Testing

/// TalkBank XML gives the text of its CHAT twin under every policy.
@Suite struct TalkBankXMLTests {
  static func record(_ text: String, file: String = "x.xml") -> RawRecord {
    RawRecord(bytes: Array(text.utf8), origin: Origin(file: file), ordinal: 0)
  }

  static func xml(
    _ utterances: String,
    attributes: String = #"Version="2.0.1" Lang="eng""#
  ) -> String {
    """
    <?xml version="1.0" encoding="UTF-8"?>
    <CHAT xmlns="http://www.talkbank.org/ns/talkbank" \(attributes)>
    <Participants><participant id="CHI" role="Target_Child" age="P2Y3M15D" sex="female"/></Participants>
    \(utterances)
    </CHAT>
    """
  }

  func document(_ record: RawRecord, _ policy: CHATTextPolicy = .intended) throws -> Document? {
    let reader = CHATReader(options: CHATReader.Options(policy: policy, labels: .none))
    guard case .document(let document)? = try reader.outcomes(of: record).first else { return nil }
    return document
  }

  func rejection(_ text: String) throws -> Rejection? {
    guard case .rejection(let rejection)? = try CHATReader().outcomes(of: Self.record(text)).first
    else { return nil }
    return rejection
  }

  @Test(arguments: [
    (#"<w>you</w><w>want</w><t type="q"/>"#, "you want ?"),
    (#"<w>d<shortening>o</shortening>es</w><w>it</w><t type="p"/>"#, "d(o)es it ."),
    (#"<w><shortening>th</shortening>em</w><t type="e"></t>"#, "(th)em !"),
    (#"<w>thank<wk type="cmp"/>you</w><w>Big_Bird</w><t type="p"/>"#, "thank+you Big_Bird ."),
    (#"<w>o<p type="drawl"/>h</w><tagMarker type="comma"/><w>no</w><t type="p"/>"#, "o:h , no ."),
    (
      #"<w>gonna<replacement><w>going</w><w>to</w></replacement></w><w>go</w><t type="p"/>"#,
      "gonna [: going to] go ."
    ),
    (
      #"<g><w>wents<replacement><w>went</w></replacement></w><error>+es</error></g><t type="p"/>"#,
      "wents [: went] [* +es] ."
    ),
    (
      #"<g><w>I</w><w>want</w><k type="retracing"/></g><w>I</w><w>do</w><t type="p"/>"#,
      "<I want> [/] I do ."
    ),
    (
      #"<g><g><w>I</w><k type="retracing"/></g><w>I</w><w>was</w><k type="false start"/></g>"#
        + #"<w>can</w><t type="interruption question"/>"#,
      "<<I> [/] I was> [/-] can +/?"
    ),
    (#"<g><w>no</w><r times="3"/></g><t type="trail off"/>"#, "no [x 3] +..."),
    (
      #"<g><w>go</w><w>up</w><r times="2"/><ga type="comments">soft</ga></g><t type="p"/>"#,
      "<go up> [x 2] [% soft] ."
    ),
    (
      #"<w type="fragment">w</w><w type="fragment">um</w><w type="filler">uh</w><w>no</w><t type="p"/>"#,
      "&w &um &-uh no ."
    ),
    (
      #"<w type="nonword">gaga</w><w type="omission">is</w><w>no</w><t type="p"/>"#,
      "&~gaga 0is no ."
    ),
    (#"<w type="incomplete">wa</w><w>want</w><t type="p"/>"#, "&+wa want ."),
    (
      #"<w untranscribed="unintelligible">xxx</w><w>dog</w><w untranscribed="untranscribed">www</w><t type="p"/>"#,
      "xxx dog www ."
    ),
    (
      #"<e><action/></e><w>go</w><e><happening>laughs</happening><overlap type="overlap follows"/></e><t type="p"/>"#,
      "0 go &=laughs [>] ."
    ),
    (
      #"<e><otherSpokenEvent who="CHI">mhm</otherSpokenEvent></e><w>go</w><pause symbolic-length="simple"/><w>on</w><t type="p"/>"#,
      "&*CHI:mhm go (.) on ."
    ),
    (
      #"<w formType="letter" formSuffix="-s">s</w><w formType="onomatopoeia">woof</w><t type="p"/>"#,
      "s@l-s woof@o ."
    ),
    (#"<w formType="child-invented" formSuffix="-s">gumma</w><t type="p"/>"#, "gumma@c-s ."),
    (#"<w><langs><single>spa</single></langs>amigo</w><t type="p"/>"#, "amigo@s:spa ."),
    (
      #"<w>she</w><w>said</w><quotation type="begin"/><w>no</w><quotation type="end"/><t type="quotation precedes"/>"#,
      "she said “no” +\"."
    ),
    (
      #"<linker type="quoted utterance next"/><w>no</w><tagMarker type="vocative"/><w>I</w><t type="p"/>"#,
      "+\" no ‡ I ."
    ),
    (
      #"<linker type="quick uptake"/><w>no</w><tagMarker type="tag"/><w>eh</w><t type="question exclamation"/>"#,
      "+^ no „ eh +!?"
    ),
    (
      #"<w>and</w><w>then</w><t type="quotation next line"/><postcode>bch</postcode>"#,
      "and then +\"/. [+ bch]"
    ),
    (
      #"<w>cats<mor type="mor"><mw><pos><c>n</c></pos><stem>cat</stem></mw><gra type="gra" index="1" head="0" relation="ROOT"/></mor></w><t type="p"/><a type="actions">runs</a>"#,
      "cats .\n%mor:\tn|cat-PL .\n%gra:\t1|0|ROOT\n%act:\truns"
    ),
    (#"<w>a&amp;b</w><w>caf&#233;</w><t type="p"/>"#, "a&b café ."),
    (#"<w>no</w>"#, "no"),
  ])
  func `an element says what its CHAT spelling says`(xml: String, tier: String) throws {
    let chat = Self.record("@UTF8\n@Begin\n*CHI:\t\(tier)\n*CHI:\tyes .\n", file: "x.cha")
    let twin = Self.record(
      Self.xml(#"<u who="CHI" uID="u0">\#(xml)</u><u who="CHI"><w>yes</w><t type="p"/></u>"#)
    )
    for policy in CHATTextPolicy.allCases {
      let expected = try #require(try document(chat, policy))
      let found = try #require(try document(twin, policy))
      #expect(found.text == expected.text, "\(policy): \(tier)")
    }
    let expected = try #require(try document(chat)).metadata
    let found = try #require(try document(twin)).metadata
    #expect(found["constructs"] == expected["constructs"], "\(tier)")
    #expect(found["dependentTiers"] == expected["dependentTiers"], "\(tier)")
  }

  @Test func `attributes become the metadata that headers become`() throws {
    let attributes =
      #"Version="1.1.3" Lang="eng spa" Corpus="own" Date="1984-03-19" PID="11312/a-1" Media="x" Mediatypes="audio""#
    let utterances = """
      <comment type="Location">here</comment>
      <u who="CHI" xml:lang="spa"><w>sí</w><t type="p"/></u>
      <begin-gem label="a"/>
      """
    let document = try #require(
      try document(Self.record(Self.xml(utterances, attributes: attributes)))
    )
    let metadata = document.metadata
    #expect(document.text == "sí.")
    #expect(metadata["corpus"] == .text("own"))
    #expect(metadata["languages"] == .list([.text("eng"), .text("spa")]))
    #expect(metadata["date"] == .text("1984-03-19"))
    #expect(metadata["pid"] == .text("11312/a-1"))
    #expect(metadata["media"] == .text("x, audio"))
    #expect(metadata["format"] == .text("xml"))
    #expect(metadata["targetChildAgeMonths"] == .number(27.5))
    #expect(metadata["targetChildSex"] == .text("female"))
    #expect(metadata["location"] == .text("here"))
    #expect(metadata["otherHeaders"] == .object(["Bg": .integer(1)]))

    let spanish = CHATReader(options: CHATReader.Options(languages: ["eng"]))
    let outcomes = try spanish.outcomes(
      of: Self.record(Self.xml(utterances, attributes: attributes))
    )
    guard case .rejection(let rejection)? = outcomes.first else {
      Issue.record("an utterance in another language was kept")
      return
    }
    #expect(rejection.reason == "noWords")
  }

  @Test func `damaged, foreign and hostile XML is rejected with its line`() throws {
    let whole = Self.xml(#"<u who="CHI"><w>yes</w><t type="p"/></u>"#)
    let cut = try #require(try rejection(String(whole.dropLast(9))))
    #expect(cut.reason == "malformedXML" && cut.origin.line != nil)
    let crossed = try #require(try rejection(whole.replacing("</w>", with: "</u>")))
    #expect(crossed.reason == "malformedXML" && crossed.origin.line == 4)
    #expect(try rejection("<mediawiki><page/></mediawiki>")?.reason == "unknownSchema")
    #expect(try rejection(whole.replacing("2.0.1", with: "3.0"))?.reason == "unknownSchema")
    #expect(try rejection("<")?.reason == "malformedXML")
    #expect(try rejection(Self.xml(""))?.reason == "noUtterances")

    let bomb = """
      <!DOCTYPE CHAT [<!ENTITY a "ha ha ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
      """
    let expanding = whole.replacing("?>", with: "?>" + bomb).replacing("yes", with: "&b;")
    #expect(try rejection(expanding)?.reason == "malformedXML")

    for depth in [150, 10_000] {
      let nested = Self.xml(
        "<u who=\"CHI\">" + String(repeating: "<g>", count: depth) + "<w>yes</w>"
          + String(repeating: "</g>", count: depth) + "<t type=\"p\"/></u>"
      )
      let outcomes = try CHATReader().outcomes(of: Self.record(nested))
      guard case .rejection(let rejection)? = outcomes.last else {
        Issue.record("no rejection")
        return
      }
      #expect(rejection.reason == "nestingTooDeep" && rejection.origin.line == 4)
    }
  }
}
