// Documents that hold texts of evaluation files are marked with what they hit.
//
// Nothing is removed: a selection decides what to do with them.

public import Curation
import Documents
import Files
import Foundation
import Ingestion
package import Settings
import Storage

/// Which evaluation files to look for, and what counts.
public struct DecontaminateSettings: Sendable, Equatable {
  /// Evaluation files, zips and folders of them.
  public var paths: [String]
  /// The JSON fields whose strings are looked for; all where it is empty.
  public var fields: [String]
  /// What counts as an overlap.
  public var overlap: OverlapSettings

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - paths: Evaluation files, zips and folders of them.
  ///   - fields: The JSON fields whose strings are looked for, or none for all.
  ///   - overlap: What counts as an overlap.
  public init(
    paths: [String],
    fields: [String] = [],
    overlap: OverlapSettings = OverlapSettings()
  ) {
    self.paths = paths
    self.fields = fields
    self.overlap = overlap
  }

  /// Reads a recipe's `decontaminate`.
  ///
  /// - Parameters:
  ///   - setting: The YAML.
  ///   - folder: What relative paths start from.
  /// - Throws: ``Failure`` with the line of what cannot be understood or cannot work.
  package init(yaml setting: Setting, folder: String) throws {
    let (paths, withoutPaths) = try setting.splitting(off: "paths")
    let (fields, rest) = try withoutPaths.splitting(off: "fields")
    guard let paths else {
      throw Failure(
        .usage,
        what: "the key `paths` is missing",
        place: setting.place,
        remedy: "name the evaluation files with `paths:`"
      )
    }
    self.init(
      paths: try paths.texts().map { $0.hasPrefix("/") ? $0 : folder + "/" + $0 },
      fields: try fields?.texts() ?? [],
      overlap: try rest.decode(over: OverlapSettings())
    )
    try validate(place: setting.place)
  }

  /// Checks the ranges.
  ///
  /// - Parameter place: Where the settings stand, for the message.
  /// - Throws: ``Failure`` that names the first setting out of range.
  public func validate(place: String) throws {
    guard let fault = overlap.fault else { return }
    throw Failure(
      .usage,
      what: "`\(fault.field)` is out of range",
      place: place,
      remedy: "give \(fault.range)"
    )
  }
}

extension StageContext {
  /// The ledger's name of the stage.
  private static let decontamination = "decontaminate"

  /// Marks every document that holds a sentence or a run of words of an evaluation file.
  ///
  /// - Parameter settings: Which evaluation files, and what counts.
  /// - Returns: The report: documents looked at, documents marked, their words, and for each
  ///   evaluation file that was found its documents, words and hits.
  /// - Throws: ``Failure`` where an evaluation file cannot be read or holds nothing to look for,
  ///   where the workspace has no source, or a shard is damaged; ``Interrupted``.
  public func decontaminate(_ settings: DecontaminateSettings) throws -> StageReport {
    try settings.validate(place: "decontaminate")
    let files = try evaluationFiles(settings.paths)
    let (sources, fingerprints) = try ingestedSources()
    let digests = try files.map { file in
      try stop.check()
      return "\(file.name)=\(try workspace.index.digest(ofInput: file.path))"
    }
    let name = StageContext.decontamination
    let identity = StageIdentity(
      name: name,
      version: 1,
      inputs: fingerprints + digests.sorted(),
      settings: canonicalJSON(settings.overlap) + canonicalJSON(settings.fields)
    )
    return try run(identity, outputs: []) { replacing in
      let evaluations = try readEvaluations(files, settings)
      var rows: [ContaminationRow] = []
      var documents = 0
      for source in sources {
        try forEachFrame(
          of: source,
          { frame in overlapRows(of: try frame.texts(), with: evaluations) }
        ) { result in
          rows += result.rows
          documents += result.documents
          progress(
            StageProgress(
              stage: name,
              completed: documents,
              total: nil,
              unit: "documents",
              note: source
            )
          )
        }
      }
      try replacing()
      try workspace.index.replaceContamination(rows)
      return try report(
        documents: documents,
        evaluations: evaluations,
        sources: StageContext.digest(of: fingerprints)
      )
    }
  }

  /// The fingerprint of the decontamination, for the stages that read it.
  ///
  /// - Returns: The fingerprint, or `nil` where it has never been done.
  /// - Throws: ``Failure`` where sources have been read since.
  package func fingerprintOfDecontamination() throws -> String? {
    guard let record = try workspace.index.stage(StageContext.decontamination) else { return nil }
    let report = try? JSONDecoder().decode(StageReport.self, from: Data(record.report.utf8))
    guard let report, case .text(let digest) = report.details["sourcesDigest"],
      try digest == StageContext.digest(of: ingestedSources().fingerprints)
    else {
      throw Failure(
        what: "the decontamination is older than its sources",
        place: workspace.path,
        remedy: "run `blalm decontaminate` again"
      )
    }
    return record.fingerprint
  }

  private static func digest(of fingerprints: [String]) -> String {
    SHA256.hash(fingerprints.joined(separator: "\n")).description
  }

  /// The workspace's sources by name, each with the fingerprint under which it was read.
  func ingestedSources() throws -> (names: [String], fingerprints: [String]) {
    let names = try workspace.index.sourceSummaries().map(\.name)
    guard !names.isEmpty else {
      throw Failure(
        what: "the workspace has no source",
        place: workspace.path,
        remedy: "run `blalm ingest` first"
      )
    }
    return (
      names,
      try names.map { try fingerprint(of: "ingest \($0)", remedy: "run `blalm ingest` for it") }
    )
  }

