// Making a damaged workspace sound again: what is whole is kept, what nothing refers to is removed, and
// what a stage can make anew is struck from the ledger, so that the next build makes it.

import Documents
import Files
import Foundation
import Storage

/// What repair did, or would do.
public struct RepairReport: Sendable, Encodable {
  /// The folder.
  public let workspace: String
  /// Whether nothing was changed.
  public let isDryRun: Bool
  /// What was done, in order; of a dry run, what would be.
  public internal(set) var actions: [String] = []
  /// What was still wrong afterwards; of a dry run, what is wrong now.
  public internal(set) var findings: [Finding] = []

  /// The report as one JSON object with sorted keys.
  public var json: String { canonicalJSON(self) }
}

/// Makes a workspace sound.
public enum Repair {
  /// Verifies a workspace, mends what can be mended safely, and verifies it again.
  ///
  /// Texts are only ever taken from shards that are there; nothing of a source that can still be read
  /// is lost. An index that cannot be read is put aside, not removed.
  ///
  /// - Parameters:
  ///   - path: The workspace's folder.
  ///   - dryRun: Whether to change nothing and say what would be done.
  ///   - stop: Asked between pieces of work.
  ///   - progress: Receives progress.
  /// - Returns: What was done.
  /// - Throws: ``Failure`` where the folder is no workspace, cannot be written, is written to by
  ///   another process, or its index is of a newer schema; ``Interrupted``.
  public static func run(
    _ path: String,
    dryRun: Bool,
    stop: StopSignal,
    progress: @escaping @Sendable (StageProgress) -> Void
  ) throws -> RepairReport {
    var report = RepairReport(workspace: path, isDryRun: dryRun)
    try Workspace.checkIsWorkspace(path)
    let index = path + "/corpus.sqlite"
    let isMissing = !FileManager.default.fileExists(atPath: index)
    let damage = isMissing ? "it is missing" : CorpusIndex.damage(ofFile: index)
    if let damage { report.actions.append(Repairs.makeIndexAnew(because: damage)) }
    guard !dryRun else {
      guard damage == nil else { return report }
      let workspace = try Workspace.openForChecking(path)
      let context = StageContext(workspace: workspace, stop: stop, progress: progress)
      report.findings = try context.verify().findings
      report.actions = Repairs(context).plan(report.findings).map(\.words)
      return report
    }
    let (workspace, putAside) = try Workspace.openForRepair(path, replacingIndex: damage != nil)
    if let putAside { report.actions.append("keep the damaged index as \(putAside)") }
    let context = StageContext(workspace: workspace, stop: stop, progress: progress)
    let repairs = Repairs(context)
    if let putAside { report.actions.append(try repairs.salvageAnswers(from: putAside)) }
    for action in repairs.plan(try context.verify().findings) {
      try stop.check()
      report.actions.append(try repairs.apply(action))
    }
    report.findings = try context.verify().findings
    return report
  }
}

/// The actions of one repair.
private struct Repairs {
  /// Something to do, with its words.
  struct Action {
    let damage: Finding.Damage
    let words: String
  }

  let context: StageContext
  var workspace: Workspace { context.workspace }

  init(_ context: StageContext) { self.context = context }

  static func makeIndexAnew(because reason: String) -> String {
    "make the index anew from the shards (\(reason)); rejections, the ledger and judges' answers are "
      + "lost with it, but for answers that can still be read, and the next `blalm build` does every "
      + "stage again"
  }

  /// What to do about findings: each thing once, sources first.
  func plan(_ findings: [Finding]) -> [Action] {
    var seen: Set<Finding.Damage> = []
    // An index that is damaged itself has been made anew before.
    return findings.map(\.damage).filter { seen.insert($0).inserted }.compactMap { damage in
      let words =
        switch damage {
        case .index: ""
        case .source(let source):
          "keep what can be read of the source `\(source)`, drop the rest, and strike "
            + "`ingest \(source)` from the ledger"
        case .made(let product):
          "remove \(product.folder) and its rows, and strike `\(product.stage)` from the ledger"
        case .stage(let name): "strike `\(name)` from the ledger"
        case .answers:
          "strike the answers that no judge can have given, so that they are asked again"
        case .scores(let column): "fill the column `\(column)` anew from its judge's answers"
        case .leftover(let path): "remove \(path)"
        }
      return words.isEmpty ? nil : Action(damage: damage, words: words)
    }
  }

