// Documents of the workspace become a corpus of an exact number of words.

public import Curation
import Documents
import Files
import Foundation
import Storage

/// What to choose.
public struct SelectSettings: Sendable, Codable, Equatable {
  /// What to take of one source.
  public struct Source: Sendable, Codable, Equatable {
    /// The source's name in the workspace.
    public var name: String
    /// The words of the train split, or `nil` for all.
    public var words: Int?

    /// Creates the settings of a source.
    ///
    /// - Parameters:
    ///   - name: The source's name in the workspace.
    ///   - words: The words of the train split, or `nil` for all.
    public init(name: String, words: Int?) {
      self.name = name
      self.words = words
    }
  }

  /// The selection's name.
  public var name: String
  /// The sources, in the order of the manifest.
  public var sources: [Source]
  /// The order in which documents are taken and trained on.
  public var order: SourceBudget.Order
  /// The share of documents held back for dev, and the size of dev as a share of train.
  public var devShare: Double
  /// Decides the random order.
  public var seed: UInt64
  /// What the files say beside the texts.
  public var output: OutputSettings

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - name: The selection's name.
  ///   - sources: The sources.
  ///   - order: The order in which documents are taken and trained on.
  ///   - devShare: The share held back for dev, 0 ..< 1.
  ///   - seed: Decides the random order.
  ///   - output: What the files say beside the texts.
  public init(
    name: String = "main",
    sources: [Source],
    order: SourceBudget.Order = .random,
    devShare: Double = 0.05,
    seed: UInt64 = 1,
    output: OutputSettings = OutputSettings()
  ) {
    self.name = name
    self.sources = sources
    self.order = order
    self.devShare = devShare
    self.seed = seed
    self.output = output
  }
}

extension StageContext {
  /// Chooses a corpus and writes it to `selections/<name>/`.
  ///
  /// - Parameter settings: What to choose.
  /// - Returns: The report: documents in, documents chosen, the rest by reason, words of train.
  /// - Throws: ``Failure`` where a source is not in the workspace or has too few words, or where
  ///   nothing would be trained on;
  ///   ``Interrupted``.
  public func select(_ settings: SelectSettings) throws -> StageReport {
    try checkName(settings.name, of: "selection")
    try check(settings)
    let identity = try identity(of: settings)
    let name = identity.name
    let output = "selections/\(settings.name)"
    var files: [String] = []
    return try run(identity, outputs: files.map { output + "/" + $0 }) { replacing in
      let selection = try choose(settings, stage: name)
      files = try SelectionWriter(context: self, stage: name, settings: settings)
        .write(selection, to: workspace.path(of: output), replacing: replacing)
      try workspace.index.replaceSelection(
        settings.name,
        settings: canonicalJSON(settings),
        rows: selection.rows
      )
      return selection.report(stage: name)
    }
  }

  /// The fingerprint of a selection, for the stages that read it.
  ///
  /// The index finds a selection's texts by identity, so that a source that was read again under
  /// other rules would lend it other texts, cut at the old places.
  ///
  /// - Parameter name: The selection's name.
  /// - Returns: The fingerprint.
  /// - Throws: ``Failure`` where it has not been made, or from sources that have changed since.
  func fingerprint(ofSelection name: String) throws -> String {
    let recorded = try fingerprint(of: "select \(name)", remedy: "run `blalm select` first")
    let json = try workspace.index.settings(ofSelection: name) ?? ""
    let settings = try? JSONDecoder().decode(SelectSettings.self, from: Data(json.utf8))
    guard let settings, try identity(of: settings).fingerprint == recorded else {
      throw Failure(
        what: "the selection `\(name)` is older than its sources",
        place: workspace.path,
        remedy: "run `blalm select` again"
      )
    }
    return recorded
  }

  private func identity(of settings: SelectSettings) throws -> StageIdentity {
    let remedy = "run `blalm ingest` for it, or take it out of the selection"
    return StageIdentity(
      name: "select \(settings.name)",
      version: 2,
      inputs: try settings.sources.map {
        try fingerprint(of: "ingest \($0.name)", remedy: remedy)
      },
      settings: canonicalJSON(settings)
    )
  }

  private func check(_ settings: SelectSettings) throws {
    let place = "the selection `\(settings.name)`"
    guard !settings.sources.isEmpty else {
      throw Failure(.usage, what: "no source is named", place: place, remedy: "name at least one")
    }
    guard settings.devShare >= 0, settings.devShare < 1 else {
      throw Failure(
        .usage,
        what: "devShare \(settings.devShare) is no share",
        place: place,
        remedy: "give a number from 0 to below 1"
      )
    }
    var names: Set<String> = []
    for source in settings.sources {
      guard names.insert(source.name).inserted else {
        throw Failure(
          .usage,
          what: "the source `\(source.name)` is named twice",
          place: place,
          remedy: "name it once"
        )
      }
      guard source.words ?? 1 > 0 else {
        throw Failure(
          .usage,
          what: "\(source.words ?? 0) words of `\(source.name)` are wanted",
          place: place,
          remedy: "give a number above 0, or leave the source out"
        )
      }
    }
  }

