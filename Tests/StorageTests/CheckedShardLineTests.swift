import Foundation
import Storage
import TestSupport
import Testing

/// The reader of shard lines beside Foundation's JSON reader.
@Suite struct CheckedShardLineTests {
  static let good =
    #"{"id":"0f","metadata":{"file":"a/b","key":"k\u00e9y","license":"CC0","line":12,"list":[1,{"x":null},"\"",true,-1.5e3,[]],"none":{}},"source":"tales","text":"A \"word\"\\\/\b\f\n\r\t é \ud83d\ude00."}"#

  func read(_ text: String) -> CheckedShardLine? {
    CheckedShardLine(Array(text.utf8), 0..<text.utf8.count)
  }

  @Test func `a line is taken apart`() throws {
    let line = try #require(read(CheckedShardLineTests.good))
    #expect(String(decoding: line.text, as: UTF8.self) == "A \"word\"\\/\u{8}\u{c}\n\r\t é 😀.")
    #expect(String(decoding: line.key, as: UTF8.self) == "kéy")
    #expect(line.id == Array("0f".utf8) && line.source == Array("tales".utf8))
    #expect(line.file == Array("a/b".utf8) && line.license == Array("CC0".utf8) && line.line == 12)
  }

  @Test(arguments: [
    "", "{", "[]", "{}", "null", #"{"id":"","source":"","text":""}"#,
    #"{"id":"","source":"","text":"","metadata":{}} x"#,
    #"{"id":1,"source":"","text":"","metadata":{}}"#,
    #"{"id":"","source":"","text":"\x","metadata":{}}"#,
    #"{"id":"","source":"","text":"\ud800","metadata":{}}"#,
    #"{"id":"","source":"","text":"\ud800\u0041","metadata":{}}"#,
    #"{"id":"","source":"","text":"\u12","metadata":{}}"#,
    #"{"id":"","source":"","text":"","metadata":{"line":"x"}}"#,
    #"{"id":"","source":"","text":"","metadata":{"line":1.5}}"#,
    #"{"id":"","source":"","text":"","metadata":{"x":nul}}"#,
    #"{"id":"","source":"","text":"","metadata":{"x":1,}}"#,
    #"{"id":"","source":"","text":"","metadata":{"x":01}}"#,
    #"{"id":"","source":"","text":"","metadata":{"x":1.}}"#,
    #"{"id":"","source":"","text":"","metadata":{"x":+1}}"#,
    #"{"id":"","source":"","text":"","metadata":{"x":1e}}"#,
    "{\"id\":\"\",\"source\":\"\",\"text\":\"a\u{1}\",\"metadata\":{}}",
    #"{"id":"","source":"","text":"","metadata":{"x":"# + String(repeating: "[", count: 100_000),
  ])
  func `what is no document gives nothing`(text: String) { #expect(read(text) == nil) }

  @Test func `a damaged line gives what Foundation reads, or nothing`() throws {
    var numbers = SeededNumbers(3)
    let good = Array(CheckedShardLineTests.good.utf8)
    for _ in 0..<20_000 {
      var bytes = good
      bytes[Int.random(in: 0..<bytes.count, using: &numbers)] = UInt8.random(
        in: 0x20..<0x7f,
        using: &numbers
      )
      // UTF-8 is not its business: what the index says of a text was valid when it was written.
      guard String(validating: bytes, as: UTF8.self) != nil,
        let line = CheckedShardLine(bytes, 0..<bytes.count)
      else { continue }
      let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
      let text = try #require(
        object?["text"] as? String,
        "\(String(decoding: bytes, as: UTF8.self))"
      )
      #expect(Array(text.utf8) == line.text)
    }
  }
}
