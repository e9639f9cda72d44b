// Whether a workspace is what its index says: every byte that the index, the ledger or a manifest has
// a digest of, every frame, line, count and reference.

import Documents
import Files
import Foundation
import Storage

extension StageContext {
  /// Checks a whole workspace and changes nothing.
  ///
  /// Memory stays bounded whatever the corpus; frames are decompressed on all cores.
  ///
  /// - Returns: What was found.
  /// - Throws: ``Failure`` where the index cannot be read at all; ``Interrupted``.
  public func verify() throws -> VerificationReport {
    var verification = try Verification(self)
    try verification.run()
    return verification.report
  }
}

/// A verification on its way.
struct Verification {
  let context: StageContext
  var report: VerificationReport
  /// The stages that are done, by name.
  let stages: [String: StageRecord]
  /// The files that were read, by their path in the workspace.
  var looked: [String: FoundFile] = [:]
  var places: [String: Int] = [:]
  private let totalBytes: Int

  var workspace: Workspace { context.workspace }
  var index: CorpusIndex { context.workspace.index }

  /// What SQLite finds wrong with the index; its rows are then not to be believed.
  private let indexFaults: [String]

  init(_ context: StageContext) throws {
    self.context = context
    let index = context.workspace.index
    report = VerificationReport(workspace: context.workspace.path)
    indexFaults = try index.integrityFaults()
    guard indexFaults.isEmpty else {
      stages = [:]
      totalBytes = 0
      return
    }
    stages = Dictionary(uniqueKeysWithValues: try index.stages().map { ($0.name, $0) })
    totalBytes =
      try index.outputFiles().reduce(0) { $0 + $1.bytes }
      + index.sourceNames().reduce(0) { sum, source in
        try index.shardSummaries(of: source).reduce(sum) { $0 + $1.bytes }
      }
  }

  mutating func run() throws {
    let clock = ContinuousClock()
    let start = clock.now
    guard indexFaults.isEmpty else {
      for fault in indexFaults { add(fault, file: "corpus.sqlite", damage: .index) }
      report.notes.append("nothing was held against the index, since it is damaged itself")
      return
    }
    var known: Set<String> = []
    for source in try index.sourceNames() {
      known.formUnion(try index.shards(of: source))
      try checkShards(of: source)
    }
    try checkLeftovers(knownShards: known)
    try checkOutputs()
    try checkScores()
    for product in try products() { try check(product) }
    report.seconds = (clock.now - start) / .seconds(1)
  }

  /// Enters a fault; further ones of the same kind in the same file are counted.
  mutating func add(_ what: String, file: String, detail: String = "", damage: Finding.Damage) {
    let key = what + "\n" + file
    if let at = places[key] {
      report.findings[at].count += 1
      return
    }
    places[key] = report.findings.count
    let path = workspace.path(of: file)
    report.findings.append(
      Finding(
        what: what,
        place: detail.isEmpty ? path : "\(path), \(detail)",
        remedy: remedy(for: damage),
        count: 1,
        damage: damage
      )
    )
  }

  private func remedy(for damage: Finding.Damage) -> String {
    switch damage {
    case .index: "run `blalm repair`, which makes the index anew from the shards"
    case .source: "run `blalm repair`, which keeps what is whole, then `blalm build` (or `ingest`)"
    case .made, .stage: "run `blalm repair`, then `blalm build` to make it anew"
    case .answers: "run `blalm repair`, which strikes them, then `blalm score` to ask again"
    case .scores: "run `blalm repair`, which fills the column from the judge's answers"
    case .leftover: "run `blalm repair`, which removes it"
    }
  }

  /// Tells how far it has come.
  mutating func advance(bytes: Int, note: String) throws {
    try context.stop.check()
    report.bytesRead += bytes
    context.progress(
      StageProgress(
        stage: "verify",
        completed: report.bytesRead,
        total: max(totalBytes, report.bytesRead),
        unit: "bytes",
        note: note
      )
    )
  }

  /// Files that an interrupted writer left, and shards that no row names.
  private mutating func checkLeftovers(knownShards: Set<String>) throws {
    let sources = Set(try index.sourceNames())
    for name in names(in: "shards") where !knownShards.contains(name) {
      guard let source = sourceName(ofShard: name) else { continue }
      let path = "shards/" + name
      // Shards of a source that the index has lost are all that is left of it.
      add(
        "no row of the index names this shard",
        file: path,
        damage: sources.contains(source) ? .leftover(path) : .source(source)
      )
    }
    let folders =
      ["shards"] + StageProduct.Kind.allCases.map(\.rawValue)
      + names(in: "runs").map { "runs/\($0)/checkpoints" }
    for folder in folders {
      for name in names(in: folder) where name.hasSuffix(partialSuffix) {
        let path = folder + "/" + name
        add("an interrupted writer left this behind", file: path, damage: .leftover(path))
      }
    }
  }

  /// The names in a folder of the workspace, in order; none where there is no folder.
  func names(in folder: String) -> [String] {
    let names = try? FileManager.default.contentsOfDirectory(atPath: workspace.path(of: folder))
    return (names ?? []).sorted()
  }
}
