import Documents
import Files
import Foundation
import Pipeline
import TestSupport
import Testing

@Suite struct GoldScoresTests {
  static let first = "01fbca294e50a1bc35bd8d906468113e"
  static let second = "05cec5296e69206ef373327610860c75"

  static func scores(_ text: String, _ name: String) throws -> GoldScores {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    try Data(text.utf8).write(to: URL(filePath: folder(name)))
    return try GoldScores(path: folder(name))
  }

  static let harmless: [(String, String)] = [
    ("id,score\n\(first),3\n\(second),2.5\n", "g.csv"),
    ("id,score\r\n\(first),3\r\n\r\n\(second),2.5\r\n", "g.csv"),
    ("\u{feff}id,score\n\(first),3\n\(second),2.5", "g.CSV"),
    ("\"score\", \"id\"\n3,\"\(first)\"\n \"2.5\" ,\(second)\n", "g.csv"),
    ("note,id,score\n\"a, \"\"b\"\"\",\(first),3\n,\(second),25e-1\n", "g.csv"),
    ("id,score\n\(first.uppercased()),3\n\(second),2.5\n", "g.csv"),
    ("{\"id\":\"\(first)\",\"score\":3}\n{\"id\":\"\(second)\",\"score\":2.5}\n", "g.jsonl"),
    (
      "\u{feff}{\"id\":\"\(first.uppercased())\",\"score\":3, \"note\": null}\r\n\r\n"
        + "{\"score\":2.5,\"id\":\"\(second)\"}\r\n \r\n", "g.jsonl"
    ),
  ]

  @Test(arguments: harmless)
  func `what is harmless is read`(_ text: String, _ name: String) throws {
    let scores = try Self.scores(text, name).scores
    let first = try #require(DocumentID(Self.first))
    let second = try #require(DocumentID(Self.second))
    #expect(scores == [first: 3, second: 2.5])
  }

  static let faulty: [(String, String, String, Int)] = [
    ("id,score\n\(first),0x10\n", "g.csv", "`0x10` is no score", 2),
    ("id,score\n\(first),nan\n", "g.csv", "`nan` is no score", 2),
    ("id,score\n\(first),1e999\n", "g.csv", "is no score", 2),
    ("id,score\n\(first),\n", "g.csv", "`` is no score", 2),
    ("id,score\nabc,3\n", "g.csv", "`abc` is no document's id", 2),
    ("id,score\n\(first)\n", "g.csv", "has 1 fields, the first one 2", 2),
    ("id,score\n\"\(first),3\n", "g.csv", "does not close", 2),
    ("id,score\n\"\(first)\"x,3\n", "g.csv", "goes on after", 2),
    ("id,score\n\(first),3\n\(first.uppercased()),3\n", "g.csv", "is there twice", 3),
    ("id,points\n\(first),3\n", "g.csv", "does not name the field `score`", 1),
    ("id,score,id\n\(first),3,\(first)\n", "g.csv", "names the field `id` twice", 1),
    ("{\"id\":\"\(first)\",\"score\":3,\"score\":5}\n", "g.jsonl", "names a field twice", 1),
    ("\n{\"id\":\"\(first)\",\"score\":\"3\"}\n", "g.jsonl", "number `score`", 2),
    ("{\"id\":\"x\",\"score\":3}\n", "g.jsonl", "`x` is no document's id", 1),
    ("id,score\n", "g.jsonl", "no JSON object", 1),
  ]

  @Test(arguments: faulty)
  func `what could be meant in two ways is refused with its line`(
    _ text: String,
    _ name: String,
    _ word: String,
    _ line: Int
  ) throws {
    let failure = try #require(throws: Failure.self) { _ = try Self.scores(text, name) }
    #expect(failure.what.contains(word), "\(failure.what)")
    #expect(failure.kind == .usage && failure.place.hasSuffix(", line \(line)"))
  }
}
