// Choosing documents of one source under a word budget: pure, exact, and independent of input order.
//
// Texts are not here; where the last document must be cut, the caller is asked for its text.

public import Documents

/// How many words a corpus takes of a source.
public struct SourceBudget: Sendable, Equatable {
  /// The words of the train split: reached to within one sentence, never passed; `nil` takes all.
  public var words: Int?
  /// The words of the dev split, outside the budget; reached with whole documents.
  public var devWords: Int
  /// The words of the test split, outside the budget; reached with whole documents.
  public var testWords: Int

  /// Creates a budget.
  ///
  /// - Parameters:
  ///   - words: The words of the train split, or `nil` for all.
  ///   - devWords: The words of the dev split.
  ///   - testWords: The words of the test split.
  public init(words: Int?, devWords: Int, testWords: Int = 0) {
    self.words = words
    self.devWords = devWords
    self.testWords = testWords
  }
}

/// What selection knows of a document.
public struct Candidate: Sendable, Equatable {
  /// The identity.
  public let id: DocumentID
  /// The words of the whole text.
  public let words: Int
  /// The identity that decides the split: the keeper's for a document that is a copy.
  public let splitID: DocumentID
  /// The group that a limit counts, or `nil`.
  public let group: Int?
  /// Why the document is out whatever the budget, or `nil`.
  public let exclusion: Choice.Reason?

  /// Creates a candidate.
  ///
  /// - Parameters:
  ///   - id: The identity.
  ///   - words: The words of the whole text.
  ///   - splitID: The identity that decides the split (default: its own).
  ///   - group: The group that a limit counts, or `nil`.
  ///   - exclusion: Why the document is out whatever the budget, or `nil`.
  public init(
    id: DocumentID,
    words: Int,
    splitID: DocumentID? = nil,
    group: Int? = nil,
    exclusion: Choice.Reason? = nil
  ) {
    self.id = id
    self.words = words
    self.splitID = splitID ?? id
    self.group = group
    self.exclusion = exclusion
  }
}

/// What became of a candidate.
public struct Choice: Sendable, Equatable {
  /// Why a document is in or out.
  public enum Reason: Sendable, Hashable, CustomStringConvertible {
    case train
    case trainCut
    case dev
    case test
    case overBudget
    case overDev
    case overTest
    case overLimit
    case filtered
    case noValue(String)
    case noResult
    case duplicate
    case contaminated
    case empty

    /// The reason as the index holds it.
    public var description: String {
      switch self {
      case .train: "in: train"
      case .trainCut: "in: train, cut at the end of the budget"
      case .dev: "in: dev"
      case .test: "in: test"
      case .overBudget: "out: the budget is met"
      case .overDev: "out: held back for dev, which is full"
      case .overTest: "out: held back for test, which is full"
      case .overLimit: "out: the limit of its group"
      case .filtered: "out: the filter"
      case .noValue(let column): "out: no value: \(column)"
      case .noResult: "out: the filter gives no value"
      case .duplicate: "out: a duplicate"
      case .contaminated: "out: contaminated"
      case .empty: "out: no words"
      }
    }
  }

  /// The index of the candidate.
  public let candidate: Int
  /// Why it is in or out.
  public let reason: Reason
  /// The words kept.
  public let words: Int
  /// The bytes kept where the document is cut, else `nil`.
  public let cutBytes: Int?

  /// The split, or `nil` where the document is out.
  public var split: Split? {
    switch reason {
    case .train, .trainCut: .train
    case .dev: .dev
    case .test: .test
    default: nil
    }
  }
}

/// The choice from one source.
public struct SourceChoice: Sendable, Equatable {
  /// One choice a candidate: each split's in the order in which they were taken, then the rest.
  public let choices: [Choice]
  /// The words of the train split.
  public let trainWords: Int
}

/// A source that has fewer words than its budget asks for.
public struct ShortSource: Error, Sendable, Equatable {
  /// The words that the train split could have.
  public let available: Int

  /// Creates the error.
  ///
  /// - Parameter available: The words that the train split could have.
  public init(available: Int) {
    self.available = available
  }
}

/// The documents of one source in the order in which they are taken, parted into splits.
///
/// Documents that ``Split`` assigns to dev or test are never trained on, whatever the budget.
public struct SourcePool: Sendable {
  private let candidates: [Candidate]
  /// For each split the documents that it could take, in order.
  private let taken: (train: [Int], dev: [Int], test: [Int])
  private var out: [Choice] = []
  /// The words that the train split can have at most.
  public private(set) var trainWords = 0
  /// The words of all candidates that could be taken into some split.
  public private(set) var words = 0

