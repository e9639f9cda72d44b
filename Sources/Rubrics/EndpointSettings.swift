// How a model behind an OpenAI-compatible endpoint is asked.

public import Documents
import Files
import Foundation

/// How a model behind an endpoint is asked, and how patiently.
public struct EndpointSettings: Sendable, Codable, Equatable {
  /// Whether to ask for JSON under a schema.
  public enum Structured: String, Sendable, Codable, CaseIterable {
    /// Where the server does not refuse it.
    case auto
    /// In each request.
    case always
    /// In none.
    case never
  }

  /// The base address, such as `http://127.0.0.1:8080/v1`.
  public var endpoint: String
  /// The model's name at the endpoint.
  public var model: String
  /// The environment variable that holds the key, or `nil`.
  public var keyEnvironment: String?
  /// The file that holds the key, or `nil`.
  public var keyFile: String?
  /// The temperature.
  public var temperature: Double
  /// The seed; where an answer cannot be read, the next request has the next seed.
  public var seed: Int
  /// The tokens of an answer.
  public var maxTokens: Int
  /// Whether to ask for JSON under a schema.
  public var structured: Structured
  /// Whether to ask for the probabilities of the score's digits.
  public var expectedScore: Bool
  /// What of a long sample reaches the judge.
  public var cut: SampleCut.Rule
  /// The bytes of a sample that reach the judge at most.
  public var longest: Int
  /// More members of the request, for what one server alone knows.
  public var extra: [String: MetadataValue]
  /// The requests under way at once.
  public var concurrency: Int
  /// The requests of a minute, or `nil` where the endpoint sets no limit.
  public var requestsPerMinute: Int?
  /// The tokens of a minute, read and written, or `nil`.
  public var tokensPerMinute: Int?
  /// The seconds that one request may take.
  public var timeout: Double
  /// The requests that may fail for one sample before it has no score.
  public var attempts: Int
  /// How often a sample is asked again whose answer cannot be read.
  public var askAgain: Int
  /// The longest pause after the first failure, in seconds; it doubles with each further one.
  public var firstPause: Double
  /// The longest pause of all, in seconds, and the longest that a server may ask for.
  public var longestPause: Double
  /// The failures in a row after which the endpoint is left alone for a while.
  public var breakerFailures: Int

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - endpoint: The base address.
  ///   - model: The model's name at the endpoint.
  public init(endpoint: String = "", model: String = "") {
    self.endpoint = endpoint
    self.model = model
    temperature = 0
    seed = 1
    maxTokens = 400
    structured = .auto
    expectedScore = false
    cut = .head
    longest = 12_000
    extra = [:]
    concurrency = 8
    timeout = 120
    attempts = 8
    askAgain = 2
    firstPause = 1
    longestPause = 60
    breakerFailures = 20
  }

  /// How samples are cut.
  package var sampleCut: SampleCut { SampleCut(rule: cut, longest: longest) }

  /// What decides answers, as JSON with sorted keys: not where the endpoint is, nor how patiently it
  /// is asked.
  package var parameters: String {
    let members: [String: MetadataValue] = [
      "temperature": .number(temperature), "seed": .integer(seed),
      "maxTokens": .integer(maxTokens), "structured": .text(structured.rawValue),
      "expectedScore": .flag(expectedScore), "cut": .text(cut.rawValue),
      "longest": .integer(longest), "extra": .object(extra),
    ]
    var json: [UInt8] = []
    do {
      try appendJSONObject(members, to: &json)
    } catch {
      preconditionFailure("settings that were not validated hold a number that is not finite")
    }
    return String(decoding: json, as: UTF8.self)
  }

