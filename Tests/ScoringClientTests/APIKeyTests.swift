import ScoringClient
import Testing

@Suite struct APIKeyTests {
  @Test(arguments: [
    "sk-A/B+C==", #"sk-A\/B+C=="#, #"sk-A\u002fB+C=="#, #"sk\u002DA\u002FB\u002bC\u003d="#,
    #"sk-A\\/B+C=="#, #"sk-A\\\/B+C=="#, #"sk-A\\u002fB+C=="#,
  ])
  func `a key is struck in each of its forms`(_ form: String) throws {
    let key = try APIKey("sk-A/B+C==", place: "test")
    #expect(key.struck(from: "a \(form), \(form)b") == "a (key), (key)b")
    #expect(key.struck(from: form) == "(key)")
  }

  @Test(arguments: [
    "", "sk-A/B+C=", #"sk-A\u002eB+C=="#, #"sk-A\u00"#, "sk-A B+C==", #"\\\\"#, "é\u{fffd}",
  ])
  func `what is not the key stays`(_ text: String) throws {
    let key = try APIKey("sk-A/B+C==", place: "test")
    #expect(key.struck(from: text) == text)
  }

  @Test func `a key with backslashes and quotation marks is struck`() throws {
    let key = try APIKey(#"a\\b"c\"#, place: "test")
    for form in [#"a\\b"c\"#, #"a\\\\b\"c\\"#, #"a\u005c\u005cb\u0022c\u005c"#] {
      #expect(key.struck(from: "x\(form)") == "x(key)", "\(form)")
    }
  }
}
