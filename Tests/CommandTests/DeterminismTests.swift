import Foundation
import TestSupport
import Testing

/// The same inputs give the same bytes and rows, whatever the machine does beside.
@Suite struct DeterminismTests {
  @Test func `one core, another order of paths and another folder change nothing`() throws {
    let campaign = try StoreCampaign(words: 60_000)
    #expect(campaign.expected.rowCount > 200 && campaign.expected.fileNames.count > 10)

    let one = try campaign.shell(
      "exec taskset -c \"$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')\" \"$@\"",
      ["build", campaign.recipe, "-w", campaign.folder("one"), "--quiet"]
    )
    #expect(one.status == 0, "\(one.errors)")
    try campaign.expectUndisturbed(campaign.folder("one"), "one core")

    let moved = campaign.folder("elsewhere")
    try FileManager.default.createDirectory(atPath: moved, withIntermediateDirectories: true)
    for name in ["a.jsonl", "b.jsonl", "evaluation.txt"] {
      try FileManager.default.copyItem(atPath: campaign.folder(name), toPath: moved + "/" + name)
    }
    let text = try String(contentsOfFile: campaign.recipe, encoding: .utf8)
    let shuffled = try campaign.folder.write(
      "elsewhere/recipe.yaml",
      text.replacing("[a.jsonl, b.jsonl]", with: "[b.jsonl, a.jsonl]")
    )
    let build = try Program.run(["build", shuffled, "-w", moved + "/w", "--quiet"])
    #expect(build.status == 0, "\(build.errors)")
    #expect(try Outcome(of: moved + "/w").differences(from: campaign.expected) == [])
  }
}
