// What a selection's folder says of itself to programs: every file, every source, every setting.

import Documents
import Files
import Foundation
import Storage

/// A source as a selection publishes it.
struct PublishedSource: Sendable {
  let name: String
  let record: SourceRecord
  let labels: PublicLabels

  /// Looks a source up.
  ///
  /// - Parameters:
  ///   - name: The source's name.
  ///   - settings: The selection's settings.
  ///   - context: Where to look.
  /// - Throws: ``Failure`` where the workspace does not hold the source, or a label is none.
  init(_ name: String, _ settings: SelectSettings, _ context: StageContext) throws {
    guard let record = try context.workspace.index.source(name) else {
      throw Failure(
        what: "the workspace does not hold the source",
        place: "source `\(name)` of the selection `\(settings.name)`",
        remedy: "run `blalm ingest` for it, or take it out of the selection"
      )
    }
    let labels = settings.output.labels[name] ?? OutputSettings.Labels()
    try labels.validate(at: "source `\(name)` of the selection `\(settings.name)`")
    let format = try SourceFormat(named: record.format, place: context.workspace.path)
    self.name = name
    self.record = record
    self.labels = PublicLabels(
      category: labels.category ?? format.category,
      source: name,
      language: labels.language,
      script: labels.script
    )
  }
}

/// The manifest of a selection.
struct SelectionManifest: Encodable {
  /// A file of the folder.
  struct File: Encodable {
    let file: String
    /// The source of a plain text.
    let source: String?
    let split: Split?
    let documents: Int?
    let words: Int?
    let bytes: Int
    let sha256: String
  }

  /// A source: what it was read from and what was taken of it.
  struct Source: Encodable {
    let name: String
    let format: String
    let options: MetadataValue
    let inputs: [SourceRecord.File]
    let category: String
    let language: String
    let script: String
    /// The words taken, by licence.
    let licenses: [String: Int]
  }

  /// The documents, words and bytes of a split, without what separates documents.
  struct Sums: Encodable {
    var documents = 0
    var words = 0
  }

  let format = "blalm selection 2"
  let blalm = blalmVersion
  let selection: SelectSettings
  let splits: [String: Sums]
  let sources: [Source]
  /// The words taken, by licence.
  let licenses: [String: Int]
  /// The judges whose scores decide what is in, if any does.
  let judges: [JudgeUse]?
  /// Steps of a published recipe that this corpus leaves out.
  let notDone: [String]
  private(set) var files: [File]

  /// Sums up a selection.
  ///
  /// - Parameters:
  ///   - settings: Its settings.
  ///   - sources: Its sources.
  ///   - files: Its files of text.
  ///   - licenses: Words by licence, for each source.
  ///   - judges: The judges whose scores decide what is in.
  init(
    selection settings: SelectSettings,
    sources: [PublishedSource],
    files: [File],
    licenses: [[String: Int]],
    judges: [JudgeUse]
  ) {
    self.judges = judges.isEmpty ? nil : judges
    selection = settings
    notDone = settings.output.notDone
    self.files = files
    self.sources = zip(sources, licenses).map { source, licenses in
      Source(
        name: source.name,
        format: source.record.format,
        options: parsed(source.record.options),
        inputs: source.record.files,
        category: source.labels.category,
        language: source.labels.language,
        script: source.labels.script,
        licenses: licenses
      )
    }
    self.licenses = licenses.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
    var splits: [String: Sums] = [:]
    for file in files where file.source == nil {
      guard let split = file.split else { continue }
      splits[split.rawValue] = Sums(documents: file.documents ?? 0, words: file.words ?? 0)
    }
    self.splits = splits
  }

  /// Adds the dataset card to the files.
  mutating func add(card: [UInt8]) {
    files.append(
      File(
        file: "README.md",
        source: nil,
        split: nil,
        documents: nil,
        words: nil,
        bytes: card.count,
        sha256: SHA256.hash(card).description
      )
    )
  }

  /// The manifest for people and programs: indented JSON with sorted keys.
  var json: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else {
      preconditionFailure("the manifest holds a number that is not finite")
    }
    return Array(data) + [UInt8(ascii: "\n")]
  }
}

/// A JSON text as a value; the index has checked that it is JSON.
private func parsed(_ json: String) -> MetadataValue {
  (try? JSONDecoder().decode(MetadataValue.self, from: Data(json.utf8))) ?? .object([:])
}
