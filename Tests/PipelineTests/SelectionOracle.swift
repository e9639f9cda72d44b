import Curation
import Documents
import Pipeline

/// A slow and plain way to the same selection: strings, sorts and loops, sharing nothing with the
/// program but the identity's own functions.
struct SelectionOracle {
  let fixture: SelectionFixture
  let settings: SelectSettings
  /// A filter in Swift that says what the filter of the settings says, and its column.
  let filter: (SelectionFixture.Item) -> Bool?
  let column: String

  /// The reason of every document, and its words.
  func outcome(budgets: [String: Int]) -> [DocumentID: (reason: String, words: Int)] {
    var result: [DocumentID: (reason: String, words: Int)] = [:]
    var passing: [SelectionFixture.Item] = []
    for source in settings.sources {
      for item in fixture.items(of: source.name) {
        if item.words.isEmpty {
          result[item.document.id] = ("out: no words", 0)
        } else if let verdict = filter(item) {
          if verdict {
            passing.append(item)
          } else {
            result[item.document.id] = ("out: the filter", 0)
          }
        } else {
          result[item.document.id] = ("out: no value: \(column)", 0)
        }
      }
    }
    if settings.duplicates == .drop {
      var remaining: [SelectionFixture.Item] = []
      for item in passing {
        let cluster = item.keeper ?? item.document.id
        let members = passing.filter { ($0.keeper ?? $0.document.id) == cluster }
        let keeper = members.first { $0.keeper == nil }?.document.id
        let stays = keeper ?? members.map(\.document.id).min()
        if stays == item.document.id {
          remaining.append(item)
        } else {
          result[item.document.id] = ("out: a duplicate", 0)
        }
      }
      passing = remaining
    }
    for source in settings.sources {
      let items = passing.filter { $0.document.source == source.name }
      take(items, source, budget: budgets[source.name], into: &result)
    }
    return result
  }

  private func take(
    _ items: [SelectionFixture.Item],
    _ source: SelectSettings.Source,
    budget: Int?,
    into result: inout [DocumentID: (reason: String, words: Int)]
  ) {
    var kept: [Split: [SelectionFixture.Item]] = [:]
    for item in items.sorted(by: precedes(source.order ?? settings.order)) {
      let split = Split(
        id: item.keeper ?? item.document.id,
        devShare: settings.devShare,
        testShare: settings.testShare
      )
      if let limit = source.limit ?? settings.limit, let book = item.book,
        kept[split, default: []].filter({ $0.book == book }).count >= limit.documents
      {
        result[item.document.id] = ("out: the limit of its group", 0)
      } else {
        kept[split, default: []].append(item)
      }
    }
    let all = kept.values.joined().reduce(0) { $0 + $1.words.count }
    var room = budget ?? Int.max
    for item in kept[.train] ?? [] {
      // Sentence after sentence; a document of which some fits is in.
      var words = 0
      for sentence in SelectionOracle.sentences(of: item.document.text) {
        guard sentence <= room else {
          room = 0
          break
        }
        room -= sentence
        words += sentence
      }
      let reason =
        words == 0
        ? "out: the budget is met"
        : words == item.words.count ? "in: train" : "in: train, cut at the end of the budget"
      result[item.document.id] = (reason, words)
    }
    for (split, share) in [(Split.dev, settings.devShare), (.test, settings.testShare)] {
      let wanted = Int(Double(budget ?? all) * share)
      var words = 0
      for item in kept[split] ?? [] {
        if words < wanted {
          words += item.words.count
          result[item.document.id] = ("in: \(split.rawValue)", item.words.count)
        } else {
          result[item.document.id] = ("out: held back for \(split.rawValue), which is full", 0)
        }
      }
    }
  }

  private func precedes(
    _ order: TakingOrder
  ) -> (SelectionFixture.Item, SelectionFixture.Item) -> Bool {
    { left, right in
      let ids = left.document.id.description < right.document.id.description
      switch order {
      case .random:
        let keys = [left, right].map { $0.document.id.mixed(seed: settings.seed) }
        return keys[0] == keys[1] ? ids : keys[0] < keys[1]
      case .source: return left.ordinal < right.ordinal
      case .column(_, let descending):
        guard let a = left.score else { return right.score == nil && ids }
        guard let b = right.score else { return true }
        return a == b ? ids : (a < b) != descending
      }
    }
  }

  /// The words of each sentence or utterance of a text.
  static func sentences(of text: String) -> [Int] {
    var counts: [Int] = []
    for line in text.split(separator: "\n") {
      var words = 0
      for word in line.split(separator: " ") {
        words += 1
        var stem = word
        while let last = stem.last, "\"')]".contains(last) { stem.removeLast() }
        if let last = stem.last, ".!?\u{2026}".contains(last) {
          counts.append(words)
          words = 0
        }
      }
      if words > 0 { counts.append(words) }
    }
    return counts
  }
}
