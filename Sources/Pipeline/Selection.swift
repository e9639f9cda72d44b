// What a selection has chosen, in the order in which it will be trained on.

import Curation
import Documents
import Storage

/// The documents chosen from all sources, in the order in which they will be trained on.
struct Selection {
  /// A document that is in.
  struct Entry {
    let row: CandidateRow
    let choice: Choice
    let keptBytes: Int
  }

  let settings: SelectSettings
  /// Each source's words of train, with what others gave or took; `nil` where all are taken.
  let budgets: [Int?]
  private let documents: SelectionCandidates
  private var chosen: [Split: [Entry]] = [:]
  private var out: [Choice] = []

  /// Chooses nothing yet.
  ///
  /// - Parameters:
  ///   - documents: What is chosen from.
  ///   - budgets: Each source's words of train.
  init(from documents: SelectionCandidates, budgets: [Int?]) {
    settings = documents.settings
    self.documents = documents
    self.budgets = budgets
  }

  /// All documents looked at.
  var candidates: Int { documents.table.rows.count }

  /// The documents of a split, in order.
  ///
  /// - Parameter split: The split.
  subscript(split: Split) -> [Entry] { chosen[split] ?? [] }

  /// Takes up what was chosen from one source.
  ///
  /// - Parameter choice: The choice, by the candidates' indices.
  mutating func add(_ choice: SourceChoice) {
    for choice in choice.choices {
      guard let split = choice.split else {
        out.append(choice)
        continue
      }
      let row = documents.table.rows[choice.candidate]
      chosen[split, default: []].append(
        Entry(row: row, choice: choice, keptBytes: choice.cutBytes ?? row.bytes)
      )
    }
  }

  /// Mixes the sources in the selection's order; in the order of sources, one follows the other.
  mutating func arrange() {
    guard settings.order != .source else { return }
    chosen = chosen.mapValues { entries in
      let places = Dictionary(
        uniqueKeysWithValues: entries.enumerated().map { ($1.choice.candidate, $0) }
      )
      return documents.inOrder(settings.order, entries.map(\.choice.candidate)).compactMap {
        places[$0].map { entries[$0] }
      }
    }
  }

  /// The index's rows, one a document, in the order of the identities.
  var rows: [SelectionRow] {
    var rows = documents.table.rows.map { row in
      SelectionRow(id: row.id, split: nil, position: nil, words: 0, bytes: 0, reason: "")
    }
    for (split, entries) in chosen {
      for (position, entry) in entries.enumerated() {
        let index = entry.choice.candidate
        rows[index].split = split
        rows[index].position = position
        rows[index].words = entry.choice.words
        rows[index].bytes = entry.keptBytes
        rows[index].reason = entry.choice.reason.description
      }
    }
    for choice in out { rows[choice.candidate].reason = choice.reason.description }
    return rows
  }

  /// How many documents are out, by reason.
  ///
  /// - Parameter source: The index of a source, or `nil` for all.
  /// - Returns: The numbers.
  func reasons(source: Int? = nil) -> [String: Int] {
    var counts: [Choice.Reason: Int] = [:]
    let sources = documents.table.sources
    for choice in out where source == nil || Int(sources[choice.candidate]) == source {
      counts[choice.reason, default: 0] += 1
    }
    return Dictionary(uniqueKeysWithValues: counts.map { ($0.description, $1) })
  }

  /// The words of a split of a source.
  ///
  /// - Parameters:
  ///   - split: The split.
  ///   - source: The index of a source.
  /// - Returns: The number of words.
  func words(_ split: Split, source: Int) -> Int {
    self[split].lazy.filter { Int(documents.table.sources[$0.choice.candidate]) == source }
      .reduce(0) { $0 + $1.choice.words }
  }

  /// What the stage has to say.
  ///
  /// - Parameter stage: The stage with its object.
  /// - Returns: The report.
  func report(stage: String) -> StageReport {
    func words(_ split: Split) -> Int { self[split].reduce(0) { $0 + $1.choice.words } }
    var perSource: [String: MetadataValue] = [:]
    for (index, source) in settings.sources.enumerated() {
      var figures: [String: MetadataValue] = [:]
      for split in Split.allCases where split != .test || settings.testShare > 0 {
        figures["\(split.rawValue)Words"] = .integer(self.words(split, source: index))
      }
      perSource[source.name] = .object(figures)
    }
    var details: [String: MetadataValue] = [
      "devWords": .integer(words(.dev)), "sources": .object(perSource),
    ]
    if settings.testShare > 0 { details["testWords"] = .integer(words(.test)) }
    var warnings: [String] = []
    for (split, share) in [(Split.dev, settings.devShare), (.test, settings.testShare)]
    where share > 0 && self[split].isEmpty {
      warnings.append(
        "no document falls to \(split.rawValue): raise \(split.rawValue)Share, or no perplexity can "
          + "be measured"
      )
    }
    describeShortfall(in: &details, &warnings)
    if !warnings.isEmpty { details["warnings"] = .list(warnings.map { .text($0) }) }
    return StageReport(
      stage: stage,
      input: candidates,
      output: candidates - out.count,
      rejected: reasons(),
      words: words(.train),
      details: details
    )
  }

  /// Says whose words others have given, and how many nobody had.
  private func describeShortfall(
    in details: inout [String: MetadataValue],
    _ warnings: inout [String]
  ) {
    var moved: [String: MetadataValue] = [:]
    var missing = 0
    for (index, wanted) in settings.wantedWords.enumerated() {
      guard let wanted, let budget = budgets[index], wanted != budget else { continue }
      moved[settings.sources[index].name] = .integer(budget - wanted)
      missing += wanted - budget
    }
    guard !moved.isEmpty else { return }
    details["moved"] = .object(moved)
    guard missing > 0 else { return }
    details["missing"] = .integer(missing)
    warnings.append("\(missing) words are missing, and no source has more")
  }
}
