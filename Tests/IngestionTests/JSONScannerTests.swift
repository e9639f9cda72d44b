import Foundation
import Ingestion
import Testing

/// The scanner against Foundation's parser, which is an independent program.
@Suite struct JSONScannerTests {
  /// The fields of an object with what the scanner makes of them; `nil` where it finds no JSON.
  func scanned(_ line: String) -> [String: String]? {
    var scanner = JSONScanner(Array(line.utf8))
    var fields: [String: String] = [:]
    do {
      let isObject = try scanner.object { name, scanner throws(JSONScanner.Malformed) in
        let name = String(decoding: name, as: UTF8.self)
        if name.hasPrefix("skip") { return }
        switch try scanner.value() {
        case .null: fields[name] = "null"
        case .flag(let value): fields[name] = "\(value)"
        case .integer(let value): fields[name] = "\(value)"
        case .number(let value): fields[name] = "\(value)"
        case .text(let value): fields[name] = "\"" + String(decoding: value, as: UTF8.self)
        case .other: fields[name] = "other"
        }
      }
      return isObject ? fields : [:]
    } catch {
      #expect(error.reason.contains("byte"))
      return nil
    }
  }

  @Test func `values come out as they are meant`() {
    let line = #"""
      { "a" : "x\n\"\\\/\b\f\r\té\u00e9\ud83d\ude00\u0000" ,"b":-12,"c":0.5e1,"d":true,"e":false,
        "f":null,"g":[1,{"z":"]"}],"h":{},"i":9223372036854775808,"j":1e999,"k":"\ud800","l":"",
        "m":"\ud800\u0041","skip":{"a":[[],"\"}"]},"a\u0062":1,"":2 }
      """#
    #expect(
      scanned(line) == [
        "a": "\"x\n\"\\/\u{8}\u{c}\r\t\u{e9}\u{e9}\u{1F600}\0", "b": "-12", "c": "5.0", "d": "true",
        "e": "false", "f": "null", "g": "other", "h": "other", "i": "9.223372036854776e+18",
        "j": "other", "k": "other", "l": "\"", "m": "other", "ab": "1", "": "2",
      ]
    )
    #expect(scanned("[1, 2]") == [:])
    #expect(scanned(" \"text\" ") == [:])
  }

  @Test(arguments: [
    "", " ", "{", "}", "{]", "[}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{\"a\" 1}", "{a:1}",
    "{\"a\":01}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":1e}", "{\"a\":+1}", "{\"a\":-}",
    "{\"a\":tru}",
    "{\"a\":nul", "{\"a\":\"", "{\"a\":\"\\", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}",
    "{\"a\":\"\\u12g4\"}",
    "{\"a\":\"\n\"}", "{\"a\":1}{", "{\"a\":1} x", "[1,]", "[1 2]", "{\"a\":[1}", "nope", "{'a':1}",
    "{\"a\":\"\\ud800\\u\"}",
  ])
  func `what is no JSON is refused`(line: String) {
    #expect(scanned(line) == nil)
  }

  @Test func `nesting is bounded`() {
    let deep = String(repeating: "[", count: 200_000)
    #expect(scanned("{\"skip\":" + deep) == nil)
    let fine = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
    #expect(scanned("{\"a\":" + fine + "}") == ["a": "other"])
  }

  @Test func `damaged lines are refused where Foundation refuses them`() throws {
    // Every cut, and every byte replaced by some others, of a line with all kinds of values.
    let line = #"{"a":"x\n\u00e9","b":[1,-2.5e3,null],"c":{"d":true},"e":"\\"}"#
    let original = Array(line.utf8)
    var lines = (0..<original.count).map { Array(original.prefix($0)) }
    for index in original.indices {
      for byte in Array("\"\\{}[]:,0-e. tu\u{1}".utf8) {
        var changed = original
        changed[index] = byte
        lines.append(changed)
      }
    }
    var agreed = 0
    for bytes in lines {
      let text = String(decoding: bytes, as: UTF8.self)
      let theirs = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
      #expect((scanned(text) != nil) == (theirs != nil), "\(text)")
      agreed += 1
    }
    #expect(agreed > 800)
  }
}
