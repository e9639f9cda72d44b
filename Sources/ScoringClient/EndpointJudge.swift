// A judge behind an OpenAI-compatible chat endpoint, over HTTP or HTTPS.
//
// One sample's way: wait for the gate, ask, and on a passing failure pause and ask again; on an answer
// that cannot be read ask again with another seed; on anything else end with the reason. It never
// follows redirects, which could carry the key elsewhere.

import AsyncHTTPClient
import Documents
import Files
import Foundation
import NIOCore
import NIOHTTP1
public import Rubrics
import Synchronization

/// A model behind a chat endpoint.
public final class EndpointJudge: Judge {
  /// The most bytes of an answer that are read, and that are kept.
  private static let mostBodyBytes = 4_194_304
  private static let mostKeptBytes = 65_536
  /// The most seconds that a wait lasts without a look at whether the run goes on.
  private static let longestNap = 0.1
  /// The probes in a row that an endpoint may leave unanswered.
  private static let mostProbes = 4

  /// The samples that it takes at once.
  public var concurrency: Int { settings.concurrency }

  private let settings: EndpointSettings
  private let rubric: Rubric
  private let key: APIKey?
  private let client: HTTPClient
  private let policy: RetryPolicy
  private let gate: Mutex<RequestGate>
  private let start: ContinuousClock.Instant
  /// What is known of the server's way with schemas.
  private let schemas = Mutex(SchemaSupport.unknown)

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
    var configuration = HTTPClient.Configuration(
      redirectConfiguration: .disallow,
      timeout: .init(connect: .nanoseconds(Int64(min(settings.timeout, 30) * 1e9)))
    )
    // What fails is tried again here, where it is counted.
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = settings.concurrency
    client = HTTPClient(
      eventLoopGroupProvider: .singleton,
      configuration: configuration
    )
  }

  /// Closes all connections.
  public func close() async { try? await client.shutdown() }

  private var now: Double { (ContinuousClock.now - start) / .seconds(1) }

  // MARK: Who answers

  /// The model's identity, as far as the endpoint states one.
  ///
  /// - Returns: The identity.
  /// - Throws: ``Failure`` where the endpoint does not answer or refuses the key.
  public func identity() async throws -> JudgeIdentity {
    var failures = 0
    while true {
      switch await get("models") {
      case .answered(let status, let body):
        if status == 401 || status == 403 { throw refusal(status) }
        return JudgeIdentity(
          kind: "endpoint",
          model: settings.model,
          endpointModel: (200..<300).contains(status)
            ? struck(ScoringClient.identity(ofModel: settings.model, in: body)) : "",
          parameters: settings.parameters
        )
      case .failed(let reason, let retryAfter):
        failures += 1
        guard failures < settings.attempts else { throw unreachable(reason) }
        let pause = policy.pause(afterFailure: failures, seed: UInt64(settings.seed))
        try await Task.sleep(for: .seconds(min(retryAfter ?? pause, settings.longestPause)))
      }
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
    var work = SampleWork(sample, began: now)
    var form: Rubric.Form =
      settings.structured == .never || schemas.withLock { $0 == .refused }
      ? .text : .structured
    while true {
      let prompt = rubric.prompt(sample.text, form: form, cut: settings.sampleCut)
      let estimate = prompt.bytes / 4 + settings.maxTokens
      guard try await pass(estimate, in: run),
        run.takeRequest(isRepeat: work.attempts > 0)
      else { return nil }
      work.attempts += 1
      work.judgment.form = form
      work.judgment.leftOut = prompt.leftOut
      let request = ChatRequest(
        settings: settings,
        rubric: rubric,
        prompt: prompt,
        form: form,
        round: run.repetition * (settings.askAgain + 1) + work.answers
      )
      switch await post(request.body) {
      case .failed(let reason, let retryAfter):
        gate.withLock { $0.failed(now: now) }
        work.failures += 1
        guard work.failures < settings.attempts else {
          return work.ended("no answer: " + reason, at: now)
        }
        try await pause(after: work.failures, retryAfter, sample, run)
      case .answered(let status, let body):
        gate.withLock { $0.succeeded() }
        let completion =
          (200..<300).contains(status)
          ? ChatCompletion.read(body) : nil
        if let completion {
          work.count(completion, prompt: prompt)
          gate.withLock {
            $0.settle(estimate: estimate, used: work.lastTokens, now: now)
          }
          if let judgment = read(completion, &work) { return judgment }
        } else if (200..<300).contains(status) {
          work.judgment.answer = kept(body)
          work.reason = "the answer is no chat completion"
        } else if [401, 402, 403, 404].contains(status) {
          throw refusal(status)
        } else if form == .structured, settings.structured == .auto {
          // The schema may be what it does not take; without it the same question may do.
          try await learnOfSchemas(in: run)
          form = .text
          continue
        } else {
          work.judgment.answer = kept(body)
          return work.ended("refused: HTTP \(status)", at: now)
        }
        work.answers += 1
        guard work.answers <= settings.askAgain else {
          return work.ended(work.reason, at: now)
        }
      }
    }
  }

  /// What is known of the server's way with schemas.
  private enum SchemaSupport {
    case unknown
    case taken
    case refused
  }

  /// Finds out by a question that is always the same whether the server takes schemas at all, so that
  /// one sample that is refused for itself does not change how the others are asked.
  private func learnOfSchemas(in run: JudgingRun) async throws {
    guard schemas.withLock({ $0 == .unknown }) else { return }
    let request = ChatRequest(
      settings: settings,
      rubric: rubric,
      prompt: rubric.prompt(Array("A hen.".utf8), form: .structured, cut: settings.sampleCut),
      form: .structured,
      round: 0
    )
    guard try await pass(settings.maxTokens, in: run), run.takeRequest(isRepeat: false),
      case .answered(let status, _) = await post(request.body)
    else { return }
    schemas.withLock { $0 = (200..<300).contains(status) ? .taken : .refused }
  }

  /// Reads a completion; `nil` where it has no score.
  private func read(_ completion: ChatCompletion, _ work: inout SampleWork) -> Judgment? {
    let content = struck(completion.content)
    let reading = rubric.read(content, finish: completion.finish)
    work.judgment.answer = String(
      decoding: content.utf8.prefix(EndpointJudge.mostKeptBytes),
      as: UTF8.self
    )
    work.judgment.points = reading.points
    work.judgment.justification = reading.justification
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

  // MARK: Waiting

  /// Waits until the next request may go.
  ///
  /// - Returns: Whether it may; not where the run ends first.
  private func pass(_ estimate: Int, in run: JudgingRun) async throws -> Bool {
    while !run.isEnding {
      switch gate.withLock({ $0.admit(tokens: estimate, now: now) }) {
      case .go: return true
      case .wait(let seconds): try await nap(seconds)
      case .probe:
        var isThere = false
        var reason = ""
        switch await get("models") {
        case .answered: isThere = true
        case .failed(let why, _): reason = why
        }
        let unanswered = gate.withLock { $0.probed(isThere: isThere, now: now) }
        if unanswered >= EndpointJudge.mostProbes { throw unreachable(reason) }
      }
    }
    return false
  }

  private func pause(
    after failures: Int,
    _ retryAfter: Double?,
    _ sample: Sample,
    _ run: JudgingRun
  ) async throws {
    if let retryAfter {
      guard retryAfter <= settings.longestPause else {
        throw Failure(
          what: "the endpoint asks to be left alone for \(Int(min(retryAfter, 1e9))) seconds",
          place: settings.endpoint,
          remedy: "run the same command again after that; what was answered is kept"
        )
      }
      return gate.withLock { $0.pause(seconds: retryAfter, now: now) }
    }
    let seed = SHA256.hash("\(settings.seed) \(sample.textHash)").word(0)
    let end = now + policy.pause(afterFailure: failures, seed: seed)
    while !run.isEnding, now < end { try await nap(end - now) }
  }

  private func nap(_ seconds: Double) async throws {
    try await Task.sleep(for: .seconds(min(max(seconds, 0.000_1), EndpointJudge.longestNap)))
  }

  // MARK: HTTP

  /// What a request came to.
  private enum Reply {
    /// The server answered, and another time would not change it.
    case answered(Int, [UInt8])
    /// It did not, or said that it could not now.
    case failed(String, retryAfter: Double?)
  }

  private func get(_ path: String) async -> Reply { await send(request(path, .GET)) }

  private func post(_ body: [UInt8]) async -> Reply {
    var request = request("chat/completions", .POST)
    request.headers.add(name: "Content-Type", value: "application/json")
    request.body = .bytes(ByteBuffer(bytes: body))
    return await send(request)
  }

  private func request(_ path: String, _ method: HTTPMethod) -> HTTPClientRequest {
    let base = settings.endpoint.hasSuffix("/") ? settings.endpoint : settings.endpoint + "/"
    var request = HTTPClientRequest(url: base + path)
    request.method = method
    request.headers.add(name: "Accept", value: "application/json")
    if let key { request.headers.add(name: "Authorization", value: key.authorization) }
    return request
  }

  private func send(_ request: HTTPClientRequest) async -> Reply {
    do {
      let response = try await client.execute(
        request,
        deadline: .now() + .nanoseconds(Int64(settings.timeout * 1e9))
      )
      let status = Int(response.status.code)
      let body = try await response.body.collect(upTo: EndpointJudge.mostBodyBytes)
      guard RetryPolicy.isPassing(status) else {
        return .answered(status, Array(body.readableBytesView))
      }
      let seconds = response.headers.first(name: "Retry-After").flatMap {
        RetryPolicy.seconds(ofRetryAfter: $0, now: Date().timeIntervalSince1970)
      }
      return .failed("HTTP \(status)", retryAfter: seconds)
    } catch is NIOTooManyBytesError {
      return .failed("the answer is too long", retryAfter: nil)
    } catch let error as HTTPClientError
      where [.deadlineExceeded, .connectTimeout, .readTimeout, .getConnectionFromPoolTimeout]
      .contains(error)
    {
      return .failed("no answer in time", retryAfter: nil)
    } catch {
      return .failed("the connection broke", retryAfter: nil)
    }
  }

  private func struck(_ text: String) -> String { key?.struck(from: text) ?? text }

  private func kept(_ body: [UInt8]) -> String {
    struck(String(decoding: body.prefix(EndpointJudge.mostKeptBytes), as: UTF8.self))
  }

  private func refusal(_ status: Int) -> Failure {
    let remedy =
      switch status {
      case 401, 403:
        "check the key: its variable or file, and whether the endpoint's owner knows it"
      case 402: "pay the endpoint's owner, or name another endpoint; what was answered is kept"
      default:
        "check the address, which mostly ends in /v1, and the model's name `\(settings.model)`"
      }
    return Failure(
      what: "the endpoint refuses all requests (HTTP \(status))",
      place: settings.endpoint,
      remedy: remedy
    )
  }

  private func unreachable(_ reason: String) -> Failure {
    Failure(
      what: "the endpoint does not answer: \(reason)",
      place: settings.endpoint,
      remedy: "start the server, or check the address; what was answered is kept, and the same "
        + "command goes on from there"
    )
  }
}

/// What has been done for one sample so far.
private struct SampleWork {
  var judgment = Judgment(reason: "")
  /// The requests that failed.
  var failures = 0
  /// The answers that could not be read.
  var answers = 0
  /// Why the last answer could not be read.
  var reason = ""
  /// The tokens of the last answered request.
  private(set) var lastTokens = 0
  private let began: Double

  var attempts: Int {
    get { judgment.attempts }
    set { judgment.attempts = newValue }
  }

  init(_ sample: Sample, began: Double) {
    self.began = began
  }

  /// Adds the tokens of an answer; where the server does not count, four bytes are one.
  mutating func count(_ completion: ChatCompletion, prompt: Prompt) {
    let input = completion.inputTokens ?? (prompt.bytes + 3) / 4
    let output = completion.outputTokens ?? (completion.content.utf8.count + 3) / 4
    judgment.inputTokens += input
    judgment.outputTokens += output
    lastTokens = input + output
  }

  func ended(_ reason: String, at now: Double) -> Judgment {
    var judgment = judgment
    judgment.reason = reason
    // What an answer without a score says of points counts for nothing.
    judgment.points = nil
    judgment.seconds = now - began
    return judgment
  }

  func ended(score: Int, at now: Double) -> Judgment {
    var judgment = judgment
    judgment.score = Double(score)
    judgment.reason = nil
    judgment.seconds = now - began
    return judgment
  }
}