  private func choose(_ settings: SelectSettings, stage: String) throws -> Selection {
    var selection = Selection(settings: settings)
    var reader = ShardReader(workspace)
    for source in settings.sources {
      try stop.check()
      let rows = try workspace.index.candidates(of: source.name)
      let available = rows.reduce(0) { $0 + $1.words }
      let devWords = Int(Double(source.words ?? available) * settings.devShare)
      do {
        let choice = try Curation.choose(
          from: rows.map { Candidate(id: $0.id, words: $0.words) },
          budget: SourceBudget(words: source.words, devWords: devWords, order: settings.order),
          devShare: settings.devShare,
          seed: settings.seed
        ) { Array(try reader.document(rows[$0].id, at: rows[$0].place).text.utf8) }
        selection.add(choice, rows: rows)
      } catch let short as ShortSource {
        throw Failure(
          what: "\(source.words ?? 0) words are wanted, but the source has \(short.available) "
            + "to train on",
          place: "source `\(source.name)` of the selection `\(settings.name)`",
          remedy: "lower its words to at most \(short.available), lower devShare, or ingest more"
        )
      }
      progress(
        StageProgress(
          stage: stage,
          completed: selection.candidates,
          total: nil,
          unit: "documents",
          note: source.name
        )
      )
    }
    guard !selection[.train].isEmpty else {
      throw Failure(
        what:
          "no document is left to train on: \(selection.candidates) are held back for dev, or no "
          + "sentence of theirs fits the words wanted",
        place: "the selection `\(settings.name)`",
        remedy: "raise the words wanted, lower devShare, or ingest more"
      )
    }
    selection.arrange()
    return selection
  }
}

/// The documents chosen from all sources, in the order in which they will be trained on.
struct Selection {
  /// A document in or out.
  struct Entry {
    let row: CandidateRow
    let choice: Choice
    let keptBytes: Int
  }

  let settings: SelectSettings
  private var chosen: [Split: [Entry]] = [:]
  private var out: [Entry] = []

  init(settings: SelectSettings) {
    self.settings = settings
  }

  /// All documents looked at.
  var candidates: Int { chosen.values.reduce(out.count) { $0 + $1.count } }

  /// The documents of a split, in order.
  ///
  /// - Parameter split: The split.
  subscript(split: Split) -> [Entry] { chosen[split] ?? [] }

  mutating func add(_ choice: SourceChoice, rows: [CandidateRow]) {
    for choice in choice.choices {
      let row = rows[choice.candidate]
      let bytes = choice.split == nil ? 0 : choice.cutBytes ?? row.bytes
      let entry = Entry(row: row, choice: choice, keptBytes: bytes)
      if let split = choice.split {
        chosen[split, default: []].append(entry)
      } else {
        out.append(entry)
      }
    }
  }

  /// Mixes the sources: in the random order by identity alone, else source after source.
  mutating func arrange() {
    guard settings.order == .random else { return }
    let seed = settings.seed
    chosen = chosen.mapValues { entries in
      entries.map { ($0.row.id.mixed(seed: seed), $0) }
        .sorted { ($0.0, $0.1.row.id) < ($1.0, $1.1.row.id) }.map(\.1)
    }
  }

  /// The index's rows.
  var rows: [SelectionRow] {
    func row(_ entry: Entry, _ position: Int?) -> SelectionRow {
      SelectionRow(
        id: entry.row.id,
        split: entry.choice.split,
        position: position,
        words: entry.choice.words,
        bytes: entry.keptBytes,
        reason: entry.choice.reason.rawValue
      )
    }
    return Split.allCases.flatMap { self[$0].enumerated().map { row($1, $0) } }
      + out.map { row($0, nil) }
  }

  func report(stage: String) -> StageReport {
    var reasons: [String: Int] = [:]
    for entry in out { reasons[entry.choice.reason.rawValue, default: 0] += 1 }
    var perSource: [String: MetadataValue] = [:]
    for source in settings.sources {
      func words(_ entries: [Entry]) -> Int {
        entries.lazy.filter { $0.row.source == source.name }.reduce(0) { $0 + $1.choice.words }
      }
      perSource[source.name] = .object([
        "trainWords": .integer(words(self[.train])), "devWords": .integer(words(self[.dev])),
      ])
    }
    var details: [String: MetadataValue] = [
      "devWords": .integer(self[.dev].reduce(0) { $0 + $1.choice.words }),
      "sources": .object(perSource),
    ]
    if settings.devShare > 0, self[.dev].isEmpty {
      details["warnings"] = .list([
        .text("no document falls to dev: raise devShare, or no perplexity can be measured")
      ])
    }
    return StageReport(
      stage: stage,
      input: candidates,
      output: candidates - out.count,
      rejected: reasons,
      words: self[.train].reduce(0) { $0 + $1.choice.words },
      details: details
    )
  }
}
