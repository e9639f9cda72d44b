// What has been done for one sample so far, until it is a judgment.

import Rubrics

/// What has been done for one sample so far.
struct SampleWork {
  var judgment = Judgment(reason: "")
  /// The requests that failed.
  var failures = 0
  /// The requests in a row that came too quickly for the server, and when the first of them did.
  private(set) var limits = 0
  private(set) var limitedSince = 0.0
  /// The answers that could not be read.
  var answers = 0
  /// Why the last answer could not be read.
  var reason = ""
  private let began: Double

  var attempts: Int {
    get { judgment.attempts }
    set { judgment.attempts = newValue }
  }

  init(began: Double) {
    self.began = began
  }

  /// Adds the tokens of an answer.
  mutating func count(_ used: TokenCount) {
    limits = 0
    judgment.inputTokens += used.input
    judgment.outputTokens += used.output
  }

  /// Enters that a request came too quickly for the server.
  mutating func limited(at now: Double) {
    if limits == 0 { limitedSince = now }
    limits += 1
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
