import Rubrics
import Testing

@Suite struct RetryPolicyTests {
  @Test func `pauses lie under a bound that doubles, and the same seed gives the same`() {
    let policy = RetryPolicy(firstPause: 1, longestPause: 60)
    for failures in 1...100 {
      let bound = min(60, failures < 7 ? Double(1 << (failures - 1)) : 60)
      let pauses = (0..<200).map { policy.pause(afterFailure: failures, seed: $0) }
      #expect(pauses.allSatisfy { $0 >= 0 && $0 <= bound })
      // Full jitter: spread over all of it.
      #expect((pauses.min() ?? 1) < bound * 0.1 && (pauses.max() ?? 0) > bound * 0.9)
      let mean = pauses.reduce(0, +) / 200
      #expect(abs(mean - bound / 2) < bound * 0.1)
      #expect(pauses == (0..<200).map { policy.pause(afterFailure: failures, seed: $0) })
    }
  }

  @Test func `passing statuses are those of the moment`() {
    let passing = (100..<600).filter(RetryPolicy.isPassing)
    #expect(passing == [408, 409, 429] + Array(500..<600))
  }

  /// Dates from RFC 9110, section 5.6.7, and `date -u -d '2024-02-29 12:00' +%s`.
  @Test(arguments: [
    ("120", 120.0), (" 0 ", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
    ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777), ("Sun Nov  6 08:49:37 1994", 784_111_777),
    ("Thu, 29 Feb 2024 12:00:00 GMT", 1_709_208_000),
    ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Fri, 01 Mar 2024 00:00:00 GMT", 1_709_251_200),
  ])
  func `Retry-After is seconds or a date`(_ value: String, _ seconds: Double) {
    #expect(RetryPolicy.seconds(ofRetryAfter: value, now: 0) == seconds)
  }

  @Test func `a date that has passed asks for no pause, and nonsense for none at all`() {
    let date = "Sun, 06 Nov 1994 08:49:37 GMT"
    #expect(RetryPolicy.seconds(ofRetryAfter: date, now: 784_111_700) == 77)
    #expect(RetryPolicy.seconds(ofRetryAfter: date, now: 784_200_000) == 0)
    for value in ["", "soon", "-5", "1.5", "Sun, 99 Nov 1994 08:49:37 GMT", "a b c d e f", ", , ,"]
    {
      #expect(RetryPolicy.seconds(ofRetryAfter: value, now: 0) == nil, "\(value)")
    }
  }
}

@Suite struct RequestGateTests {
  static func settings(
    requests: Int? = nil,
    tokens: Int? = nil,
    failures: Int = 3
  ) -> EndpointSettings {
    var settings = EndpointSettings(endpoint: "http://127.0.0.1/v1", model: "m")
    settings.requestsPerMinute = requests
    settings.tokensPerMinute = tokens
    settings.breakerFailures = failures
    return settings
  }

  /// The requests that go through in some seconds when somebody always asks.
  static func admitted(_ gate: inout RequestGate, tokens: Int, seconds: Double) -> Int {
    var now = 0.0
    var count = 0
    while now < seconds {
      switch gate.admit(tokens: tokens, now: now) {
      case .go: count += 1
      case .wait(let wait): now += max(wait, 1e-6)
      case .probe: return -1
      }
    }
    return count
  }

  @Test func `no more requests and tokens go in a minute than may`() {
    var requests = RequestGate(RequestGateTests.settings(requests: 120), now: 0)
    #expect((119...123).contains(RequestGateTests.admitted(&requests, tokens: 10, seconds: 60)))
    var tokens = RequestGate(RequestGateTests.settings(tokens: 6_000), now: 0)
    // A second's worth at first, then as much as comes in.
    #expect((59...62).contains(RequestGateTests.admitted(&tokens, tokens: 100, seconds: 60)))
    var huge = RequestGate(RequestGateTests.settings(tokens: 100), now: 0)
    // One that wants more than there ever is goes when all is there.
    #expect((1...2).contains(RequestGateTests.admitted(&huge, tokens: 150, seconds: 60)))
  }

