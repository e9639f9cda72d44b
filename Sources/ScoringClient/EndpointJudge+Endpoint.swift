// Is it the sample, or is it the endpoint? One question that is always the same tells.
//
// An endpoint that refuses one sample must not end the run, and one that refuses all of them must not
// fill the index with samples without a score. The question is asked by one task at a time, is sent
// and paid for as any other, and its answer is not kept.

import Documents
import Files
import Rubrics
import Synchronization

/// What is known of an endpoint.
struct EndpointStanding {
  /// Whether it takes questions with a schema.
  enum SchemaSupport {
    case unknown
    case taken
    case refused
  }

  /// Whether it takes questions with a schema.
  var schemas = SchemaSupport.unknown
  /// Whether some task is at the question about that.
  var isLearning = false
  /// Whether some task is at the question whether it answers at all, and how often it did.
  var isConfirming = false
  var confirmations = 0
  /// Whether it has given any completion.
  private(set) var hasAnswered = false
  /// The samples in a row that ended without any completion from the endpoint in between.
  var fruitless = 0

  /// Takes note of a completion, whatever it says.
  mutating func answered() {
    hasAnswered = true
    fruitless = 0
  }
}

extension EndpointJudge {
  /// The samples in a row that may go without any completion before the endpoint itself is asked.
  private static let mostFruitless = 20

  /// The question that is always the same, in the form in which a sample is asked about in the end.
  private var standingQuestion: ChatRequest {
    standingQuestion(settings.structured == .always ? .structured : .text)
  }

  private func standingQuestion(_ form: Rubric.Form) -> ChatRequest {
    ChatRequest(
      settings: settings,
      rubric: rubric,
      prompt: rubric.prompt(Array("A hen.".utf8), form: form, cut: settings.sampleCut),
      form: form,
      round: 0
    )
  }

  /// The judgment of a sample that the endpoint gave no completion for, once it is known that it gives
  /// any.
  ///
  /// - Returns: The judgment, or `nil` where the run ends first.
  /// - Throws: ``Failure`` where it gives none.
  func settled(
    _ judgment: Judgment,
    isRefusal: Bool = false,
    in run: JudgingRun
  ) async throws -> Judgment? {
    let isDoubtful = standing.withLock { standing in
      standing.fruitless += 1
      return standing.fruitless >= EndpointJudge.mostFruitless
        || (isRefusal && !standing.hasAnswered)
    }
    guard isDoubtful else { return judgment }
    return try await confirm(in: run) ? judgment : nil
  }

  /// Makes sure that the endpoint answers at all.
  ///
  /// - Returns: Whether it does; `false` where the run ends first.
  /// - Throws: ``Failure`` where it does not.
  func confirm(in run: JudgingRun) async throws -> Bool {
    let known = standing.withLock(\.confirmations)
    while !run.isEnding {
      // What another task has found out since then does for this one.
      if standing.withLock({ $0.confirmations > known }) { return true }
      let isTurn = standing.withLock { standing in
        defer { standing.isConfirming = true }
        return !standing.isConfirming
      }
      guard isTurn else {
        try await nap(0.02)
        continue
      }
      defer { standing.withLock { $0.isConfirming = false } }
      return try await askStandingQuestion(in: run)
    }
    return false
  }

  private func askStandingQuestion(in run: JudgingRun) async throws -> Bool {
    let began = now
    var asked = 0
    var failures = 0
    while true {
      let request = standingQuestion
      guard let reply = try await ask(request, isRepeat: asked > 0, in: run) else { return false }
      asked += 1
      var retryAfter: Double?
      var reason = EndpointJudge.noCompletion
      switch reply {
      case .completion:
        standing.withLock { $0.confirmations += 1 }
        return true
      case .refused(let status, let body): throw refusal(status, body)
      case .limited(let after):
        guard now - began < policy.longestRefusalOfRate else { throw unreachable("HTTP 429") }
        try await pause(after: asked, after, seed: 0, in: run)
        continue
      case .failed(let why, let after): (reason, retryAfter) = (why, after)
      case .unreadable: break
      }
      failures += 1
      guard failures < EndpointJudge.mostProbes else {
        throw reason == EndpointJudge.noCompletion ? noCompletions : unreachable(reason)
      }
      try await pause(after: failures, retryAfter, seed: 0, in: run)
    }
  }

