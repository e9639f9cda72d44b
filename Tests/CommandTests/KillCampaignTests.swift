import Foundation
import TestSupport
import Testing

/// Builds that are killed at random moments and run again: some in CI, 200 with BLALM_LONG_TESTS set.
@Suite struct KillCampaignTests {
  static let kills = ProcessInfo.processInfo.environment["BLALM_LONG_TESTS"] == nil ? 8 : 200

  /// A workspace's state before the build that is killed.
  enum Beginning: CaseIterable {
    /// Nothing is there.
    case nothing
    /// Other inputs and settings were built: every output is replaced.
    case otherBuild
  }

  @Test func `a build that was killed anywhere goes on to the same bytes and rows`() throws {
    let campaign = try StoreCampaign()
    let stages = campaign.windows.count
    #expect(stages >= 5)
    let base = campaign.folder("base")
    let made = try Program.run(["build", campaign.other, "-w", base, "--quiet"])
    try #require(made.status == 0, "\(made.errors)")
    var numbers = SeededNumbers(20_260_101)
    for number in 0..<KillCampaignTests.kills {
      let workspace = campaign.folder("w\(number)")
      let beginning = Beginning.allCases[number % 2]
      func begin() throws {
        try? FileManager.default.removeItem(atPath: workspace)
        guard beginning == .otherBuild else { return }
        try FileManager.default.copyItem(atPath: base, toPath: workspace)
      }
      try begin()
      // Each stage is hit equally often; every third build is killed twice.
      for round in 0..<(number % 3 == 2 ? 2 : 1) {
        let window = campaign.windows[(number + round) % stages]
        // Half of the kills fall around the end of a stage, where names and rows change.
        var delay =
          Bool.random(using: &numbers)
          ? Double.random(in: window, using: &numbers)
          : window.upperBound + Double.random(in: -0.03...0.01, using: &numbers)
        // A build that was quicker than the kill is begun anew, and killed earlier.
        while try !kill(campaign.recipe, workspace, after: delay) {
          try begin()
          delay /= 2
        }
      }
      try campaign.expectUndisturbed(workspace, "kill \(number), \(beginning)")
      try FileManager.default.removeItem(atPath: workspace)
    }
  }

  /// Starts a build and kills it.
  ///
  /// - Returns: Whether it was still running.
  private func kill(_ recipe: String, _ workspace: String, after delay: Double) throws -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: Program.path)
    process.arguments = ["build", recipe, "-w", workspace, "--quiet"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    Thread.sleep(forTimeInterval: max(0.001, delay))
    _ = Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    return process.terminationReason == .uncaughtSignal
  }
}
