import Foundation
import Ingestion
import Testing

/// Wikitext and the text that it should give.
///
/// The readings are those that MediaWiki and the English
/// Wikipedia's templates show a reader, less what the guide says is dropped; all sentences are ours.
private let cases: [(wikitext: String, text: String)] = [
  // Plain text and white space.
  ("A cat sat.", "A cat sat."),
  ("A  cat\tsat\n on the   mat.", "A cat sat on the mat."),
  ("One.\n\n\n\nTwo.", "One.\n\nTwo."),
  ("Prices: 3, 4; 5 (or f()) at 12:30.", "Prices: 3, 4; 5 (or f()) at 12:30."),
  ("2 < 3 && 4 > 1", "2 < 3 && 4 > 1"),
  ("", ""),
  ("\r\nA hen.\r\n", "A hen."),
  // Quotes.
  ("'''Rain''' is ''very'' wet.", "Rain is very wet."),
  ("'''''Both''''' here", "Both here"),
  ("It's the dogs' bowl", "It's the dogs' bowl"),
  ("Read L'''amour'' now", "Read L'amour now"),
  ("''''Four'''' marks", "'Four' marks"),
  ("''open only", "open only"),
  // Links.
  ("A [[dog]] barks.", "A dog barks."),
  ("Two [[dog]]s bark.", "Two dogs bark."),
  ("A [[Canis|dog]] barks.", "A dog barks."),
  ("See [[Bank (river)|]].", "See Bank."),
  ("See [[#Food]].", "See Food."),
  ("[[:Category:Birds]] fly", "Birds fly"),
  ("[[wikt:hen|hen]] and [[wikt:cock]]", "hen and cock"),
  ("A page.\n[[fr:Chien]]\n[[zh-min-nan:Káu]]", "A page."),
  ("A page.\n[[Category:Dogs| ]][[category:Cats]]", "A page."),
  ("A [[dog and\na cat", "A dog and a cat"),
  ("Stray ]] here", "Stray here"),
  ("[[File:a.jpg|thumb|A [[cat]] with {{nowrap|a [[hat]]}}]]Text.", "Text."),
  ("[[Image:a.png|left]] Text", "Text"),
  ("[[Datei:a.png|mini|Ein Hund]]Text", "Text"),
  ("[[Unknown:a.png|thumb|Words]]Text", "Text"),
  ("[[File:a.jpg|thumb|A caption\n\nin two parts]]\nText", "Text"),
  ("[[File:a.jpg|thumb|never closed\n== Food ==\nThey eat.", "Food\n\nThey eat."),
  ("A [[Cat|''black'' cat]].", "A black cat."),
  ("[[]] nothing", "nothing"),
  ("x[1] and [a]", "x[1] and [a]"),
  // External links.
  ("A [http://example.org good page] here.", "A good page here."),
  ("A page [https://example.org].", "A page."),
  ("[//example.org a ''b''] c", "a b c"),
  ("[[http://example.org a page]]", "a page"),
  ("[http://example.org broken\nNext", "[http://example.org broken Next"),
  // Templates.
  ("{{Infobox dog\n| name = Rex\n| age = {{age|2001}}\n}}\nRex was a dog.", "Rex was a dog."),
  ("Rex{{citation needed}} was a dog{{cn}}.", "Rex was a dog."),
  ("Rex ({{IPA|/rɛks/}}) was a dog.", "Rex was a dog."),
  ("Rex ({{IPA|x}}; born 1950) was.", "Rex (born 1950) was."),
  ("Rex (born 1950, {{age|1950}}) was.", "Rex (born 1950) was."),
  ("Rex {{x}}, {{y}}, a dog", "Rex, a dog"),
  ("{{x}}, a dog", "a dog"),
  ("A {{unknown|[[File:a.jpg|b}} dog", "A dog"),
  ("At {{convert|1200|m|ft}}, snow stays.", "At 1,200 metres, snow stays."),
  ("A {{convert|1|km}} walk", "A 1 kilometre walk"),
  ("A {{convert|5|mi|km|adj=on}} walk", "A 5-mile walk"),
  ("It is {{cvt|5|km|mi}} long", "It is 5 km long"),
  ("It is {{convert|5|to|10|km|mi}} long", "It is 5 to 10 kilometres long"),
  ("It is {{convert|5|-|10|km|abbr=on}} long", "It is 5–10 km long"),
  ("He is {{convert|6|ft|2|in|m}} tall", "He is 6 feet 2 inches tall"),
  ("It is {{convert|3|km|sp=us}} long", "It is 3 kilometers long"),
  ("Heat it to {{convert|100|C|F|abbr=on}}.", "Heat it to 100°C."),
  ("It weighs {{convert|7|bushels}}.", "It weighs 7 bushels."),
  ("{{formatnum:1234567.5}} people", "1,234,567.5 people"),
  ("a {{nowrap|long word}} here", "a long word here"),
  ("the {{lang|fr|''pain''}} shop", "the pain shop"),
  ("Bread ({{lang-fr|pain}}) is food.", "Bread (French: pain) is food."),
  ("Bread ({{langx|de|Brot}}) is food.", "Bread (German: Brot) is food."),
  ("She ({{birth date and age|1950|1|2}}) sings.", "She (January 2, 1950) sings."),
  ("born {{birth date|1950|1|2|df=y}}", "born 2 January 1950"),
  ("died {{death date and age|1990|3|1|1950|3|2}}", "died March 1, 1990 (aged 39)"),
  ("It began {{start date|2001|5}}.", "It began May 2001."),
  ("{{As of|2010|3}}, nine live there.", "As of March 2010, nine live there."),
  ("Nine live there {{as of|2010|lc=y}}.", "Nine live there as of 2010."),
  ("built {{circa|1500}}", "built c. 1500"),
  ("built {{c.|1500|1510}}", "built c. 1500 – c. 1510"),
  ("{{frac|1|2}}, {{frac|3}} and {{frac|2|1|4}} cups", "1/2, 1/3 and 2 1/4 cups"),
  ("the {{abbr|UN|United Nations}} met", "the UN met"),
  ("they {{sic|recieve}} it", "they recieve it"),
  ("He said:\n{{quote|I am\nhere.|Rex}}\nThen he left.", "He said:\n\nI am here.\n\nThen he left."),
  ("{{blockquote|text=A {{nowrap|small}} dog.}}", "A small dog."),
  ("{{US$|5}} for {{ordinal|22}} place", "US$5 for 22nd place"),
  ("10{{ndash}}20 {{mdash}} more", "10–20 — more"),
  ("{{lc:LOUD}} {{PAGENAME}}", "loud My title"),
  ("{{math|''a'' {{=}} b}} and {{nowrap|c &#61; d}}", "a = b and c = d"),
  ("{{'}}''x''", "'x"),
  ("born {{birth date|-9223372036854775808|1|2}}", "born -9223372036854775808"),
  ("a\u{85}b\u{a0}c\u{ad}d\u{90}e", "a b cde"),
  ("[[File:a|thumb|see [http://b c] and [[d]]<ref>[[e</ref>]]Text", "Text"),
  ("{{Infobox|a={{convert|{{formatnum:5}}|km}}|b=[[c|d]]}} '''Rex''' is", "Rex is"),
  ("{{convert|{{formatnum:5000}}|km}} off", "5,000 kilometres off"),
  ("[[A]]{{cn}}[[B]] ([[C]]{{cn}})", "AB (C)"),
  ("He said \"{{lang|de|{{unknown}}}}\" to him", "He said \"\" to him"),
  ("{{{name|Rex}}} is {{{x}}} here", "Rex is here"),
  ("{{{{{a}}}|b}} dog", "dog"),
  ("{{nowrap|{{nowrap|deep}}}}", "deep"),
  ("A }} dog {{ runs", "A dog runs"),
  ("{{Infobox never closed\n| name = Rex\nA dog.", "A dog."),
  ("{{#if:x|yes|no}} dog", "dog"),
  ("{{DEFAULTSORT:Dog}}\nA dog.", "A dog."),
  // Tags.
  ("A dog<ref>Smith, p. 3</ref> barks<ref name=\"a\"/>.", "A dog barks."),
  ("A dog<ref name=a> barks<ref>b</ref>.", "A dog barks."),
  ("A dog<REF group=\"n\">{{cite web|url=x}}</ref>.", "A dog."),
  ("H<sub>2</sub>O and x<sup>2</sup>", "H2O and x2"),
  ("One<br>two<br />three", "One\ntwo\nthree"),
  ("a <!-- hidden [[ {{ --> dog", "a dog"),
  ("one\n<!-- a whole line -->\ntwo", "one two"),
  ("a <!-- never closed", "a"),
  ("<nowiki>[[not]] {{a}} ''link''</nowiki>", "[[not]] {{a}} ''link''"),
  ("<nowiki>* a</nowiki>\n\n<nowiki/>b", "* a\n\nb"),
  ("Code:<pre>if (x)\n  f();</pre>End", "Code:\n\nif (x)\nf();\n\nEnd"),
  ("If <math>x^2</math>, then", "If, then"),
  ("<gallery>\nFile:a.jpg|b\n</gallery>Text", "Text"),
  ("<div class=\"a\">One</div>\n<center>Two</center>", "One\n\nTwo"),
  ("<table><tr><td>x<table><tr><td>y</td></tr></table></td></tr></table>Text", "Text"),
  ("A <foo> dog", "A <foo> dog"),
  ("<includeonly>x</includeonly><noinclude>y</noinclude>", "y"),
  ("<syntaxhighlight lang=\"c\">int x;</syntaxhighlight>Text", "Text"),
  // Entities.
  ("Tom &amp; Tim &lt;b&gt; 5&nbsp;km &#8211; &#x2014; caf&eacute;", "Tom & Tim <b> 5 km – — café"),
  ("&#91;&#91;not a link&#93;&#93; &lbrace;", "[[not a link]] {"),
  ("&unknown; & &#xZ; &#1114112;", "&unknown; & &#xZ; \u{fffd}"),
  ("&#150;a&#147;", "–a“"),
  // Headings and sections.
  ("== Food ==\nThey eat.", "Food\n\nThey eat."),
  ("== Food ==\n=== Fish ===\n== Drink ==\nTea.", "Drink\n\nTea."),
  ("= One =\nA.\n======= Seven =======\nB.", "One\n\nA.\n\n= Seven =\n\nB."),
  ("A.\n== See also ==\n* B\n=== More ===\nC.\n== D ==\nE.", "A.\n\nD\n\nE."),
  ("A.\n==external LINKS==\n* [http://x y]", "A."),
  ("1 + 1 =\n2", "1 + 1 = 2"),
  ("== A ''b'' [[c]] == <!-- d -->\nE", "A b c\n\nE"),
  // Lists.
  ("Pets:\n* dog\n* [[cat]]\n** kitten\n\nEnd.", "Pets:\n\ndog\ncat\nkitten\n\nEnd."),
  ("# one\n# two\n#: more", "one\ntwo\nmore"),
  ("; Dog : an animal\n; Cat: another", "Dog: an animal\nCat: another"),
  ("* {{x}} –\n* …\n* é\n* Ⲁ", "é\nⲀ"),
  (": indented\n:: twice", "indented\n\ntwice"),
  ("* {{flagicon|FR}} France\n* {{x}}\n* Spain", "France\nSpain"),
  ("----\nAfter a rule", "After a rule"),
  // Tables.
  ("A.\n{| class=x\n|-\n| a || b\n{|\n| c\n|}\n|}\nB.", "A.\n\nB."),
  (":{|\n| a\n|}\nB.", "B."),
  ("{|\n| never\n| closed\n\nB.\n| stray\nC.", "B. C."),
  ("{{table\n|a=\n{|\n| x\n|}\n}}\nB.", "B."),
  // Words of the software.
  ("__NOTOC__A dog.__FORCETOC__", "A dog."),
  ("snake__case and ___ x__NOTOC__", "snake__case and ___ x"),
]