  /// Finds out whether the endpoint takes schemas at all, so that one sample that is refused for
  /// itself does not change how the others are asked.
  ///
  /// - Returns: Whether the run goes on.
  func learnOfSchemas(in run: JudgingRun) async throws -> Bool {
    while !run.isEnding {
      guard standing.withLock({ $0.schemas == .unknown }) else { return true }
      let isTurn = standing.withLock { standing in
        defer { standing.isLearning = true }
        return !standing.isLearning
      }
      guard isTurn else {
        try await nap(0.02)
        continue
      }
      defer { standing.withLock { $0.isLearning = false } }
      switch try await ask(standingQuestion(.structured), isRepeat: false, in: run) {
      case nil: return false
      case .completion, .unreadable: standing.withLock { $0.schemas = .taken }
      case .refused: standing.withLock { $0.schemas = .refused }
      // Somebody else finds out.
      case .limited, .failed: break
      }
      return true
    }
    return false
  }

  /// Sees, for all who wait at an open circuit, whether the endpoint answers again.
  ///
  /// - Returns: Whether the run goes on.
  /// - Throws: ``Failure`` where it has left several such questions unanswered.
  func probe(in run: JudgingRun) async throws -> Bool {
    do {
      let request = standingQuestion
      while !run.isEnding {
        switch run.admit(request.bound, isRepeat: false) {
        case .wait: try await nap(0.01)
        case .over:
          gate.withLock { $0.abandonProbe(now: now) }
          return false
        case .go(let right):
          var reason: String?
          if case .failed(let why, _) = try await send(request, right, in: run) { reason = why }
          let unanswered = gate.withLock { $0.probed(isThere: reason == nil, now: now) }
          if let reason, unanswered >= EndpointJudge.mostProbes { throw unreachable(reason) }
          return true
        }
      }
      gate.withLock { $0.abandonProbe(now: now) }
      return false
    } catch {
      gate.withLock { $0.abandonProbe(now: now) }
      throw error
    }
  }

  // MARK: Why a run ends

  /// An endpoint that refuses everything.
  func refusal(_ status: Int, _ body: [UInt8]) -> Failure {
    let remedy =
      switch status {
      case 401, 403:
        "check the key: its variable or file, and whether the endpoint's owner knows it"
      case 402: "pay the endpoint's owner, or name another endpoint; what was answered is kept"
      case 404:
        "check the address, which mostly ends in /v1, and the model's name `\(settings.model)`"
      default:
        "check the model's name `\(settings.model)` and the members of `extra`; what was answered "
          + "is kept"
      }
    // The key goes before the rest is cut off.
    let words = struck(String(decoding: body, as: UTF8.self))
      .split {
        $0.isWhitespace || $0.unicodeScalars.contains { $0.properties.generalCategory == .control }
      }
      .joined(separator: " ").prefix(300)
    return Failure(
      what: "the endpoint refuses all requests (HTTP \(status))"
        + (words.isEmpty ? "" : ", saying: \(words)"),
      place: settings.endpoint,
      remedy: remedy
    )
  }

  /// An address that leads elsewhere.
  func wrongAddress(_ status: Int) -> Failure {
    Failure(
      what:
        "the endpoint sends requests to another address (HTTP \(status)), which is not followed",
      place: settings.endpoint,
      remedy: "give the address at which it answers itself, with https where it asks for that"
    )
  }

  /// An endpoint that answers something else.
  private var noCompletions: Failure {
    Failure(
      what: "the endpoint answers, but with no chat completions",
      place: settings.endpoint,
      remedy: "check the address, which mostly ends in /v1; what was answered is kept"
    )
  }

  /// An endpoint that does not answer.
  func unreachable(_ reason: String) -> Failure {
    Failure(
      what: "the endpoint does not answer: \(reason)",
      place: settings.endpoint,
      remedy: "start the server, or check the address; what was answered is kept, and the same "
        + "command goes on from there"
    )
  }
}