  /// Does it.
  ///
  /// - Returns: What was done, in words.
  func apply(_ action: Action) throws -> String {
    switch action.damage {
    case .index: break
    case .source(let source): return action.words + ": " + (try salvage(source))
    case .made(let product):
      try workspace.index.strike(product.stage, rows: (product.table, product.name))
      try remove(product.folder)
    case .stage(let name): try workspace.index.strike(name)
    case .answers(let judge): try strikeAnswers(of: judge)
    case .scores(let column): try fill(column)
    case .leftover(let path): try remove(path)
    }
    return action.words
  }

  /// Takes over what can be read of the answers in a damaged index.
  ///
  /// - Parameter index: The damaged index.
  /// - Returns: What was done, in words.
  /// - Throws: ``Failure`` where the new index cannot be written; ``Interrupted``.
  func salvageAnswers(from index: String) throws -> String {
    let salvaged = try workspace.index.salvageAnswers(from: index, check: context.stop.check)
    let lost = salvaged.hasGaps ? "; others are lost, and would have to be asked for again" : ""
    return salvaged.answers == 0
      ? salvaged.hasGaps
        ? "keep no judge's answers, of which nothing can be read" : "there are no judges' answers"
      : "keep \(salvaged.answers) answers of \(salvaged.judges) judges\(lost)"
  }

  private func strikeAnswers(of judge: Int) throws {
    let record = try workspace.index.judges().first { $0.id == judge }?.record
    try workspace.index.strikeImpossibleAnswers(
      of: judge,
      scale: scalesOfBuiltInRubrics()[record?.rubricHash ?? ""]
    )
    try strikeScorings { $0.judgeID == judge }
  }

  private func fill(_ column: String) throws {
    for record in try workspace.index.scoreColumns() where record.column.name == column {
      try workspace.index.show(record.column, of: record.judgeID)
    }
  }

  /// Strikes the scorings of columns from the ledger, so that they ask for what is missing.
  private func strikeScorings(where isMeant: (ScoreColumnRecord) -> Bool) throws {
    for record in try workspace.index.scoreColumns() where isMeant(record) {
      try workspace.index.strike("score \(record.column.name)")
    }
  }

  private func remove(_ name: String) throws {
    let path = workspace.path(of: name)
    guard FileManager.default.fileExists(atPath: path) else { return }
    do {
      try FileManager.default.removeItem(atPath: path)
      try synchronizeFolder(of: path)
    } catch {
      throw writeFailure(error, path: path)
    }
  }

  /// Writes a source's shards and rows anew from what can be read of its shards.
  private func salvage(_ source: String) throws -> String {
    struct NothingLeft: Error {}
    let index = workspace.index
    let stage = "ingest \(source)"
    let format = SourceFormat(rawValue: source)?.rawValue ?? "unknown"
    let record =
      try index.source(source) ?? SourceRecord(format: format, options: "{}", files: [])
    let rejections = try index.rejections(of: source)
    var lost = 0
    var gaps = 0
    do {
      let kept = try workspace.replaceSource(source, record: record, stage: stage) { replacement in
        var seen: Set<DocumentID> = []
        gaps = try workspace.forEachSurvivingFrame(of: source) { frames in
          try context.stop.check()
          for frame in try WorkerPool.map(frames, { $0.documents(of: source) }) {
            lost += frame.lost
            for document in frame.kept where seen.insert(document.id).inserted {
              try replacement.append(document)
            }
          }
          context.progress(
            StageProgress(
              stage: "repair \(source)",
              completed: replacement.documents,
              total: nil,
              unit: "documents"
            )
          )
        }
        guard replacement.documents > 0 else { throw NothingLeft() }
        for rejection in rejections { try replacement.append(rejection) }
        return replacement.documents
      }
      return "\(kept) documents kept, \(gaps) damaged places, \(lost) lines that are no documents"
    } catch is NothingLeft {
      try index.strike(stage, rows: (.source, source))
      for name in try FileManager.default.contentsOfDirectory(atPath: workspace.path(of: "shards"))
      where sourceName(ofShard: name) == source {
        try remove("shards/" + name)
      }
      return "nothing of it can be read any more"
    }
  }
}
