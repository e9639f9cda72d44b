import Foundation
import TestSupport
import Testing

@Suite struct TokenizerReportTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test func `a vocabulary from files and one from a selection are held against each other`() throws
  {
    let workspace = folder.path + "/w"
    let recipe = try folder.write(
      "recipe.yaml",
      """
      name: small
      sources:
        childes:
          paths: \(Program.root)/data/childes
        tinystories:
          paths: \(Program.root)/data/tinystories
      tokenizer:
        vocabularySize: 400
        weights:
          childes: 2
      """
    )
    #expect(try Program.run(["build", recipe, "-w", workspace, "--quiet"]).status == 0)
    let text = try folder.write("words", "dog\n\nthe dog\n")
    let learnt = try Program.run([
      "tokenizer", "train", "--files", text, "--name", "other", "--vocabulary-size", "300", "-w",
      workspace, "--json", "--quiet",
    ])
    #expect(learnt.status == 0)
    #expect(learnt.output.contains("\"words\":3"))
    let report = try Program.run([
      "tokenizer", "report", "-w", workspace, "--words", text, "--compare", "other", "--json",
    ])
    #expect(report.status == 0)
    #expect(report.output.contains("\"column\":\"targetChildAgeMonths\""))
    #expect(report.output.contains("\"tokenizer\":\"other\""))
    let unknown = try Program.run(["tokenizer", "report", "-w", workspace, "--by", "nothing"])
    #expect(unknown.status == 64)
  }
}
