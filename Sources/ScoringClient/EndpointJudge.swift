// A judge behind an OpenAI-compatible chat endpoint.
//
// One sample's way: wait for the gate and for money, ask, and on a passing failure pause and ask again;
// on an answer that cannot be read ask again with another seed; on anything else end with the reason.
// Whether a refusal is meant for the sample or for all of them, `EndpointJudge+Endpoint` finds out.

import Documents
import Files
import Foundation
public import Rubrics
import Synchronization

/// A model behind a chat endpoint.
public final class EndpointJudge: Judge {
  /// The most bytes of an answer that are kept.
  private static let mostKeptBytes = 65_536
  /// The most seconds that a wait lasts without a look at whether the run goes on.
  private static let longestNap = 0.1
  /// The probes in a row that an endpoint may leave unanswered.
  static let mostProbes = 4

  /// The samples that it takes at once.
  public var concurrency: Int { settings.concurrency }

  let settings: EndpointSettings
  let rubric: Rubric
  let policy: RetryPolicy
  let gate: Mutex<RequestGate>
  /// What is known of the endpoint.
  let standing = Mutex(EndpointStanding())
  private let key: APIKey?
  private let transport: ChatTransport
  private let start: ContinuousClock.Instant

  /// Creates a judge; nothing is sent yet.
  ///
  /// - Parameters:
  ///   - settings: The endpoint.
  ///   - rubric: What to ask.
  ///   - key: The endpoint's key, or `nil`.
  /// - Throws: ``Failure`` where the settings cannot work.
  public init(_ settings: EndpointSettings, rubric: Rubric, key: APIKey?) throws {
    try settings.validate(place: "the endpoint")
    self.settings = settings
    self.rubric = rubric
    self.key = key
    policy = RetryPolicy(firstPause: settings.firstPause, longestPause: settings.longestPause)
    gate = Mutex(RequestGate(settings, now: 0))
    start = .now
    transport = ChatTransport(settings, key: key)
  }

  /// Closes all connections.
  public func close() async { await transport.close() }

  /// The seconds since the judge was made.
  var now: Double { (ContinuousClock.now - start) / .seconds(1) }

  // MARK: Who answers

  /// The model's identity, as far as the endpoint states one.
  ///
  /// - Returns: The identity.
  /// - Throws: ``Failure`` where the endpoint does not answer or refuses the key.
  public func identity() async throws -> JudgeIdentity {
    var failures = 0
    while true {
      let failed: (reason: String, retryAfter: Double?)
      switch await transport.get("models") {
      case .answered(let status, let retryAfter, _) where RetryPolicy.isPassing(status):
        failed = ("HTTP \(status)", retryAfter)
      case .answered(let status, _, let body):
        if status == 401 || status == 403 { throw refusal(status, body) }
        return JudgeIdentity(
          kind: "endpoint",
          model: settings.model,
          endpointModel: (200..<300).contains(status)
            ? ScoringClient.identity(ofModel: settings.model, in: body, struck: struck) : "",
          parameters: settings.parameters
        )
      case .broken(let reason, _):
        failed = (reason, nil)
      }
      failures += 1
      guard failures < settings.attempts else { throw unreachable(failed.reason) }
      let pause = policy.pause(afterFailure: failures, seed: UInt64(settings.seed))
      try await Task.sleep(
        for: .seconds(min(max(failed.retryAfter ?? 0, pause), settings.longestPause))
      )
    }
  }

  // MARK: One sample