  /// Whether the endpoint is on this machine: `localhost`, `::1`, or an address of four numbers that
  /// begins with 127.
  ///
  /// `127.example.org` is a name like any other, and may be anybody's.
  package var isLocal: Bool {
    // What is written in escapes may be read as one host here and as another by who connects.
    guard !endpoint.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "\\") })
    else { return false }
    let host = URLComponents(string: endpoint)?.host?.lowercased() ?? ""
    return ["localhost", "::1", "[::1]"].contains(host) || isLoopbackAddress(host)
  }

  /// Refuses settings that cannot work.
  ///
  /// - Parameter place: Where they stand.
  /// - Throws: ``Failure`` of usage that names the first that cannot.
  package func validate(place: String) throws {
    func refuse(_ what: String, _ remedy: String) -> Failure {
      Failure(.usage, what: what, place: place, remedy: remedy)
    }
    let parts = URLComponents(string: endpoint)
    guard let parts, ["http", "https"].contains(parts.scheme?.lowercased()),
      parts.host?.isEmpty == false
    else {
      throw refuse(
        endpoint.isEmpty ? "no endpoint is named" : "the endpoint is no web address",
        "give the base address of an OpenAI-compatible server, such as http://127.0.0.1:8080/v1"
      )
    }
    guard parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil else {
      throw refuse(
        "the endpoint's address holds a user, a password, a question or a fragment",
        "write scheme, host, port and path alone; a key goes into an environment variable or a file"
      )
    }
    // A port that the text has and the parts lack is too large for a number.
    guard parts.port.map({ (1...65_535).contains($0) }) ?? (parts.rangeOfPort == nil) else {
      throw refuse("the endpoint's port is out of range", "give a port from 1 to 65535")
    }
    guard !model.isEmpty, model.utf8.count <= 300 else {
      throw refuse("no model is named", "give the model's name, as the endpoint lists it")
    }
    guard keyEnvironment == nil || keyFile == nil else {
      throw refuse("there are two places for the key", "keep one of `keyEnvironment` and `keyFile`")
    }
    guard endpoint.lowercased().hasPrefix("https:") || isLocal || (keyEnvironment ?? keyFile) == nil
    else {
      throw refuse(
        "the key would go over the network for all to read",
        "use https, or leave the key out"
      )
    }
    func check(_ name: String, _ value: Double, _ range: ClosedRange<Double>) throws {
      guard range.contains(value) else {
        throw refuse(
          "`\(name)` is out of range",
          "give a number from \(shown(range.lowerBound)) to \(shown(range.upperBound))"
        )
      }
    }
    try check("temperature", temperature, 0...10)
    try check("seed", Double(seed), 0...1e9)
    try check("maxTokens", Double(maxTokens), 1...1e6)
    try check("longest", Double(longest), 100...10_000_000)
    try check("concurrency", Double(concurrency), 1...1_024)
    try check("requestsPerMinute", Double(requestsPerMinute ?? 1), 1...1e9)
    try check("tokensPerMinute", Double(tokensPerMinute ?? 1), 1...1e12)
    try check("timeout", timeout, 0.01...86_400)
    try check("attempts", Double(attempts), 1...1_000)
    try check("askAgain", Double(askAgain), 0...100)
    try check("firstPause", firstPause, 0...3_600)
    try check("longestPause", longestPause, firstPause...86_400)
    try check("breakerFailures", Double(breakerFailures), 1...1e6)
    for name in ["model", "messages", "stream", "n"] where extra[name] != nil {
      throw refuse("`extra` cannot set `\(name)`", "take it out")
    }
  }
}

/// Whether a host is an IPv4 address of the network 127.0.0.0/8, written as four decimal numbers.
private func isLoopbackAddress(_ host: String) -> Bool {
  let parts = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
  guard parts.count == 4 else { return false }
  let numbers = parts.compactMap { part -> Int? in
    guard (1...3).contains(part.count),
      part.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      // A leading zero makes an octal number to some.
      part.count == 1 || part.first != UInt8(ascii: "0")
    else { return nil }
    return Int(String(Substring(part)))
  }
  return numbers.count == 4 && numbers[0] == 127 && numbers.allSatisfy { $0 <= 255 }
}

/// A bound as a message writes it.
private func shown(_ value: Double) -> String {
  Int(exactly: value).map(String.init) ?? "\(value)"
}
