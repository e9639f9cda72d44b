import Files
import Settings
import Testing

@Suite struct SettingTests {
  struct Inner: Codable, Equatable {
    var rate = 0.5
    var name = "x"
  }
  struct Outer: Codable, Equatable {
    var unsigned: UInt64 = 3
    enum Order: String, Codable { case random, source }
    var seed = 1
    var enabled = true
    var inner = Inner()
    var limit: Int?
    var order = Order.random
  }

  func decode(_ yaml: String) throws -> Outer {
    try Setting.parse(yaml, file: "r.yaml").decode(over: Outer())
  }

  func failure(_ yaml: String) throws -> Failure {
    try #require(throws: Failure.self) { try decode(yaml) }
  }

  @Test func `what the file leaves out keeps its default, at any depth`() throws {
    let value = try decode("seed: 7\ninner:\n  rate: 1\norder: source\n")
    #expect(value == Outer(seed: 7, inner: Inner(rate: 1, name: "x"), order: .source))
    #expect(try decode("limit: 3").limit == 3)
  }

  @Test func `an unknown key names its line and the nearest known key`() throws {
    let found = try failure("seed: 7\ninner:\n  raet: 1\n")
    #expect(found.place == "r.yaml:3")
    #expect(found.what.contains("raet"))
    #expect(found.remedy.contains("`rate`"))
    #expect(found.kind == .usage)
    #expect(
      try failure("zzzzzzzz: 1").remedy.contains("enabled, inner, limit, order, seed, unsigned")
    )
  }

  @Test func `a value of the wrong type names its line and what is wanted`() throws {
    let found = try failure("enabled: true\nseed: many\n")
    #expect(found.place == "r.yaml:2")
    #expect(found.what == "`seed` is `many`, not a whole number")
    #expect(try failure("order: alphabetical").place == "r.yaml:1")
    #expect(try failure("inner: 3").place == "r.yaml:1")
    for number in ["-1", "1e20", "1.5", "99999999999999999999"] {
      let found = try failure("enabled: true\nunsigned: \(number)\n")
      #expect(found.place == "r.yaml:2")
      #expect(found.what.contains("whole number"), "\(found.what)")
    }
  }

  @Test(arguments: [
    "", "a: [1", "seed: 1\n\tinner: 2", "seed: 1\nseed: 2", "- 1\n- 2", "*x",
  ])
  func `what is not a mapping of known keys is refused`(yaml: String) throws {
    #expect(throws: Failure.self) { try decode(yaml) }
  }

  @Test(arguments: [".nan", ".inf", "-.inf"])
  func `a number that is not finite names its line`(number: String) throws {
    let found = try failure("seed: 7\ninner:\n  rate: \(number)\n")
    #expect(found.place == "r.yaml:3")
    #expect(found.kind == .usage)
    #expect(found.remedy == "write a finite number")
  }

  @Test func `messages name no type of the language`() throws {
    #expect(try failure("inner: [1]").remedy == "write keys and values")
    #expect(try failure("inner:").remedy == "write keys and values")
  }

  @Test func `aliases of aliases cannot make a short file endless`() throws {
    var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...12 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      yaml += "a\(level): &a\(level) [\(aliases)]\n"
    }
    let found = try failure(yaml)
    #expect(found.kind == .usage)
    #expect(found.what.contains("aliases"))
  }

  @Test func `a folder or a missing file is no recipe`() throws {
    for path in ["/tmp", "/nowhere.yaml", "/dev/null"] {
      let found = try #require(throws: Failure.self) { try Setting.load(path: path) }
      #expect(found.place == path)
    }
  }

  @Test func `keys that only YAML tells apart stand twice`() throws {
    let found = try #require(throws: Failure.self) {
      try Setting.parse("1: a\n\"1\": b\n", file: "r.yaml")
    }
    #expect(found.what == "the key `1` stands twice")
    #expect(found.place == "r.yaml:2")
    #expect(found.kind == .usage)
  }
}