  private func evaluationFiles(_ paths: [String]) throws -> [InputFile] {
    var files: [InputFile] = []
    var known: [String: String] = [:]
    for path in paths {
      for file in try InputFile.files(at: path, extensions: EvaluationReader.extensions) {
        guard let other = known.updateValue(file.path, forKey: file.name) else {
          files.append(file)
          continue
        }
        guard other != file.path else { continue }
        throw Failure(
          what: "this file and `\(other)` are both known as `\(file.name)`",
          place: file.path,
          remedy: "give the folder that holds both, or rename one"
        )
      }
    }
    guard !files.isEmpty else {
      throw Failure(
        .usage,
        what: "no evaluation file is named",
        place: "decontaminate",
        remedy: "name at least one"
      )
    }
    return files
  }

  private func readEvaluations(
    _ files: [InputFile],
    _ settings: DecontaminateSettings
  ) throws -> Evaluations {
    var evaluations = Evaluations(finder: OverlapFinder(settings.overlap))
    let reader = EvaluationReader(fields: settings.fields)
    for file in files {
      try stop.check()
      try reader.forEachText(in: file) { name, text in
        try stop.check()
        evaluations.add(text, of: name)
      }
    }
    guard evaluations.texts > evaluations.tooShort else {
      let fields = settings.fields.isEmpty ? "" : " in the fields named"
      throw Failure(
        what: "nothing to look for: of \(evaluations.texts) texts\(fields) none is long enough",
        place: settings.paths.joined(separator: ", "),
        remedy: "check that these are evaluation files, the fields, and the minimum of words"
      )
    }
    return evaluations
  }

  private func report(
    documents: Int,
    evaluations: Evaluations,
    sources: String
  ) throws -> StageReport {
    let marked = try workspace.index.contaminatedDocuments()
    var found: [String: MetadataValue] = [:]
    for summary in try workspace.index.contaminationSummaries() {
      found[summary.evaluation] = .object([
        "documents": .integer(summary.documents), "words": .integer(summary.words),
        "hits": .integer(summary.hits),
      ])
    }
    return StageReport(
      stage: StageContext.decontamination,
      input: documents,
      output: marked.documents,
      words: marked.words,
      details: [
        "evaluationFiles": .integer(evaluations.names.count),
        "evaluationSentences": .integer(evaluations.finder.sentences),
        "evaluationNgrams": .integer(evaluations.finder.ngrams),
        "evaluationTextsTooShort": .integer(evaluations.tooShort),
        "found": .object(found),
        "sourcesDigest": .text(sources),
      ]
    )
  }
}

/// The texts of all evaluation files, ready to be looked for.
private struct Evaluations: Sendable {
  private(set) var finder: OverlapFinder
  /// The names of the files and zip members, by number.
  private(set) var names: [String] = []
  /// The texts that were read.
  private(set) var texts = 0
  /// The texts of which no part is long enough to be looked for.
  private(set) var tooShort = 0
  private var numbers: [String: Int] = [:]

  init(finder: OverlapFinder) {
    self.finder = finder
  }

  mutating func add(_ text: EvaluationText, of name: String) {
    let file = numbers[name] ?? names.count
    if file == names.count {
      names.append(name)
      numbers[name] = file
    }
    texts += 1
    let isLookedFor =
      switch text {
      case .item(let bytes): finder.add(item: bytes, of: file)
      case .passage(let bytes): finder.add(passage: bytes, of: file)
      }
    if !isLookedFor { tooShort += 1 }
  }
}

/// The most bytes of an example.
private let longestExample = 200

/// Looks for evaluation texts in the documents of one frame.
private func overlapRows(
  of documents: [(id: DocumentID, text: [UInt8])],
  with evaluations: Evaluations
) -> (rows: [ContaminationRow], documents: Int) {
  var rows: [ContaminationRow] = []
  var words = FoldedWords()
  for (id, text) in documents {
    words.read(text.span)
    for overlap in evaluations.finder.overlaps(in: words) {
      rows.append(
        ContaminationRow(
          document: id,
          evaluation: evaluations.names[overlap.file],
          kind: overlap.kind.rawValue,
          hits: overlap.hits,
          example: example(of: text, at: overlap.firstPlace)
        )
      )
    }
  }
  return (rows, documents.count)
}

/// A place of a text on one line, cut where it is long.
private func example(of text: [UInt8], at place: Range<Int>) -> String {
  let bytes = text[place]
  // The cut may fall inside a character.
  let kept = bytes.prefix(longestExample)
  let whole = bytes.count > longestExample ? kept.dropLast(cutLength(kept)) : kept
  let line = String(decoding: whole, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    .joined(separator: " ")
  return bytes.count > longestExample ? line + " …" : line
}

/// The bytes of a character at the end that is not there whole.
private func cutLength(_ bytes: ArraySlice<UInt8>) -> Int {
  guard let lead = bytes.lastIndex(where: { $0 & 0xc0 != 0x80 }) else { return 0 }
  let wanted = bytes[lead] >= 0xf0 ? 4 : bytes[lead] >= 0xe0 ? 3 : bytes[lead] >= 0xc0 ? 2 : 1
  let found = bytes.endIndex - lead
  return found < wanted ? found : 0
}
