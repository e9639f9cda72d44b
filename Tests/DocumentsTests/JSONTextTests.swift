import Documents
import Foundation
import Testing

@Suite struct JSONTextTests {
  func json(_ value: MetadataValue) throws -> [UInt8] {
    var line: [UInt8] = []
    try value.appendJSON(to: &line)
    return line
  }

  @Test func `every value is written as Foundation's encoder writes it`() throws {
    let control = String(String.UnicodeScalarView((0..<0x30).compactMap(Unicode.Scalar.init)))
    let value = MetadataValue.object([
      "text": .text("a/b \"c\" \\ \u{2028} é 🐌 \u{7f}"), "control": .text(control), "": .text(""),
      "whole": .integer(-12), "least": .integer(.min), "number": .number(0.1),
      "wholeNumber": .number(28), "great": .number(1e300), "small": .number(-2.5e-7),
      "yes": .flag(true), "no": .flag(false), "none": .list([]), "nothing": .object([:]),
      "list": .list([.integer(1), .list([.text("\r\n")]), .object(["a": .number(2.25)])]),
      "Z": .integer(1), "a": .integer(2), "é": .integer(3),
    ])
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let line = try json(value)
    #expect(
      String(decoding: line, as: UTF8.self)
        == String(decoding: try encoder.encode(value), as: UTF8.self)
    )
    let back = try JSONDecoder().decode(MetadataValue.self, from: Data(line))
    #expect(try json(back) == line)
  }

  @Test func `a number that is not finite is refused`() {
    for number in [Double.nan, .infinity, -.infinity] {
      #expect(throws: EncodingError.self) { _ = try json(.list([.number(number)])) }
    }
  }
}
