// Who judges: one protocol for a model behind an endpoint and for judges that need no network.

import Synchronization

/// A text to be judged.
public struct Sample: Sendable {
  /// The SHA-256 of the text in hexadecimal, by which its judgment is kept.
  public let textHash: String
  /// The text, valid UTF-8.
  public let text: [UInt8]
  /// The values of the columns that a judge on this machine asks for, `nil` where there is none.
  public let values: [Double?]

  /// Creates a sample.
  ///
  /// - Parameters:
  ///   - textHash: The SHA-256 of the text in hexadecimal.
  ///   - text: The text, valid UTF-8.
  ///   - values: The values of the columns that the judge asks for.
  public init(textHash: String, text: [UInt8], values: [Double?] = []) {
    self.textHash = textHash
    self.text = text
    self.values = values
  }
}

/// What decides a judge's answers beside the rubric and the sample; part of the key of each answer.
public struct JudgeIdentity: Sendable, Equatable {
  /// What kind of judge it is, such as `endpoint`.
  public let kind: String
  /// The model, by the name under which it is asked for.
  public let model: String
  /// What the endpoint says of the model it serves, as JSON, or nothing.
  public let endpointModel: String
  /// All parameters that decide answers, as JSON with sorted keys.
  public let parameters: String

  /// Creates an identity.
  ///
  /// - Parameters:
  ///   - kind: What kind of judge it is.
  ///   - model: The model's name.
  ///   - endpointModel: What the endpoint says of the model, as JSON, or nothing.
  ///   - parameters: All parameters that decide answers, as JSON with sorted keys.
  public init(kind: String, model: String, endpointModel: String = "", parameters: String) {
    self.kind = kind
    self.model = model
    self.endpointModel = endpointModel
    self.parameters = parameters
  }
}

/// Gives judgments of samples under one rubric.
public protocol Judge: Sendable {
  /// The samples that it takes at once.
  var concurrency: Int { get }

  /// What decides its answers.
  ///
  /// - Returns: The identity, the same until the judge itself changes.
  /// - Throws: ``Failure`` where the judge cannot be reached.
  func identity() async throws -> JudgeIdentity

  /// The judgment of one sample.
  ///
  /// - Parameters:
  ///   - sample: The sample.
  ///   - run: Asked before each request.
  /// - Returns: The judgment, or `nil` where the run ended before there was one.
  /// - Throws: ``Failure`` where no sample can be judged any more.
  func judgment(of sample: Sample, in run: JudgingRun) async throws -> Judgment?

  /// Lets go of connections; called once, last.
  func close() async
}

/// One run over many samples, shared by all that judge in it: whether it goes on, and what it has used.
public final class JudgingRun: Sendable {
  private struct State {
    var requests = 0
    var repeats = 0
  }

  private let state = Mutex(State())
  private let budget = Mutex(RequestBudget())
  private let ending = Atomic<Bool>(false)
  private let mostRequests: Int
  /// Which of several answers on each sample is asked for, from 0; each has seeds of its own.
  public let repetition: Int

  /// Begins a run.
  ///
  /// - Parameters:
  ///   - mostRequests: The requests that it may send, repeats included.
  ///   - repetition: Which of several answers on each sample is asked for, from 0.
  public init(mostRequests: Int = .max, repetition: Int = 0) {
    self.mostRequests = mostRequests
    self.repetition = repetition
  }

  /// Whether no new request may be sent.
  public var isEnding: Bool { ending.load(ordering: .relaxed) }

  /// Asks that no new request be sent; those under way come to their end.
  public func end() { ending.store(true, ordering: .relaxed) }

  /// The requests sent so far.
  public var requests: Int { state.withLock(\.requests) }

  /// Those of them that repeated an earlier one.
  public var repeats: Int { state.withLock(\.repeats) }

  /// Whether all requests that the run may send are sent.
  public var isSpent: Bool { requests >= mostRequests }

  /// Takes the right to send one request.
  ///
  /// - Parameter isRepeat: Whether the same was asked before.
  /// - Returns: Whether it may be sent.
  public func takeRequest(isRepeat: Bool) -> Bool {
    guard !isEnding else { return false }
    return state.withLock { state in
      guard state.requests < mostRequests else { return false }
      state.requests += 1
      if isRepeat { state.repeats += 1 }
      return true
    }
  }
}

extension JudgingRun {
  /// Sets how many dollars the run may spend.
  ///
  /// - Parameters:
  ///   - mostCost: The dollars.
  ///   - price: What tokens cost, or `nil` where it is not known; then nothing is counted.
  package func limitCost(to mostCost: Double, price: PriceTable.Price?) {
    budget.withLock { $0.limit(to: mostCost, price: price) }
  }

  /// The dollars spent so far.
  package var spent: Double { budget.withLock(\.spent) }

  /// Whether a request was refused for want of money.
  package var isOutOfMoney: Bool { budget.withLock(\.isExhausted) }

  /// Whether there is money for one more request beside those under way.
  ///
  /// - Parameter bound: The tokens that it may take.
  /// - Returns: Whether it could go now.
  package func hasRoom(for bound: TokenCount) -> Bool { budget.withLock { $0.hasRoom(for: bound) } }

  /// Takes the right to send one request that may cost something.
  ///
  /// - Parameters:
  ///   - bound: The tokens that it may take.
  ///   - isRepeat: Whether the same was asked before.
  /// - Returns: The right, or whether to ask again.
  package func admit(_ bound: TokenCount, isRepeat: Bool) -> RequestAdmission {
    guard !isEnding, !isSpent else { return .over }
    let admission = budget.withLock { $0.admit(bound) }
    if case .go(let right) = admission, !takeRequest(isRepeat: isRepeat) {
      settle(right, used: .none)
      return .over
    }
    return admission
  }

  /// Enters what a request has cost; to be called once for each right.
  ///
  /// - Parameters:
  ///   - right: Its right.
  ///   - used: The tokens that it has taken; none where it was not served.
  package func settle(_ right: RequestRight, used: TokenCount) {
    budget.withLock { $0.settle(right, used: used) }
  }
}