  @Test func `tokens that were estimated are settled when they are known`() {
    var gate = RequestGate(RequestGateTests.settings(tokens: 600), now: 0)
    #expect(gate.admit(tokens: 600, now: 0) == .go)
    #expect(gate.admit(tokens: 300, now: 1) != .go)
    gate.settle(estimate: 600, used: 100, now: 1)
    #expect(gate.admit(tokens: 300, now: 9) != .go)
    #expect(gate.admit(tokens: 300, now: 10.1) == .go)
  }

  @Test func `permits of a request that was not sent are given back`() {
    var gate = RequestGate(RequestGateTests.settings(requests: 60, tokens: 600), now: 0)
    #expect(gate.admit(tokens: 600, now: 0) == .go)
    #expect(gate.admit(tokens: 1, now: 0) != .go)
    gate.giveBack(estimate: 600, now: 0)
    #expect(gate.admit(tokens: 1, now: 0) == .go)
  }

  /// A server that lets one request through in a second and eight who ask it, in a clock of the test.
  @Test func `requests that are too quick for a server go one by one until they are not`() {
    var gate = RequestGate(RequestGateTests.settings(), now: 0)
    var last = -1.0
    var answered = 0
    var refused = 0
    var now = 0.0
    while now < 600 {
      switch gate.admit(tokens: 1, now: now) {
      case .go where now - last >= 1:
        last = now
        answered += 1
        gate.succeeded()
      case .go:
        refused += 1
        gate.limited(sent: now, now: now)
        gate.pause(seconds: 1, now: now)
      case .wait(let wait): now += max(wait, 1e-6)
      case .probe: Issue.record("the circuit has nothing to do with it")
      }
    }
    #expect(answered > 400, "\(answered)")
    #expect(refused * 8 < answered, "\(refused) of \(answered)")
    // Once the server takes what comes, they go as they come again.
    for _ in 0..<300 {
      now += 2
      if gate.admit(tokens: 1, now: now) == .go { gate.succeeded() }
    }
    for _ in 0..<100 { #expect(gate.admit(tokens: 1, now: now) == .go) }
  }

  @Test func `requests that were sent before a server complained do not space the others further`()
  {
    var gate = RequestGate(RequestGateTests.settings(), now: 0)
    for _ in 0..<100 { gate.limited(sent: 0, now: 1) }
    #expect(gate.admit(tokens: 1, now: 1) == .go)
    guard case .wait(let wait) = gate.admit(tokens: 1, now: 1) else {
      Issue.record("two at once")
      return
    }
    #expect(wait >= 0.025 && wait <= 0.075)
  }

  @Test func `a pause that a server asks for holds all back`() {
    var gate = RequestGate(RequestGateTests.settings(), now: 0)
    gate.pause(seconds: 5, now: 1)
    #expect(gate.admit(tokens: 1, now: 2) == .wait(4))
    #expect(gate.admit(tokens: 1, now: 6) == .go)
  }

  @Test func `the circuit opens after failures in a row, and one probe decides`() {
    var gate = RequestGate(RequestGateTests.settings(failures: 3), now: 0)
    gate.failed(now: 0)
    gate.failed(now: 0)
    gate.succeeded()
    gate.failed(now: 0)
    gate.failed(now: 0)
    #expect(gate.admit(tokens: 1, now: 0) == .go)
    gate.failed(now: 0)
    #expect(gate.admit(tokens: 1, now: 100) == .probe)
    guard case .wait = gate.admit(tokens: 1, now: 100) else {
      Issue.record("a second probe at once")
      return
    }
    #expect(gate.probed(isThere: false, now: 100) == 1)
    guard case .wait = gate.admit(tokens: 1, now: 100) else {
      Issue.record("no pause after a probe")
      return
    }
    #expect(gate.admit(tokens: 1, now: 300) == .probe)
    #expect(gate.probed(isThere: true, now: 300) == 0)
    #expect(gate.admit(tokens: 1, now: 300) == .go)
  }
}
