import Foundation
import TestSupport
import Testing

/// A disk that is full or read-only: a clear message, a sound workspace, and the same end afterwards.
@Suite struct FullDiskTests {
  /// A limit on the size of files stands for a full disk where none can be mounted.
  @Test func `a file that cannot grow ends the build with a message and leaves it sound`() throws {
    let campaign = try StoreCampaign(words: 60_000)
    let base = campaign.folder("base")
    #expect(try Program.run(["build", campaign.other, "-w", base, "--quiet"]).status == 0)
    var refused = 0
    for blocks in [20, 60, 120, 200, 280, 360, 440, 520, 600, 700, 800] {
      for isNew in [true, false] {
        let note = "\(blocks) blocks, \(isNew ? "new" : "over another build")"
        let workspace = campaign.folder("w\(blocks)\(isNew)")
        if !isNew { try FileManager.default.copyItem(atPath: base, toPath: workspace) }
        let result = try campaign.shell(
          "ulimit -f \(blocks); trap '' XFSZ; exec \"$@\"",
          ["build", campaign.recipe, "-w", workspace, "--quiet"]
        )
        if result.status != 0 {
          refused += 1
          #expect(result.status == 1, "\(note): \(result)")
          #expect(result.errors.contains("what to do:"), "\(note): \(result.errors)")
          #expect(result.errors.contains(workspace), "\(note): \(result.errors)")
          // A new index may not even have got its tables.
          if !isNew { try campaign.expectSound(workspace, "\(note), after the failure") }
        }
        try campaign.expectUndisturbed(workspace, note)
      }
    }
    #expect(refused >= 8, "\(refused)")
  }

  /// Needs the right to mount; skipped where the user has not got it.
  @Test(.enabled(if: SmallDisk.canMount))
  func `a full disk ends the build with a message and leaves the workspace sound`() throws {
    let campaign = try StoreCampaign(words: 60_000)
    let disk = try SmallDisk(campaign.folder("disk"))
    defer { disk.unmount() }
    let workspace = disk.path + "/w"
    var refused = 0
    // What is free beside a finished build of the other recipe, or beside nothing.
    for free in [0, 40, 100, 200, 300, 450, 600, 800, 1_000, 1_300, 1_700] {
      for isNew in [true, false] where !isNew || free >= 100 {
        let note = "\(free) KB free, \(isNew ? "new" : "over another build")"
        if !isNew {
          let made = try Program.run(["build", campaign.other, "-w", workspace, "--quiet"])
          #expect(made.status == 0, "\(made.errors)")
        }
        try disk.resize(kilobytes: disk.usedKilobytes() + free)
        let result = try Program.run(["build", campaign.recipe, "-w", workspace, "--quiet"])
        try disk.resize(kilobytes: 1_000_000)
        if result.status != 0 {
          refused += 1
          #expect(result.status == 1, "\(note): \(result)")
          #expect(result.errors.contains("what to do:"), "\(note): \(result.errors)")
          if !isNew { try campaign.expectSound(workspace, "\(note), after the failure") }
        }
        try campaign.expectUndisturbed(workspace, note)
        try FileManager.default.removeItem(atPath: workspace)
      }
    }
    #expect(refused >= 8, "\(refused)")
  }

  /// Needs the right to mount; skipped where the user has not got it.
  @Test(.enabled(if: SmallDisk.canMount))
  func `a read-only disk is refused by those who write and read by those who look`() throws {
    let campaign = try StoreCampaign(words: 60_000)
    let disk = try SmallDisk(campaign.folder("disk"))
    defer { disk.unmount() }
    let workspace = disk.path + "/w"
    let made = try Program.run(["build", campaign.other, "-w", workspace, "--quiet"])
    #expect(made.status == 0, "\(made.errors)")
    try disk.setReadOnly(true)
    for arguments in [["build", campaign.recipe], ["select", "web"], ["repair"]] {
      let result = try Program.run(arguments + ["-w", workspace, "--quiet"])
      #expect(result.status == 1, "\(arguments)")
      #expect(result.errors.contains("Read-only file system"), "\(result.errors)")
      #expect(result.errors.contains("what to do:"), "\(result.errors)")
    }
    let status = try Program.run(["status", "-w", workspace, "--json"])
    #expect(status.status == 0 && status.output.contains("\"web\""), "\(status.errors)")
    try campaign.expectSound(workspace, "read-only")
    try disk.setReadOnly(false)
    try campaign.expectUndisturbed(workspace, "writable again")
  }
}

/// A file system in memory whose size and rights can be changed.
struct SmallDisk {
  let path: String

  /// Whether this user may mount one.
  static let canMount: Bool = {
    guard let folder = try? TemporaryFolder(), let disk = try? SmallDisk(folder("probe")) else {
      return false
    }
    disk.unmount()
    return true
  }()

  init(_ path: String) throws {
    self.path = path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try SmallDisk.run("mount", "-t", "tmpfs", "-o", "size=1g", "none", path)
  }

  func resize(kilobytes: Int) throws {
    try SmallDisk.run("mount", "-o", "remount,size=\(kilobytes)k", path)
  }

  /// What is in use, in the units of ``resize(kilobytes:)``.
  func usedKilobytes() throws -> Int {
    let attributes = try FileManager.default.attributesOfFileSystem(forPath: path)
    let size = (attributes[.systemSize] as? NSNumber)?.intValue ?? 0
    let free = (attributes[.systemFreeSize] as? NSNumber)?.intValue ?? 0
    return (size - free) / 1_024
  }

  func setReadOnly(_ isReadOnly: Bool) throws {
    try SmallDisk.run("mount", "-o", "remount,\(isReadOnly ? "ro" : "rw")", path)
  }

  func unmount() { try? SmallDisk.run("umount", path) }

  private static func run(_ command: String...) throws {
    struct Refused: Error {}
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Refused() }
  }
}