  /// Parts candidates into splits and applies the limit of groups.
  ///
  /// - Parameters:
  ///   - candidates: The source's documents, which are asked for by their indices.
  ///   - order: The indices in the order in which documents are taken.
  ///   - limit: The most documents of one group in each split, or `nil`.
  ///   - devShare: The share of documents held back for dev.
  ///   - testShare: The share of documents held back for test.
  public init(
    _ candidates: [Candidate],
    order: [Int],
    limit: Int? = nil,
    devShare: Double,
    testShare: Double = 0
  ) {
    self.candidates = candidates
    var taken: (train: [Int], dev: [Int], test: [Int]) = ([], [], [])
    var counts: [Split: [Int: Int]] = [:]
    for index in order {
      let candidate = candidates[index]
      if let reason = candidate.words == 0 ? .empty : candidate.exclusion {
        out.append(Choice(candidate: index, reason: reason, words: 0, cutBytes: nil))
        continue
      }
      let split = Split(id: candidate.splitID, devShare: devShare, testShare: testShare)
      if let limit, let group = candidate.group {
        let count = counts[split, default: [:]][group, default: 0]
        guard count < limit else {
          out.append(Choice(candidate: index, reason: .overLimit, words: 0, cutBytes: nil))
          continue
        }
        counts[split, default: [:]][group] = count + 1
      }
      words += candidate.words
      switch split {
      case .train:
        taken.train.append(index)
        trainWords += candidate.words
      case .dev: taken.dev.append(index)
      case .test: taken.test.append(index)
      }
    }
    self.taken = taken
  }

  /// Chooses documents under the budget.
  ///
  /// Documents of train are taken in order until the next would pass the budget; that one is cut
  /// behind its last sentence or utterance that fits, and nothing is taken after it. Its next
  /// sentence would have passed the budget, so `words − (longest sentence) < chosen ≤ words`, also
  /// where not even its first sentence fits.
  ///
  /// - Parameters:
  ///   - budget: The words wanted.
  ///   - text: Gives the UTF-8 text of a candidate by its index.
  /// - Returns: What became of each candidate.
  /// - Throws: ``ShortSource`` where the source has too few words; what `text` throws.
  /// - Complexity: Linear in the candidates, and in the one text that is cut.
  public func choose(
    _ budget: SourceBudget,
    text: (Int) throws -> [UInt8]
  ) throws -> SourceChoice {
    if let wanted = budget.words, wanted > trainWords {
      throw ShortSource(available: trainWords)
    }
    var choices: [Choice] = []
    choices.reserveCapacity(candidates.count)
    var room = budget.words ?? trainWords
    var isFull = false
    for index in taken.train {
      let words = candidates[index].words
      if !isFull, words <= room {
        room -= words
        choices.append(Choice(candidate: index, reason: .train, words: words, cutBytes: nil))
        continue
      }
      let bytes = !isFull && room > 0 ? try text(index) : []
      isFull = true
      let prefix = TextCut.prefix(of: bytes.span, words: room)
      guard prefix.words > 0 else {
        choices.append(Choice(candidate: index, reason: .overBudget, words: 0, cutBytes: nil))
        continue
      }
      room -= prefix.words
      choices.append(
        Choice(
          candidate: index,
          reason: .trainCut,
          words: prefix.words,
          cutBytes: prefix.bytes
        )
      )
    }
    let trained = (budget.words ?? trainWords) - room
    hold(taken.dev, budget.devWords, as: .dev, orOut: .overDev, in: &choices)
    hold(taken.test, budget.testWords, as: .test, orOut: .overTest, in: &choices)
    return SourceChoice(choices: choices + out, trainWords: trained)
  }

  /// Takes whole documents until there are enough words.
  private func hold(
    _ documents: [Int],
    _ wanted: Int,
    as held: Choice.Reason,
    orOut full: Choice.Reason,
    in choices: inout [Choice]
  ) {
    var words = 0
    for index in documents {
      let fits = words < wanted
      let kept = fits ? candidates[index].words : 0
      words += kept
      choices.append(
        Choice(candidate: index, reason: fits ? held : full, words: kept, cutBytes: nil)
      )
    }
  }
}
