import Testing
import Training

@Suite struct ExposureMilestoneTests {
  @Test func `the milestones are those of the BabyLM pipelines`() {
    let names = ExposureMilestone.babyLM.map { ExposureMilestone(words: $0).name }
    #expect(names.count == 28 && names[0] == "chck_1M" && names[9] == "chck_10M")
    #expect(names[10] == "chck_20M" && names[18] == "chck_100M" && names[27] == "chck_1000M")
    #expect(ExposureMilestone.babyLM == ExposureMilestone.babyLM.sorted())
    #expect(ExposureMilestone(words: 1_500).name == "chck_1500")
  }

  @Test func `a milestone is reached by one step, the first that has seen its words`() {
    func names(_ seen: Int, _ step: Int) -> [String] {
      ExposureMilestone.reached(of: ExposureMilestone.babyLM, after: seen, by: step).map(\.name)
    }
    #expect(names(999_000, 999) == [])
    #expect(names(999_000, 1_000) == ["chck_1M"])
    #expect(names(1_000_000, 5) == [])
    #expect(names(0, 2_000_001) == ["chck_1M", "chck_2M"])
    let passed = stride(from: 0, to: 30_000_000, by: 3_333).flatMap { names($0, 3_333) }
    #expect(passed == ExposureMilestone.babyLM.prefix(12).map { ExposureMilestone(words: $0).name })
  }
}