  /// The judgment of one sample.
  ///
  /// - Parameters:
  ///   - sample: The sample.
  ///   - run: Asked before each request.
  /// - Returns: The judgment, or `nil` where the run ended first.
  /// - Throws: ``Failure`` where the endpoint refuses all requests or stays down.
  public func judgment(of sample: Sample, in run: JudgingRun) async throws -> Judgment? {
    var work = SampleWork(began: now)
    let seed = SHA256.hash("\(settings.seed) \(sample.textHash)").word(0)
    var form: Rubric.Form =
      settings.structured == .never || standing.withLock { $0.schemas == .refused }
      ? .text : .structured
    while true {
      let prompt = rubric.prompt(sample.text, form: form, cut: settings.sampleCut)
      let request = ChatRequest(
        settings: settings,
        rubric: rubric,
        prompt: prompt,
        form: form,
        round: run.repetition * (settings.askAgain + 1) + work.answers
      )
      guard let reply = try await ask(request, isRepeat: work.attempts > 0, in: run) else {
        return nil
      }
      work.attempts += 1
      work.judgment.form = form
      work.judgment.leftOut = prompt.leftOut
      switch reply {
      case .completion(let completion, let used):
        work.count(used)
        if let judgment = read(completion, &work) { return judgment }
        work.answers += 1
        guard work.answers <= settings.askAgain else {
          return work.ended(work.reason, at: now)
        }
      case .unreadable(let body, let used):
        work.count(used)
        work.judgment.answer = kept(body)
        work.reason = EndpointJudge.noCompletion
        work.answers += 1
        guard work.answers <= settings.askAgain else {
          return try await settled(work.ended(work.reason, at: now), in: run)
        }
      case .limited(let retryAfter):
        work.limited(at: now)
        // So many attempts and so long: neither alone says more than that many ask at once.
        guard
          work.limits < settings.attempts
            || now - work.limitedSince < policy.longestRefusalOfRate
        else {
          return try await confirm(in: run) ? work.ended("no answer: HTTP 429", at: now) : nil
        }
        try await pause(after: work.limits, retryAfter, seed: seed, in: run)
      case .failed(let reason, let retryAfter):
        work.failures += 1
        guard work.failures < settings.attempts else {
          return try await settled(work.ended("no answer: " + reason, at: now), in: run)
        }
        try await pause(after: work.failures, retryAfter, seed: seed, in: run)
      case .refused(let status, let body):
        if [401, 402, 403, 404].contains(status) {
          // Mostly meant for all samples, but what moderates them uses these as well.
          guard try await confirm(in: run) else { return nil }
        }
        if form == .structured, settings.structured == .auto {
          // The schema may be what it does not take; without it the same question may do.
          guard try await learnOfSchemas(in: run) else { return nil }
          form = .text
          continue
        }
        work.judgment.answer = kept(body)
        let judgment = work.ended("refused: HTTP \(status)", at: now)
        return try await settled(judgment, isRefusal: true, in: run)
      }
    }
  }

  /// Reads a completion; `nil` where it has no score.
  ///
  /// It is read as it came, and the key is taken out of what is kept: a key that is a digit is no
  /// reason to miss a score.
  private func read(_ completion: ChatCompletion, _ work: inout SampleWork) -> Judgment? {
    var words = completion.content
    var isRefusal = false
    if words.allSatisfy(\.isWhitespace), let refusal = completion.refusal, !refusal.isEmpty {
      (words, isRefusal) = (refusal, true)
    }
    let reading = rubric.read(words, finish: completion.finish, isRefusal: isRefusal)
    work.judgment.answer = kept(words)
    work.judgment.points = reading.points
    work.judgment.justification = reading.justification.map(keptJustification)
    switch reading.score {
    case .failure(let reason):
      work.reason = reason.rawValue
      return nil
    case .success(let score):
      if settings.expectedScore, let end = reading.scoreEnd {
        work.judgment.expectedScore = rubric.expectedScore(of: completion.tokens, scoreEnd: end)
      }
      return work.ended(score: score, at: now)
    }
  }

  // MARK: Asking and waiting

  /// What came of a question.
  enum Reply {
    /// An answer, and the tokens that it took.
    case completion(ChatCompletion, TokenCount)
    /// A success that is no completion, and the tokens that it may have taken.
    case unreadable([UInt8], TokenCount)
    /// The server is well, but the question came too quickly.
    case limited(retryAfter: Double?)
    /// There was no answer, or one that says that another time may be better.
    case failed(String, retryAfter: Double?)
    /// The server answered, and another time would not change it.
    case refused(Int, [UInt8])
  }

  static let noCompletion = "the answer is no chat completion"

  /// Asks as soon as a question may be asked.
  ///
  /// - Returns: The reply, or `nil` where the run ends first.
  func ask(_ request: ChatRequest, isRepeat: Bool, in run: JudgingRun) async throws -> Reply? {
    let tokens = request.bound.input + request.bound.output
    while !run.isEnding {
      switch gate.withLock({ $0.admit(tokens: tokens, now: now) }) {
      case .wait(let seconds): try await nap(seconds)
      case .probe:
        guard try await probe(in: run) else { return nil }
      case .go:
        let admission = run.admit(request.bound, isRepeat: isRepeat)
        if case .go(let right) = admission { return try await send(request, right, in: run) }
        gate.withLock { $0.giveBack(estimate: tokens, now: now) }
        guard case .wait = admission else { return nil }
        try await nap(0.01)
      }
    }
    return nil
  }

