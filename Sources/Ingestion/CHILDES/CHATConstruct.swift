/// The constructs of the main tier that are counted, so that what a policy did can be checked.

/// A construct by which an utterance differs from the text that is made of it.
package enum CHATConstruct: Int, CaseIterable, Sendable {
  case retraces
  case reformulations
  case replacements
  case repetitions
  case shortenings
  case omissions
  case actions
  case fillers
  case fragments
  case nonwords
  case events
  case otherSpeakersWords
  case unintelligible
  case pauses
  case specialForms
  case languageSwitches
  case compounds
  case prosodyMarks
  case overlaps
  case quotations
  case linkers
  case specialTerminators
  case missingTerminators
  case errorMarks
  case postcodes
  case notes
  case mediaMarks
  case unpairedQuotations

  /// Its name in reports and metadata.
  var name: String { "\(self)" }
}

/// How often each construct occurred.
struct CHATConstructCounts {
  private var counts = [Int](repeating: 0, count: CHATConstruct.allCases.count)
  private var isEmpty = true

  /// The constructs that occurred, by name.
  var byName: [String: Int] {
    var result: [String: Int] = [:]
    for construct in CHATConstruct.allCases where counts[construct.rawValue] > 0 {
      result[construct.name] = counts[construct.rawValue]
    }
    return result
  }

  mutating func add(_ construct: CHATConstruct, count: Int = 1) {
    counts[construct.rawValue] += count
    isEmpty = false
  }

  mutating func add(_ other: borrowing CHATConstructCounts) {
    guard !other.isEmpty else { return }
    isEmpty = false
    for index in counts.indices { counts[index] += other.counts[index] }
  }

  mutating func removeAll() {
    guard !isEmpty else { return }
    isEmpty = true
    for index in counts.indices { counts[index] = 0 }
  }
}
