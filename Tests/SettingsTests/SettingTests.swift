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

  @Test func `a byte order mark is no text`() throws {
    #expect(try decode("\u{feff}seed: 7\n").seed == 7)
    #expect(try failure("\u{feff}seed: 7\nsed: 8\n").place == "r.yaml:2")
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

  /// Nothing here takes time where it passes; where it fails, the library compares without end.
  @Test(arguments: [
    "? *a9\n: 1\n", "*a9 : 1\n", "{*a9}\n", "[*a9 : 1]\n", "[*a9:b]\n", "[{x: 1, *a9}]\n",
    "? [*a9]\n",
    "? {x: *a9}\n: 1\n", "[[*a9]: 1]\n", "{? *a9}\n", "!!set {*a9}\n", "[*a9 :#\n b]\n",
    "{[*a9]}\n",
    "? - *a9\n: 1\n", "{\n # c\n *a9\n}\n", "{\"x\":{*a9,b}}\n",
  ])
  func `a key that is an alias or holds one is refused before anything is compared`(
    _ key: String
  ) throws {
    var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      yaml += "a\(level): &a\(level) [\(aliases)]\n"
    }
    yaml += "last:\n  " + key.replacing("\n", with: "\n  ")
    let found = try #require(throws: Failure.self) { try Setting.parse(yaml, file: "r.yaml") }
    #expect(
      found.kind == .usage && found.what == "a key is an alias, a list or a mapping",
      "\(found)"
    )
    let line = try #require(Int(found.place.dropFirst("r.yaml:".count)))
    #expect((12...15).contains(line), "\(found.place)")
  }

  @Test func `aliases as values, and stars that are none, stay what they are`() throws {
    let yaml = """
      seed: &a 7
      inner: &inner {rate: 0.25, name: "*a"} # *a and &a
      limit: *a
      """
    #expect(try decode(yaml).limit == 7 && decode(yaml).inner.name == "*a")
    let text = try Setting.parse(
      "x: &b 1\ny: |\n  a *b* c\n  ? *b\nz: 2 *b\n'*b': 3\n",
      file: "r.yaml"
    )
    guard case .mapping(let entries) = text.content else { return #expect(Bool(false)) }
    #expect(entries.map(\.key) == ["x", "y", "z", "*b"])
    let values = entries.map { try? $0.value.text() }
    #expect(values[1] == "a *b* c\n? *b\n" && values[2] == "2 *b")
  }

  @Test(arguments: ["[a]: 1", "? {b: 1}\n: 2", "{[a]}"])
  func `a key that is no name is refused`(yaml: String) throws {
    let found = try #require(throws: Failure.self) { try Setting.parse(yaml, file: "r.yaml") }
    #expect(found.what == "a key is an alias, a list or a mapping" && found.place == "r.yaml:1")
  }

  static let notYAML: [String] = [
    "a: [" + String(repeating: "x", count: 200_000),
    "a: 1\na: " + String(repeating: "x", count: 200_000),
    "a: \"" + String(repeating: "x\n", count: 100_000),
    "a: &b 1\nc: *b\nd: [" + String(repeating: "x", count: 200_000),
  ]

  @Test(arguments: notYAML)
  func `what is not YAML is told in some lines`(yaml: String) throws {
    let found = try #require(throws: Failure.self) { try Setting.parse(yaml, file: "r.yaml") }
    #expect(found.what.hasPrefix("this is not YAML: ") && found.what.utf8.count < 2_000)
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
