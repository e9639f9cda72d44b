// The documents that a selection chooses from: read, filtered, marked and lined up.

import Curation
import Documents
import Files
import Settings
import Storage

/// Every document of a selection's sources with its fate before any budget.
struct SelectionCandidates {
  let settings: SelectSettings
  let table: CandidateTable
  /// A document's fate, by its index in the table.
  private(set) var candidates: [Candidate] = []
  /// For each source the indices of its documents in the order in which they are taken.
  private(set) var linedUp: [[Int]] = []
  /// The documents' fates before copies are dropped.
  private var marked: [Candidate] = []
  private let columns: SelectionColumns

  /// Reads the documents.
  ///
  /// - Parameters:
  ///   - settings: What to choose; valid.
  ///   - index: The index.
  ///   - extra: Columns to read beside those that the settings name.
  ///   - check: Called now and then; what it throws ends the reading.
  /// - Throws: ``Failure`` where a filter, an order or a limit cannot be used; what `check` throws.
  init(
    _ settings: SelectSettings,
    from index: CorpusIndex,
    reading extra: [String] = [],
    check: () throws -> Void
  ) throws {
    self.settings = settings
    columns = try SelectionColumns(settings, extra: extra, known: index.corpusColumns())
    table = try index.candidates(
      settings.queries,
      values: columns.values,
      names: columns.names,
      check: check
    )
    marked = makeCandidates()
    candidates = droppingDuplicates(marked)
    try lineUp(check)
  }

  /// Each source's documents parted into splits.
  ///
  /// - Parameter isLeftOut: Documents to treat as filtered out beside those that are.
  /// - Returns: One pool a source.
  func pools(leavingOut isLeftOut: ((Int) -> Bool)? = nil) -> [SourcePool] {
    var candidates = candidates
    if let isLeftOut {
      candidates = marked
      for (index, candidate) in candidates.enumerated()
      where candidate.exclusion == nil && isLeftOut(index) {
        candidates[index] = candidate.excluded(as: .filtered)
      }
      candidates = droppingDuplicates(candidates)
    }
    return zip(settings.sources, linedUp).map { source, order in
      SourcePool(
        candidates,
        order: order,
        limit: (source.limit ?? settings.limit)?.documents,
        devShare: settings.devShare,
        testShare: settings.testShare
      )
    }
  }

  /// Puts candidates into the order in which an order takes them.
  func inOrder(_ order: TakingOrder, _ candidates: [Int]) -> [Int] {
    let rows = table.rows
    switch order {
    case .random:
      let seed = settings.seed
      return Curation.linedUp(candidates, by: { rows[$0].id.mixed(seed: seed) }, ties: <)
    case .source:
      let ordinals = table.ordinals
      return Curation.linedUp(candidates, by: { UInt64(ordinals[$0]) }, ties: <)
    case .column(let name, let descending):
      return inOrder(of: table.values[columns.value(name)], descending, candidates)
    }
  }

  /// The values of a column that was read.
  func values(of column: String) -> [ColumnValue] { table.values[columns.value(column)].values }

  /// SQLite's order: numbers before texts, reversed when descending; without a value, last.
  private func inOrder(
    of column: ColumnValues,
    _ descending: Bool,
    _ candidates: [Int]
  ) -> [Int] {
    let values = column.values
    func sorted(_ kind: ColumnValue.Kind) -> [Int] {
      Curation.linedUp(
        candidates.filter { values[$0].kind == kind },
        by: { descending ? ~values[$0].key : values[$0].key },
        ties: { left, right in
          if kind == .text, !column.textsAreEqual(left, right) {
            return column.textPrecedes(left, right) != descending
          }
          return left < right
        }
      )
    }
    let ranked = descending ? sorted(.text) + sorted(.number) : sorted(.number) + sorted(.text)
    return ranked + sorted(.null)
  }

  private func makeCandidates() -> [Candidate] {
    let verdicts = table.verdictKinds.map { verdict -> Choice.Reason? in
      switch verdict {
      case .passes: nil
      case .fails: .filtered
      case .noValue(let column): .noValue(column)
      case .noResult: .noResult
      }
    }
    let groups = settings.sources.map { source -> (codes: [Int32], groups: [Int])? in
      (source.limit ?? settings.limit).map { limit in
        let names = table.names[columns.name(limit.column)]
        return (names.codes, limit.groups(of: names.names))
      }
    }
    var candidates: [Candidate] = []
    candidates.reserveCapacity(table.rows.count)
    for (index, row) in table.rows.enumerated() {
      var exclusion = verdicts[Int(table.verdicts[index])]
      if settings.contaminated == .drop, table.contaminated[index] { exclusion = .contaminated }
      var group: Int?
      if let named = groups[Int(table.sources[index])], named.codes[index] >= 0 {
        group = named.groups[Int(named.codes[index])]
      }
      candidates.append(
        Candidate(
          id: row.id,
          words: row.words,
          splitID: table.keepers[index],
          group: group,
          exclusion: exclusion
        )
      )
    }
    return candidates
  }

