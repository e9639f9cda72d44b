import TestSupport
import Testing

@Suite struct RubricCommandTests {
  /// YAML can write any character, and a rubric comes from anybody.
  @Test func `a rubric cannot steer the terminal`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "r.yaml",
      #"""
      name: small
      version: 1
      purpose: "a\e[31m\e]0;title\a b\u202ec"
      scale: {lowest: 1, highest: 3}
      prompt: "{{sample}} {{answer}}"
      answer:
        scoreLine: "Score\e[2J:"
        justificationWords: 1
        text: "Score\e[2J: N"
        structured: JSON
      """#
    )
    for options in [[], ["--json"]] {
      let result = try Program.run(["rubric", "check", path] + options)
      #expect(result.status == 0 && result.output.contains("small"), "\(result.errors)")
      for scalar in result.output.unicodeScalars where scalar != "\n" {
        #expect(scalar.properties.generalCategory != .control)
        // In JSON, for programs, it stands as it is.
        #expect(scalar != "\u{202e}" || !options.isEmpty)
      }
    }
  }

  @Test func `nor can what a refusal quotes of it`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("r.yaml", #"{name: small, version: 1, "a\e[31m\u202eb": 2}"#)
    let result = try Program.run(["rubric", "check", path])
    #expect(result.status == 64 && result.errors.contains("[31m"), "\(result.errors)")
    for scalar in result.errors.unicodeScalars where scalar != "\n" {
      #expect(scalar.properties.generalCategory != .control && scalar != "\u{202e}")
    }
  }
}
