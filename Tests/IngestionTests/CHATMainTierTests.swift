import Documents
import Ingestion
import Testing

/// Every construct of the main tier, one row each; the texts are what the CHAT manual says was meant.
@Suite struct CHATMainTierTests {
  /// The lines of the transcript whose only main tiers are the given ones.
  static func lines(
    of tiers: String,
    options: CHATReader.Options = CHATReader.Options(labels: .none)
  ) throws -> [String] {
    let bytes = Array("@UTF8\n@Begin\n\(tiers)\n@End\n".utf8)
    let record = RawRecord(bytes: bytes, origin: Origin(file: "x.cha"), ordinal: 0)
    guard
      case .document(let document)? = try CHATReader(options: options).outcomes(of: record).first
    else { return [] }
    return document.text.split(separator: "\n").map(String.init)
  }

  @Test(arguments: [
    ("sit down .", "sit down."),
    ("you want some milk ?", "you want some milk?"),
    ("no !", "no!"),
    ("well , I think , yes .", "well, I think, yes."),
    ("I'd like an apple; please .", "I'd like an apple; please."),
    ("Mommy „ look .", "Mommy, look."),
    ("Adam ‡ come here .", "Adam, come here."),
    ("I goed [: went] home .", "I went home."),
    ("<I goed> [: I went] home .", "I went home."),
    ("gonna [: going to] fall .", "going to fall."),
    ("I seed [:: saw] [*] it .", "I saw it."),
    ("oh [: (o)kay] .", "okay."),
    ("yeah [: &hmm right] .", "right."),
    ("&th [: the] dog .", "the dog."),
    ("(be)cause I (a)m goin(g) .", "because I am going."),
    ("what('s) (th)at ?", "what's that?"),
    ("<I want> [/] I want it .", "I want it."),
    ("dog [/] dog .", "dog."),
    ("<the big> [//] the small one .", "the small one."),
    ("<all of my friends had> [///] we had fun .", "we had fun."),
    ("<I was> [/-] can I go ?", "can I go?"),
    ("<that one> [/?] this one .", "this one."),
    ("<<I want> [/] I want to> [//] may I go ?", "may I go?"),
    ("the <dog> [?] [/] dog .", "the dog."),
    ("I see &d [/] &d dogs .", "I see dogs."),
    ("I see xxx [//] a dog .", "I see a dog."),
    ("I see &=points [/] it .", "I see it."),
    ("well , <I> [/] I do .", "well, I do."),
    ("&-uh yes .", "uh yes."),
    ("&-you_know I do .", "you know I do."),
    ("I &+w want &w it .", "I want it."),
    ("&~gaga go .", "go."),
    ("&=laughs come .", "come."),
    ("come &=imit:dog here .", "come here."),
    ("come &*CHI:mhm here .", "come here."),
    ("&{l=singing row row &}l=singing .", "row row."),
    ("where 0is my 0det hat ?", "where my hat?"),
    ("I have 10 and 007 and 0.5 .", "I have 10 and 007 and 0.5."),
    ("it is 2:30 .", "it is 2:30."),
    ("xxx dog yyy www .", "dog."),
    ("I see xx .", "I see."),
    ("maxx saw foxxx .", "maxx saw foxxx."),
    ("amigo@s:spa is a friend .", "amigo is a friend."),
    ("woof@o said bingbing@c .", "woof said bingbing."),
    ("the letter b@l .", "the letter b."),
    ("two s@l-s .", "two s's."),
    ("three gumma@c-s .", "three gummas."),
    ("my drinkypoo@wp$co .", "my drinkypoo."),
    ("ice+cream and a merry+go+round .", "ice-cream and a merry-go-round."),
    ("tick+(tock) .", "tick-tock."),
    ("thank_you Snow_White .", "thank you Snow White."),
    ("well (.) then (..) go (...) now (1.5) yes (1:02.3) .", "well then go now yes."),
    ("(.)ahhah yes .", "ahhah yes."),
    ("look [= at the dog] here [=! whispers] .", "look here."),
    ("look [% said softly] .", "look."),
    ("he eated [* +ed] it .", "he eated it."),
    ("go [!] there [!!] .", "go there."),
    ("I do [>] . [+ imit]", "I do."),
    ("<I do> [<1] too [>2] .", "I do too."),
    ("no [x 3] .", "no."),
    ("daddit [=? did it] .", "daddit."),
    ("[- hun] igen .", "igen."),
    ("see [^ points] it .", "see it."),
    ("see [= a [nested] note] it .", "see it."),
    ("I want +...", "I want..."),
    ("where did you +..?", "where did you...?"),
    ("I was going to +/.", "I was going to..."),
    ("and then I +//.", "and then I..."),
    ("what did +/?", "what did...?"),
    ("you did what +!?", "you did what?!"),
    ("and he said +\"/.", "and he said:"),
    ("+\" I am a bear .", "I am a bear."),
    ("he said that +\".", "he said that."),
    ("+< no .", "no."),
    ("+^ no .", "no."),
    ("+, and then .", "and then."),
    ("++ the end .", "the end."),
    ("hello \u{15}1234_5678\u{15}", "hello"),
    ("hello . \u{15}1234_5678\u{15}", "hello."),
    ("hello . \u{15}1234_5678", "hello."),
    ("no:: rea:lly .", "no really."),
    ("Sand^speeder ^recorder .", "Sandspeeder recorder."),
    ("ˈbaby to↑day ↓no ∆fast∆ °soft° .", "baby today no fast soft."),
    ("⌈yes⌉ I ⌊2do⌋2 .", "yes I do."),
    ("‹the dog› [/] the dog .", "the dog."),
    ("he said “I know” .", "he said \"I know\"."),
    ("say“ouch .", "say ouch."),
    ("he said “I <know you> [//] see” .", "he said \"I see\"."),
    ("“xxx” okay .", "okay."),
    ("she said \"go away\" now .", "she said \"go away\" now."),
    ("a well-known uh-oh .", "a well-known uh-oh."),
    ("I see , xxx .", "I see."),
    ("xxx , I see .", "I see."),
    ("one two [//", "one"),
    ("one <two three .", "one two three."),
    ("one two> three .", "one two three."),
    ("one ] two .", "one two."),
    ("one [: two", "two"),
    ("café naïve 你好 。", "café naïve 你好。"),
    ("we ne\u{2}\u{1}ed to \u{2}\u{2}do it .", "we need to do it."),
    ("# well ## yes #0_5 .", "well yes."),
  ])
  func `a construct becomes the text that was meant`(tier: String, text: String) throws {
    #expect(try Self.lines(of: "*CHI:\t\(tier)") == [text])
  }