@Suite struct WikitextTests {
  @Test(arguments: cases.indices) func `wikitext reads as expected`(index: Int) {
    let (wikitext, text) = cases[index]
    #expect(Wikitext.render(Array(wikitext.utf8), title: "My title").text == text)
  }

  private static let unsorted = "A.\n== B ==\n* c\n; d: e\n: F.\n== G ==\nH."

  @Test func `lists and headings can be left out`() {
    var options = WikipediaReader.Options()
    options.lists = false
    options.headings = false
    let text = Wikitext.render(Array(Self.unsorted.utf8), rules: WikitextRules(options)).text
    #expect(text == "A.\n\nF.\n\nH.")
  }

  @Test func `short paragraphs go, and headings with them`() {
    var options = WikipediaReader.Options()
    options.minimumWordsPerParagraph = 3
    let page = "One two three.\n\nOne two.\n== A ==\n* b\n== C ==\nFour five\nsix."
    let text = Wikitext.render(Array(page.utf8), rules: WikitextRules(options)).text
    #expect(text == "One two three.\n\nC\n\nFour five six.")
  }

  @Test func `the sections to drop can be chosen`() {
    var options = WikipediaReader.Options()
    options.droppedSections = ["history"]
    let page = "== History ==\nA.\n== See also ==\nB."
    #expect(
      Wikitext.render(Array(page.utf8), rules: WikitextRules(options)).text == "See also\n\nB."
    )
  }

  @Test func `templates are counted where words may be missing`() {
    let page =
      "{{Infobox x|{{y}}}}\nAt {{height|3}}, it {{Height|2|{{z}}}} is{{cn}}.<ref>{{cite}}</ref>"
    let rendering = Wikitext.render(Array(page.utf8))
    #expect(rendering.droppedTemplateCount == 4)
    #expect(rendering.droppedInlineTemplates == ["height": 2])
    #expect(rendering.text == "At, it is.")
  }

  @Test(arguments: ["{{disambig}}", "{{Hndis|Smith, Jo}}", "__DISAMBIG__"])
  func `a page of meanings is seen`(mark: String) {
    let page = Array("Smith may be:\n* Jo Smith\n\(mark)".utf8)
    #expect(Wikitext.render(page).isDisambiguation)
  }

  @Test func `a dump's own names for files and categories are known`() {
    let page = Array("[[Fails:a|thumb|b]]A.[[Kategoreja:C]]".utf8)
    let names = WikitextNamespaces(file: "Fails", category: "Kategoreja")
    #expect(Wikitext.render(page, namespaces: names).text == "A.")
  }
}
