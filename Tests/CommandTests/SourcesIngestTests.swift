import Foundation
import TestSupport
import Testing

/// `blalm ingest` of the sources that may come by standard input, as a user calls it.
@Suite struct SourcesIngestTests {
  @Test(arguments: [
    ("babylm", "A:\tHello.\nB:\tBye.\n", [], "\"labelledLines\":2"),
    ("text", "A cat sat.\n\nA dog ran.\n", ["-o", "unit=paragraph"], "\"words\":6"),
    ("jsonl", "{\"body\": \"A cat sat.\"}\n", ["-o", "text=body"], "\"words\":3"),
    ("csv", "text;n\n\"A cat\nsat.\";1\n", ["-o", "delimiter=;"], "\"words\":3"),
    (
      "tinystories", "[\"Once upon a time, a cat sat.\", \"One day, it ran.\"]",
      ["-o", "removeOpenings=true"], "\"openingsRemoved\":{\"once upon a time\":1,\"one day\":1}"
    ),
    ("gutenberg", "CHAPTER I\n\nA cat sat.\n\nCHAPTER II\n\nIt ran.\n", [], "\"output\":2"),
    ("cosmopedia", "{\"text\": \"A cat sat.\", \"seed_data\": \"x\"}\n", [], "\"words\":3"),
  ])
  func `a source is read from standard input`(
    format: String,
    input: String,
    options: [String],
    report: String
  ) throws {
    let folder = try TemporaryFolder()
    let result = try Program.run(
      ["ingest", format, "-", "-w", folder("w"), "--json", "--quiet"] + options,
      input: input
    )
    #expect(result.status == 0, "\(result.errors)")
    let squeezed = result.output.replacingOccurrences(
      of: "\\s*\n\\s*|(?<=\":) ",
      with: "",
      options: .regularExpression
    )
    #expect(squeezed.contains(report), "\(squeezed)")
  }
}