  /// Leaves one document of each cluster: the keeper, or where that is not among the documents that
  /// pass, the copy of the lowest identity.
  private func droppingDuplicates(_ candidates: [Candidate]) -> [Candidate] {
    guard settings.duplicates == .drop, !table.keepers.isEmpty else { return candidates }
    var candidates = candidates
    let keepers = Set(table.keepers.values)
    var present: Set<DocumentID> = []
    for candidate in candidates
    where candidate.exclusion == nil && candidate.words > 0 && keepers.contains(candidate.id) {
      present.insert(candidate.id)
    }
    for index in table.keepers.keys.sorted() {
      let candidate = candidates[index]
      guard candidate.exclusion == nil, candidate.words > 0 else { continue }
      guard !present.insert(candidate.splitID).inserted else { continue }
      candidates[index] = candidate.excluded(as: .duplicate)
    }
    return candidates
  }

  private mutating func lineUp(_ check: () throws -> Void) throws {
    var members = [[Int]](repeating: [], count: settings.sources.count)
    for (index, source) in table.sources.enumerated() { members[Int(source)].append(index) }
    for (source, members) in zip(settings.sources, members) {
      try check()
      linedUp.append(inOrder(source.order ?? settings.order, members))
    }
  }
}

extension Candidate {
  /// The candidate with a reason to be out.
  fileprivate func excluded(as reason: Choice.Reason) -> Candidate {
    Candidate(id: id, words: words, splitID: splitID, group: group, exclusion: reason)
  }
}

extension SelectSettings {
  /// The columns of `corpus` that decide what is chosen: those of filters, orders and limits.
  ///
  /// - Parameter index: The index.
  /// - Returns: The names, some of them more than once.
  /// - Throws: ``Failure`` where a filter cannot be used.
  func columns(in index: CorpusIndex) throws -> [String] {
    let orders = [order] + sources.compactMap(\.order)
    let limits = [limit] + sources.map(\.limit)
    return try orders.compactMap(\.column) + limits.compactMap(\.?.column)
      + index.columns(ofFilters: queries)
  }

  /// What is asked of the index for each source.
  var queries: [CandidateQuery] {
    sources.map { source in
      CandidateQuery(
        source: source.name,
        filter: source.filter ?? filter,
        place: "source `\(source.name)` of the selection `\(name)`"
      )
    }
  }
}

/// The columns that a selection reads beside those that every selection needs.
private struct SelectionColumns {
  private(set) var values: [String] = []
  private(set) var names: [String] = []

  init(_ settings: SelectSettings, extra: [String], known: [String]) throws {
    let place = "the selection `\(settings.name)`"
    func check(_ column: String, _ key: String) throws {
      guard !known.contains(where: { $0.lowercased() == column.lowercased() }) else { return }
      throw Failure(
        .usage,
        what: "\(key) names the column `\(column)`, which `corpus` does not have",
        place: place,
        remedy: nearestName(to: column, among: known).map { "did you mean `\($0)`?" }
          ?? "its columns are: \(known.joined(separator: ", "))"
      )
    }
    for order in [settings.order] + settings.sources.compactMap(\.order) {
      guard let column = order.column else { continue }
      try check(column, "`order`")
      if !values.contains(column) { values.append(column) }
    }
    for column in extra where !values.contains(column) {
      try check(column, "`by`")
      values.append(column)
    }
    for limit in [settings.limit] + settings.sources.map(\.limit) {
      guard let column = limit?.column else { continue }
      try check(column, "`limit`")
      if !names.contains(column) { names.append(column) }
    }
  }

  /// The place of a column that is compared by.
  func value(_ column: String) -> Int {
    guard let index = values.firstIndex(of: column) else { preconditionFailure("a column is read") }
    return index
  }

  /// The place of a column that is grouped by.
  func name(_ column: String) -> Int {
    guard let index = names.firstIndex(of: column) else { preconditionFailure("a column is read") }
    return index
  }
}