  /// Sends a question that may be sent.
  func send(
    _ request: ChatRequest,
    _ right: RequestRight,
    in run: JudgingRun
  ) async throws -> Reply {
    let sent = now
    let exchange = await transport.post("chat/completions", request.body)
    let (reply, used) = try reply(exchange, to: request, right, in: run)
    run.settle(right, used: used)
    let estimate = request.bound.input + request.bound.output
    gate.withLock { gate in
      switch reply {
      case .completion, .unreadable:
        gate.succeeded()
        gate.settle(estimate: estimate, used: used.input + used.output, now: now)
      case .refused: gate.succeeded()
      case .limited: gate.limited(sent: sent, now: now)
      case .failed: gate.failed(now: now)
      }
    }
    if case .completion = reply { standing.withLock { $0.answered() } }
    return reply
  }

  private func reply(
    _ exchange: Exchange,
    to request: ChatRequest,
    _ right: RequestRight,
    in run: JudgingRun
  ) throws -> (Reply, used: TokenCount) {
    switch exchange {
    case .broken(let reason, let mayHaveWorked):
      return (.failed(reason, retryAfter: nil), mayHaveWorked ? request.bound : .none)
    case .answered(let status, let retryAfter, let body):
      switch status {
      case 200..<300:
        let answer = ChatAnswer(body)
        guard let completion = answer.completion else {
          let used = TokenCount(
            input: answer.inputTokens ?? request.bound.input,
            output: answer.outputTokens ?? request.bound.output
          )
          return (.unreadable(body, used), used)
        }
        // Where the server does not count, four bytes are a token.
        let used = TokenCount(
          input: answer.inputTokens ?? request.bound.input,
          output: answer.outputTokens ?? (completion.content.utf8.count + 3) / 4
        )
        return (.completion(completion, used), used)
      case 300..<400:
        run.settle(right, used: .none)
        throw wrongAddress(status)
      case 429: return (.limited(retryAfter: retryAfter), .none)
      case _ where RetryPolicy.isPassing(status):
        return (.failed("HTTP \(status)", retryAfter: retryAfter), .none)
      default: return (.refused(status, body), .none)
      }
    }
  }

  /// Waits after a failure: the own pause and the one that the server asks for, whichever is longer.
  func pause(
    after failures: Int,
    _ retryAfter: Double?,
    seed: UInt64,
    in run: JudgingRun
  ) async throws {
    if let retryAfter {
      guard retryAfter <= settings.longestPause else {
        throw Failure(
          what: "the endpoint asks to be left alone for \(Int(min(retryAfter, 1e9))) seconds",
          place: settings.endpoint,
          remedy: "run the same command again after that; what was answered is kept"
        )
      }
      gate.withLock { $0.pause(seconds: retryAfter, now: now) }
    }
    let end = now + policy.pause(afterFailure: failures, seed: seed)
    while !run.isEnding, now < end { try await nap(end - now) }
  }

  func nap(_ seconds: Double) async throws {
    try await Task.sleep(for: .seconds(min(max(seconds, 0.000_1), EndpointJudge.longestNap)))
  }

  // MARK: Without the key

  func struck(_ text: String) -> String { key?.struck(from: text) ?? text }

  /// The key goes before the rest is cut off: half a key is one, too.
  private func kept(_ text: String) -> String {
    leading(struck(text), bytes: EndpointJudge.mostKeptBytes)
  }

  /// A justification comes already cut where it is long, and may end in half a key: its end goes, as
  /// much as a key may take that is escaped in every character.
  private func keptJustification(_ text: String) -> String {
    let struck = struck(text)
    guard let key, text.utf8.count > AnswerReading.longestJustification - 4 else { return struck }
    return leading(struck, bytes: struck.utf8.count - key.longestForm)
  }

  private func kept(_ body: [UInt8]) -> String { kept(String(decoding: body, as: UTF8.self)) }
}
