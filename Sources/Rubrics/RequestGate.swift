// When the next request may go: rate limits, pauses that the server asks for, and a circuit breaker.
//
// Where a server says that requests come too quickly, they go one by one after the pause, further and
// further apart until it says so no more, and closer again with every answer.
//
// Pure arithmetic over a clock that the caller reads, so that an hour of it is tested in a
// millisecond. It waits for nobody; whoever asks is told how long to wait.

import Documents

/// A store of permits that fills up at an even rate.
package struct TokenBucket: Sendable, Equatable {
  private let perSecond: Double
  private let capacity: Double
  private var level: Double
  private var filledAt: Double

  /// Creates a full bucket.
  ///
  /// - Parameters:
  ///   - perMinute: The permits that come in a minute.
  ///   - capacity: The permits that it holds, at least 1.
  ///   - now: The present, in seconds.
  package init(perMinute: Int, capacity: Double, now: Double) {
    perSecond = Double(perMinute) / 60
    self.capacity = max(1, capacity)
    level = self.capacity
    filledAt = now
  }

  /// The seconds until so many permits are there; an amount above the capacity asks for a full bucket.
  package mutating func wait(for amount: Double, now: Double) -> Double {
    fill(now)
    return max(0, (min(amount, capacity) - level) / perSecond)
  }

  /// Takes permits, below nothing where more are taken than are there.
  package mutating func take(_ amount: Double, now: Double) {
    fill(now)
    level -= amount
  }

  private mutating func fill(_ now: Double) {
    level = min(capacity, level + max(0, now - filledAt) * perSecond)
    filledAt = max(filledAt, now)
  }
}

/// Decides when requests to one endpoint may go.
package struct RequestGate: Sendable {
  /// What to do now.
  package enum Admission: Sendable, Equatable {
    /// Send the request.
    case go
    /// Wait so many seconds, then ask again.
    case wait(Double)
    /// See whether the endpoint is there at all, and tell; nobody else is asked to.
    case probe
  }

  /// The state of the circuit breaker, after Nygard's "Release It!" of 2007.
  private enum Circuit: Equatable {
    case closed
    case open(until: Double)
    case probing
  }

  /// The bounds of the distance between requests once a server has found them too quick, in seconds.
  private static let shortestSpacing = 0.05
  private static let longestSpacing = 2.0
  /// What the distance is multiplied by after each refusal, and after each answer: with these, a server
  /// of one request a second answers seven in ten seconds and refuses one in ten.
  private static let retreat = 1.5
  private static let approach = 0.97

  private var requests: TokenBucket?
  private var tokens: TokenBucket?
  private var pausedUntil = -Double.infinity
  /// The mean distance between requests in seconds; 0 where they may go as they come.
  private var spacing = 0.0
  private var spacedAt = -Double.infinity
  private var nextAt = -Double.infinity
  private var admitted: UInt64 = 0
  private var circuit = Circuit.closed
  private var failuresInRow = 0
  private var probesFailed = 0
  private let breakerFailures: Int
  private let policy: RetryPolicy

  /// Creates a gate with a closed circuit.
  ///
  /// - Parameters:
  ///   - settings: The limits.
  ///   - now: The present, in seconds.
  package init(_ settings: EndpointSettings, now: Double) {
    // A second's worth may go at once, so that a limit of 6,000 a minute does not tick, but not a
    // minute's, after which the first minute would have twice the limit.
    requests = settings.requestsPerMinute.map {
      TokenBucket(perMinute: $0, capacity: Double($0) / 60, now: now)
    }
    tokens = settings.tokensPerMinute.map {
      TokenBucket(perMinute: $0, capacity: Double($0) / 60, now: now)
    }
    breakerFailures = settings.breakerFailures
    policy = RetryPolicy(firstPause: settings.firstPause, longestPause: settings.longestPause)
  }

  /// Asks for the right to send a request.
  ///
  /// - Parameters:
  ///   - estimate: The tokens that it will take.
  ///   - now: The present, in seconds.
  /// - Returns: What to do; on `go` the permits are taken.
  package mutating func admit(tokens estimate: Int, now: Double) -> Admission {
    switch circuit {
    case .probing: return .wait(0.05)
    case .open(let until) where now < until: return .wait(until - now)
    case .open:
      circuit = .probing
      return .probe
    case .closed: break
    }
    let wait = max(
      pausedUntil - now,
      nextAt - now,
      requests?.wait(for: 1, now: now) ?? 0,
      tokens?.wait(for: Double(estimate), now: now) ?? 0
    )
    guard wait <= 0 else { return .wait(wait) }
    requests?.take(1, now: now)
    tokens?.take(Double(estimate), now: now)
    if spacing > 0 {
      admitted += 1
      nextAt = now + spacing * (0.8 + 0.4 * Double(finalized(admitted) >> 11) * 0x1p-53)
    }
    return .go
  }

  /// Takes back permits of a request that was not sent after all.
  package mutating func giveBack(estimate: Int, now: Double) {
    requests?.take(-1, now: now)
    tokens?.take(-Double(estimate), now: now)
  }

  /// Corrects an estimate when the tokens are known.
  package mutating func settle(estimate: Int, used: Int, now: Double) {
    tokens?.take(Double(used - estimate), now: now)
  }

  /// Holds all requests back for a while, as a server asks for.
  package mutating func pause(seconds: Double, now: Double) {
    pausedUntil = max(pausedUntil, now + seconds)
  }

  /// Takes note of an answer, whatever it says.
  package mutating func succeeded() {
    failuresInRow = 0
    probesFailed = 0
    spacing = spacing < RequestGate.shortestSpacing / 10 ? 0 : spacing * RequestGate.approach
  }

  /// Takes note of an answer that requests come too quickly.
  ///
  /// - Parameters:
  ///   - sent: When that request was sent; what was sent before the last such answer came tells
  ///     nothing new.
  ///   - now: The present, in seconds.
  package mutating func limited(sent: Double, now: Double) {
    failuresInRow = 0
    probesFailed = 0
    guard sent >= spacedAt else { return }
    spacedAt = now
    spacing = min(
      max(RequestGate.retreat * spacing, RequestGate.shortestSpacing),
      RequestGate.longestSpacing,
      policy.longestPause
    )
  }

  /// Takes note of a request without an answer; opens the circuit after many in a row.
  package mutating func failed(now: Double) {
    failuresInRow += 1
    if circuit == .closed, failuresInRow >= breakerFailures {
      circuit = .open(until: now + policy.pause(afterFailure: 1, seed: 0))
    }
  }

  /// Lets somebody else probe where who was asked to cannot.
  package mutating func abandonProbe(now: Double) {
    if circuit == .probing { circuit = .open(until: now) }
  }

  /// Takes note of a probe.
  ///
  /// - Parameters:
  ///   - isThere: Whether the endpoint answered.
  ///   - now: The present, in seconds.
  /// - Returns: The probes in a row that were not answered.
  package mutating func probed(isThere: Bool, now: Double) -> Int {
    failuresInRow = 0
    guard !isThere else {
      circuit = .closed
      probesFailed = 0
      return 0
    }
    probesFailed += 1
    circuit = .open(until: now + policy.pause(afterFailure: probesFailed + 1, seed: 1))
    return probesFailed
  }
}
