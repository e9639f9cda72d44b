// When to ask again, and after what pause.
//
// Exponential backoff with full jitter (M. Brooker, "Exponential Backoff And Jitter", AWS 2015): a
// pause is drawn evenly from nothing to the bound of its attempt, so that clients who were refused at
// once do not come back at once. A server that names a time is believed, but for one that says to come
// back at once: the greater of both pauses holds.

import Documents

/// The pauses between requests that failed.
package struct RetryPolicy: Sendable, Equatable {
  /// The bound of the first pause, in seconds.
  package let firstPause: Double
  /// The bound of any pause, in seconds.
  package let longestPause: Double

  /// Creates a policy.
  ///
  /// - Parameters:
  ///   - firstPause: The bound of the first pause, in seconds.
  ///   - longestPause: The bound of any pause, in seconds.
  package init(firstPause: Double, longestPause: Double) {
    self.firstPause = firstPause
    self.longestPause = longestPause
  }

  /// Whether a status tells of the moment and not of the request (RFC 9110, RFC 6585).
  ///
  /// - Parameter status: The status of an answer that is no success.
  /// - Returns: Whether the same request may succeed later.
  package static func isPassing(_ status: Int) -> Bool {
    status == 408 || status == 409 || status == 429 || (500..<600).contains(status)
  }

  /// The pause after a failure.
  ///
  /// - Parameters:
  ///   - failures: The failures so far, at least 1.
  ///   - seed: What makes the pauses of samples differ; the same gives the same.
  /// - Returns: Seconds from 0 to the bound of this failure.
  package func pause(afterFailure failures: Int, seed: UInt64) -> Double {
    // Beyond 60 doublings every bound is the longest.
    let bound = firstPause * Double(1 << UInt64(min(max(failures - 1, 0), 60)))
    let bits = finalized(seed &+ finalized(UInt64(failures)))
    return min(bound, longestPause) * Double(bits >> 11) * 0x1p-53
  }

  /// How long an endpoint may answer one sample with "too many requests" and nothing else, in seconds.
  ///
  /// That status says that the endpoint is well and the client too quick, so it is no failed attempt;
  /// this bounds it instead.
  package var longestRefusalOfRate: Double { 10 * longestPause }

  /// The seconds that a server asks for.
  ///
  /// - Parameters:
  ///   - header: The value of `Retry-After`: seconds, or a date of HTTP.
  ///   - now: The present, in seconds since 1970.
  /// - Returns: The seconds, at least 0, or `nil` where the value is neither.
  package static func seconds(ofRetryAfter header: String, now: Double) -> Double? {
    let value = header.trimmed
    if value.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
      return value.isEmpty ? nil : Double(value)
    }
    return secondsSince1970(ofHTTPDate: value).map { max(0, $0 - now) }
  }
}

extension String {
  fileprivate var trimmed: String {
    String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }
}

/// A date of HTTP (RFC 9110, 5.6.7) in seconds since 1970.
///
/// - Parameter text: `Sun, 06 Nov 1994 08:49:37 GMT`, or one of the two older forms.
/// - Returns: The seconds, or `nil` where it is no such date.
package func secondsSince1970(ofHTTPDate text: String) -> Double? {
  let fields = text.split { $0 == " " || $0 == "," || $0 == "-" }.map(String.init)
  // Sun 06 Nov 1994 08:49:37 GMT; Sunday 06 Nov 94 08:49:37 GMT; Sun Nov 6 08:49:37 1994.
  guard fields.count == 5 || fields.count == 6 else { return nil }
  let isOldest = fields.count == 5
  guard isOldest || fields[5] == "GMT" || fields[5] == "UTC" else { return nil }
  let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
  let clock = fields[isOldest ? 3 : 4].split(separator: ":").map { Int($0) }
  guard let month = months.firstIndex(of: fields[isOldest ? 1 : 2]),
    let day = Int(fields[isOldest ? 2 : 1]), (1...31).contains(day),
    var year = Int(fields[isOldest ? 4 : 3]), (0...9_999).contains(year),
    clock.count == 3, let hour = clock[0], let minute = clock[1], let second = clock[2],
    (0..<24).contains(hour), (0..<60).contains(minute), (0...60).contains(second)
  else { return nil }
  if year < 100 { year += year < 70 ? 2_000 : 1_900 }
  // Days of the civil calendar counted from March on, so that a leap day ends the year.
  let m = (month + 10) % 12
  let y = month < 2 ? year - 1 : year
  let days = 365 * y + y / 4 - y / 100 + y / 400 + (m * 306 + 5) / 10 + day - 1 - 719_468
  return Double(days * 86_400 + hour * 3_600 + minute * 60 + second)
}
