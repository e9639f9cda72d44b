// Choosing documents under a word budget: pure, exact, and independent of input order.
//
// Texts are not here; where the last document must be cut, the caller is asked for its text.

public import Documents

/// How many words of a source a corpus takes, and how its documents are lined up.
public struct SourceBudget: Sendable, Equatable, Codable {
  /// The order in which documents are taken until the budget is met.
  public enum Order: String, Sendable, Codable, CaseIterable {
    /// A seeded order that depends on each document's identity alone.
    case random
    /// The order of the source's files.
    case source
  }

  /// The words of the train split: reached to within one sentence, never passed; `nil` takes all.
  public var words: Int?
  /// The words of the dev split, outside the budget; reached with whole documents.
  public var devWords: Int
  /// The order in which documents are taken.
  public var order: Order

  /// Creates a budget.
  ///
  /// - Parameters:
  ///   - words: The words of the train split, or `nil` for all.
  ///   - devWords: The words of the dev split.
  ///   - order: The order in which documents are taken.
  public init(words: Int?, devWords: Int, order: Order) {
    self.words = words
    self.devWords = devWords
    self.order = order
  }
}

/// What selection knows of a document.
public struct Candidate: Sendable, Equatable {
  /// The identity.
  public let id: DocumentID
  /// The words of the whole text.
  public let words: Int

  /// Creates a candidate.
  ///
  /// - Parameters:
  ///   - id: The identity.
  ///   - words: The words of the whole text.
  public init(id: DocumentID, words: Int) {
    self.id = id
    self.words = words
  }
}

/// What became of a candidate.
public struct Choice: Sendable, Equatable {
  /// Why a document is in or out.
  public enum Reason: String, Sendable, Codable, CaseIterable {
    case train = "in: train"
    case trainCut = "in: train, cut at the end of the budget"
    case dev = "in: dev"
    case overBudget = "out: the budget is met"
    case overDev = "out: held back for dev, which is full"
    case empty = "out: no words"
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
    case .overBudget, .overDev, .empty: nil
    }
  }
}

/// The choice from one source.
public struct SourceChoice: Sendable, Equatable {
  /// One choice a candidate, in the order in which they were taken.
  public let choices: [Choice]
  /// The words of the train split.
  public let trainWords: Int
  /// The words of the dev split.
  public let devWords: Int
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

/// Chooses documents of one source under its budget.
///
/// Documents that ``Split`` assigns to dev are never trained on, whatever the budget. The rest are
/// taken in order until the next would pass the budget; that one is cut behind its last sentence or
/// utterance that fits. So `words − (longest sentence) < chosen ≤ words`.
///
/// - Parameters:
///   - candidates: The source's documents in source order.
///   - budget: The words wanted and the order.
///   - devShare: The share of documents held back for dev, 0 ... 1.
///   - seed: Decides the random order.
///   - text: Gives the UTF-8 text of a candidate by its index.
/// - Returns: What became of each candidate.
/// - Throws: ``ShortSource`` where the source has too few words; what `text` throws.
/// - Complexity: O(n log n) in the candidates, and linear in the one text that is cut.
public func choose(
  from candidates: [Candidate],
  budget: SourceBudget,
  devShare: Double,
  seed: UInt64,
  text: (Int) throws -> [UInt8]
) throws -> SourceChoice {
  var order = Array(candidates.indices)
  if budget.order == .random {
    let keys = candidates.map { $0.id.mixed(seed: seed) }
    order.sort { (keys[$0], candidates[$0].id) < (keys[$1], candidates[$1].id) }
  }
  var choices: [Choice] = []
  choices.reserveCapacity(order.count)
  var trainWords = 0
  var devWords = 0
  var full = false
  for index in order {
    let words = candidates[index].words
    func out(_ reason: Choice.Reason) {
      choices.append(Choice(candidate: index, reason: reason, words: 0, cutBytes: nil))
    }
    guard words > 0 else {
      out(.empty)
      continue
    }
    if Split(id: candidates[index].id, devShare: devShare) == .dev {
      guard devWords < budget.devWords else {
        out(.overDev)
        continue
      }
      devWords += words
      choices.append(Choice(candidate: index, reason: .dev, words: words, cutBytes: nil))
      continue
    }
    guard !full else {
      out(.overBudget)
      continue
    }
    let room = budget.words.map { $0 - trainWords } ?? words
    if words <= room {
      trainWords += words
      choices.append(Choice(candidate: index, reason: .train, words: words, cutBytes: nil))
      continue
    }
    full = true
    let bytes = room > 0 ? try text(index) : []
    let prefix = TextCut.prefix(of: bytes.span, words: room)
    guard prefix.words > 0 else {
      out(.overBudget)
      continue
    }
    trainWords += prefix.words
    choices.append(
      Choice(
        candidate: index,
        reason: .trainCut,
        words: prefix.words,
        cutBytes: prefix.bytes
      )
    )
  }
  if let wanted = budget.words, !full, trainWords < wanted {
    throw ShortSource(available: trainWords)
  }
  return SourceChoice(choices: choices, trainWords: trainWords, devWords: devWords)
}