  @Test(arguments: [
    "0 .", "xxx .", "&=laughs .", "www . [+ trn]", "0is .", "", ".", "(.)", "[//]",
    "<xxx> [=! x] .",
    "“xxx” .", "“ ” .", "- .", "' .", "@ .", "+...", "\u{15}12_34\u{15}", "<", ">", "[", "]", "&",
    "0",
  ])
  func `an utterance without words is left out`(tier: String) throws {
    #expect(try Self.lines(of: "*CHI:\t\(tier)\n*MOT:\tyes .") == ["yes."])
  }

  @Test func `wrapped lines are joined and dependent tiers passed over`() throws {
    let tiers = """
      *CHI:\tI want <the big
      \tred> [//] the small
      \tone .
      %mor:\tpro|I v|want
      \tdet|the n|one
      %com:\tnot text
      *MOT:\tall right .
      """
    #expect(try Self.lines(of: tiers) == ["I want the small one.", "all right."])
  }

  @Test func `labels and the least number of words follow the options`() throws {
    let tiers = "*MOT:\tsit down .\n*CHI:\tno .\n*CHI:\tI won't sit ."
    #expect(
      try Self.lines(of: tiers, options: CHATReader.Options())
        == ["MOT: sit down.", "CHI: no.", "CHI: I won't sit."]
    )
    let longer = CHATReader.Options(labels: .code, minimumWords: 2)
    #expect(try Self.lines(of: tiers, options: longer) == ["MOT: sit down.", "CHI: I won't sit."])
  }
}
