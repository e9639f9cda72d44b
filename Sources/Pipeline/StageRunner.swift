// How a stage decides whether to run: the ledger.
//
// A stage is done when the ledger holds its name with the same fingerprint (inputs, settings and
// version hashed together) and everything it wrote is still there.

import Documents
import Files
import Foundation
import Storage

/// What decides whether a stage must run, hashed into its fingerprint.
struct StageIdentity {
  /// The stage with its object, such as `ingest childes`.
  let name: String
  /// The version of the stage's own code; raised whenever the same inputs would give other outputs.
  let version: Int
  /// The fingerprints of what the stage reads, in a fixed order.
  let inputs: [String]
  /// The settings as JSON with sorted keys.
  let settings: String

  /// The SHA-256 over all of it.
  var fingerprint: String {
    let parts = [name, "\(version)"] + inputs + [settings]
    return SHA256.hash(parts.map { "\($0.utf8.count):\($0)" }.joined()).description
  }
}

extension StageContext {
  /// Runs a stage unless the ledger says that it is done.
  ///
  /// - Parameters:
  ///   - identity: What decides whether it must run.
  ///   - outputs: What it writes, relative to the workspace; asked once it has.
  ///   - body: Does the work. It calls what it is given before it touches an earlier run's outputs:
  ///     from then on the ledger does not name the stage. Whatever fails before leaves it done.
  /// - Returns: The report, with the status that applies.
  /// - Throws: What `body` throws; the stage is then not done.
  func run(
    _ identity: StageIdentity,
    outputs: @autoclosure () throws -> [String],
    _ body: (_ replacing: () throws -> Void) throws -> StageReport
  ) throws -> StageReport {
    let index = workspace.index
    let fingerprint = identity.fingerprint
    if let record = try index.stage(identity.name), record.fingerprint == fingerprint,
      record.outputs.allSatisfy({ FileManager.default.fileExists(atPath: workspace.path(of: $0)) }),
      var report = try? JSONDecoder().decode(StageReport.self, from: Data(record.report.utf8))
    {
      report.status = .upToDate
      return report
    }
    let clock = ContinuousClock()
    let start = clock.now
    var report = try body { try index.forgetStage(identity.name) }
    report.seconds = (clock.now - start) / .seconds(1)
    guard report.status == .done else { return report }
    let written = try outputs()
    try index.recordStage(
      StageRecord(
        name: identity.name,
        fingerprint: fingerprint,
        outputs: written,
        report: report.json,
        seconds: report.seconds
      ),
      files: try outputFiles(written, of: identity.name)
    )
    return report
  }

  /// The digests of what a stage wrote.
  ///
  /// Those of shards are in the index already; a run checks its checkpoints as it reads them, and its
  /// report tells times.
  private func outputFiles(_ paths: [String], of stage: String) throws -> [OutputFile] {
    try WorkerPool.map(
      paths.filter { !$0.hasPrefix("shards/") && !$0.hasPrefix("runs/") }
    ) { path in
      let digest = try digestOfFile(workspace.path(of: path))
      return OutputFile(path: path, stage: stage, bytes: digest.bytes, sha256: digest.sha256)
    }
  }

  /// The fingerprint under which the ledger holds a stage that this one reads.
  ///
  /// - Parameters:
  ///   - name: The stage with its object.
  ///   - remedy: What to do where it has not run.
  /// - Returns: The fingerprint.
  /// - Throws: ``Failure`` where the stage has not finished.
  func fingerprint(of name: String, remedy: String) throws -> String {
    guard let record = try workspace.index.stage(name) else {
      throw Failure(
        what: "the stage `\(name)` has not been done",
        place: workspace.path,
        remedy: remedy
      )
    }
    return record.fingerprint
  }
}

/// A value as one line of JSON with sorted keys: the form of fingerprints, reports and `--json`.
///
/// - Parameter value: A value without numbers that are not finite.
/// - Returns: The JSON.
package func canonicalJSON(_ value: some Encodable) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  guard let data = try? encoder.encode(value) else {
    preconditionFailure("the value holds a number that is not finite")
  }
  return String(decoding: data, as: UTF8.self)
}

/// Refuses names that could leave their folder or confuse a shell.
///
/// - Parameters:
///   - name: The name of a source, selection, tokenizer or run.
///   - kind: What it names, for the message.
/// - Throws: ``Failure`` where the name has other characters than letters, digits, `-`, `_`, `.`, or
///   looks like a name that the workspace makes up itself.
public func checkName(_ name: String, of kind: String) throws {
  let allowed = name.utf8.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
      UInt8(ascii: "."):
      true
    default: false
    }
  }
  guard allowed, !name.isEmpty, !name.hasPrefix("."), !name.hasPrefix("-"), name.utf8.count <= 100
  else {
    throw Failure(
      .usage,
      what: "`\(name)` cannot name a \(kind)",
      place: "the \(kind)'s name",
      remedy: "use letters, digits, `-`, `_` and `.`, beginning with a letter or digit"
    )
  }
  // `a--b` with `c` would share a folder of tokens with `a` and `b--c`.
  guard !name.hasSuffix(partialSuffix), !name.contains("--") else {
    throw Failure(
      .usage,
      what: "`\(name)` cannot name a \(kind): the workspace's own names have `--` and "
        + "`\(partialSuffix)`",
      place: "the \(kind)'s name",
      remedy: "choose a name without them"
    )
  }
}
