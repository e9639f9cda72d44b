import Files
import Rubrics
import Settings
import Testing

@Suite struct ModelTablesTests {
  @Test(arguments: [
    ("Qwen/Qwen3-8B", true), ("qwen2.5-7b-instruct", true), ("Qwen3-14B", false),
    ("Qwen/Qwen3-0.6B", true), ("meta-llama/Llama-3.2-3B-Instruct", true),
    ("Llama-3.1-8B-Instruct-Q4_K_M.gguf", true), ("meta-llama/Llama-3.1-8B", false),
    ("Llama-3.1-70B-Instruct", false), ("SmolLM2-360M-Instruct", true), ("smollm2-1.7b", false),
    ("gpt-4o-mini", false), ("qwen3-next", false), ("", false),
  ])
  func `BabyLM's list knows models by name and size`(_ model: String, _ isOnIt: Bool) throws {
    let list = try AllowedModels()
    #expect(list.year == 2026)
    #expect(list.contains(model) == isOnIt)
  }

  @Test(arguments: [
    ("qwen3-0.6b", 0.6), ("smollm-135m", 0.135), ("mixtral-8x7b", nil), ("qwen3-30b-a3b", 30),
    ("gemma", nil), ("b7b", nil),
  ])
  func `sizes are read from names`(_ name: String, _ billions: Double?) {
    #expect(billionsOfParameters(in: name) == billions)
  }

  @Test func `patterns match as shells do`() {
    for (pattern, name, matches) in [
      ("a*c", "abc", true), ("a*c", "ac", true), ("a*c", "acd", false), ("*", "", true),
      ("A*B*C", "axxbyyc", true), ("a*a", "a", false), ("ab", "abc", false), ("*b*", "abc", true),
    ] {
      #expect(NamePattern(pattern).matches(name) == matches, "\(pattern) \(name)")
    }
  }

  @Test func `prices are found by the first pattern, and this machine costs nothing`() throws {
    let table = try PriceTable()
    let settings = { EndpointSettings(endpoint: $0, model: $1) }
    let mini = try #require(table.price(of: settings("https://api.example.org/v1", "gpt-4o-mini")))
    #expect(abs(mini.cost(input: 1_000_000, output: 500_000) - 0.45) < 1e-12)
    #expect(table.price(of: settings("https://api.example.org/v1", "unheard-of")) == nil)
    for address in ["http://127.0.0.1:8080/v1", "http://localhost:1/v1", "http://[::1]:1/v1"] {
      #expect(table.price(of: settings(address, "unheard-of"))?.output == 0)
    }
    let failure = #expect(throws: Failure.self) {
      try PriceTable(
        yaml: Setting.parse("prices:\n  - {model: a, input: -1, output: 0}", file: "p.yaml")
      )
    }
    #expect(failure?.place == "p.yaml:2")
  }

  @Test(arguments: [
    "", "127.0.0.1:8080", "ftp://a/v1", "http://", "https://user:pass@host/v1",
    "https://host/v1?key=1",
  ])
  func `addresses that are none, or would hold a key, are refused`(_ address: String) {
    let settings = EndpointSettings(endpoint: address, model: "m")
    let failure = #expect(throws: Failure.self) { try settings.validate(place: "here") }
    #expect(failure?.description.contains("pass") != true || address.isEmpty == false)
    #expect(failure?.description.contains("user:pass") == false)
  }

  @Test func `a key does not go over an open network`() {
    var settings = EndpointSettings(endpoint: "http://example.org/v1", model: "m")
    settings.keyEnvironment = "KEY"
    #expect(throws: Failure.self) { try settings.validate(place: "here") }
    settings.endpoint = "https://example.org/v1"
    #expect(throws: Never.self) { try settings.validate(place: "here") }
    settings.endpoint = "http://127.0.0.1:1/v1"
    #expect(throws: Never.self) { try settings.validate(place: "here") }
  }
}
