// What a judge is to score: the settings of one scoring, as a recipe or a command states them.

import Files
import Foundation
public import Rubrics
import Settings
import Storage

/// What a judge is to score.
public struct ScoreSettings: Sendable, Equatable {
  /// What is asked.
  public var rubric: Rubric
  /// The judge's name, which ends the name of the column of scores.
  public var judgeName: String
  /// An SQLite expression over the columns of `corpus` that documents must meet, or `nil`.
  public var filter: String?
  /// The model behind an endpoint, and how it is asked.
  public var endpoint: EndpointSettings
  /// The judge on this machine that is asked in the endpoint's place, or `nil`.
  public var local: LocalJudgeChoice?
  /// The sample of the documents that is scored, or `nil` for all.
  public var sample: ScoreSample?
  /// The dollars to spend at most in one run, or `nil`.
  public var mostCost: Double?
  /// The requests to send at most in one run, or `nil`.
  public var mostRequests: Int?
  /// A file of what models cost, or `nil` for the program's own table.
  public var prices: String?

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - rubric: What is asked.
  ///   - judgeName: The judge's name, or `nil` to make it of the model's.
  ///   - filter: A filter of documents, or `nil`.
  ///   - endpoint: The model behind an endpoint, and how it is asked.
  public init(
    rubric: Rubric,
    judgeName: String? = nil,
    filter: String? = nil,
    endpoint: EndpointSettings
  ) {
    self.rubric = rubric
    self.judgeName = judgeName ?? ScoreSettings.judgeName(ofModel: endpoint.model)
    self.filter = filter
    self.endpoint = endpoint
  }

  /// Creates settings for a judge on this machine.
  ///
  /// - Parameters:
  ///   - rubric: What is asked.
  ///   - judgeName: The judge's name, or `nil` for its usual one.
  ///   - filter: A filter of documents, or `nil`.
  ///   - local: The judge.
  public init(
    rubric: Rubric,
    judgeName: String? = nil,
    filter: String? = nil,
    local: LocalJudgeChoice
  ) {
    self.init(
      rubric: rubric,
      judgeName: judgeName ?? local.judgeName,
      filter: filter,
      endpoint: EndpointSettings()
    )
    self.local = local
  }

  /// The keys of a recipe's entry beside those of the endpoint.
  package static let ownKeys = ["rubric", "judge", "filter", "distilled", "sample"]
  /// Those of an endpoint's limits, which decide no answers.
  package static let limitKeys = ["maxCost", "maxRequests", "prices"]

  /// Reads a recipe's `score`: one entry or a list.
  static func list(yaml setting: Setting?, folder: String) throws -> [ScoreSettings] {
    guard let setting else { return [] }
    guard case .list(let items) = setting.content else {
      return [try ScoreSettings(yaml: setting, folder: folder)]
    }
    let scores = try items.map { try ScoreSettings(yaml: $0, folder: folder) }
    var names: Set<String> = []
    for (score, item) in zip(scores, items)
    where !names.insert(score.column.name.lowercased()).inserted {
      throw Failure(
        .usage,
        what: "two entries would fill the column `\(score.column.name)`",
        place: item.place,
        remedy: "give one of the judges another name with `judge:`"
      )
    }
    return scores
  }

  /// Reads one entry of a recipe's `score`.
  init(yaml setting: Setting, folder: String) throws {
    let ofEndpoint = Mirror(reflecting: EndpointSettings()).children.compactMap(\.label)
    let ofOthers = ScoreSettings.ownKeys + ScoreSettings.limitKeys
    _ = try setting.entries(known: ofOthers + ofEndpoint)
    var rest = setting
    var own: [String: Setting] = [:]
    for key in ofOthers {
      let (value, others) = try rest.splitting(off: key)
      own[key] = value
      rest = others
    }
    guard let rubric = own["rubric"] else {
      throw Failure(
        .usage,
        what: "the key `rubric` is missing",
        place: setting.place,
        remedy: "name a rubric with `rubric:`"
      )
    }
    func path(_ path: String) -> String { path.hasPrefix("/") ? path : folder + "/" + path }
    if let local = try LocalJudgeChoice(yaml: setting, path: path) {
      self.init(
        rubric: try Rubric(named: rubric.text(), relativeTo: folder),
        judgeName: try own["judge"]?.text(),
        filter: try own["filter"]?.text(),
        local: local
      )
    } else {
      var endpoint = try rest.decode(over: EndpointSettings())
      endpoint.keyFile = endpoint.keyFile.map(path)
      self.init(
        rubric: try Rubric(named: rubric.text(), relativeTo: folder),
        judgeName: try own["judge"]?.text(),
        filter: try own["filter"]?.text(),
        endpoint: endpoint
      )
      mostCost = try own["maxCost"].map { setting in
        let cost = try setting.decode(over: 0.0)
        guard cost >= 0 else { throw setting.mismatch("a number of dollars from 0 on") }
        return cost
      }
      mostRequests = try own["maxRequests"]?.integer(in: 1...Int.max)
      prices = try own["prices"].map { path(try $0.text()) }
    }
    sample = try own["sample"].map(ScoreSample.init(yaml:))
    try validate(place: setting.place)
  }

  /// When a run stops before its end, as the settings say.
  ///
  /// - Returns: The limits.
  /// - Throws: ``Failure`` where the table of prices cannot be read.
  func limits() throws -> ScoreLimits {
    ScoreLimits(
      mostRequests: mostRequests,
      mostCost: mostCost,
      prices: try prices.map(PriceTable.init(path:))
    )
  }

  /// Refuses settings that cannot work.
  ///
  /// - Parameter place: Where they stand.
  /// - Throws: ``Failure`` of usage.
  public func validate(place: String) throws {
    if local == nil { try endpoint.validate(place: place) }
    try sample?.validate(place: place)
    guard isColumnPart(judgeName) else {
      throw Failure(
        .usage,
        what: "`\(judgeName)` cannot name a judge",
        place: place,
        remedy: "begin with a letter, go on with letters, digits and `_`, at most 40 in all"
      )
    }
  }

  /// A judge's name made of a model's: `Qwen/Qwen3-8B` gives `qwen3_8b`.
  static func judgeName(ofModel model: String) -> String {
    let name = model.split(separator: "/").last.map(String.init) ?? model
    let letters = name.lowercased().map { character in
      character.isASCII && (character.isLetter || character.isNumber) ? character : "_"
    }
    let first = letters.drop { !$0.isLetter }
    return String(first.prefix(40))
  }
}

/// When a scoring stops though it is not done, and what it asks again.
public struct ScoreLimits: Sendable {
  /// The requests to send at most, or `nil`.
  public var mostRequests: Int?
  /// The dollars to spend at most, or `nil`.
  public var mostCost: Double?
  /// Whether samples without a score are asked again.
  public var retriesFailures: Bool
  /// What models cost; the program's own table where it is `nil`.
  public var prices: PriceTable?
  /// What a run that goes on is held to; its requests are beside the others.
  public var driftCheck: DriftCheck?

  /// Creates limits.
  ///
  /// - Parameters:
  ///   - mostRequests: The requests to send at most, or `nil`.
  ///   - mostCost: The dollars to spend at most, or `nil`.
  ///   - retriesFailures: Whether samples without a score are asked again.
  ///   - prices: What models cost, or `nil` for the program's own table.
  public init(
    mostRequests: Int? = nil,
    mostCost: Double? = nil,
    retriesFailures: Bool = false,
    prices: PriceTable? = nil
  ) {
    self.mostRequests = mostRequests
    self.mostCost = mostCost
    self.retriesFailures = retriesFailures
    self.prices = prices
  }

  /// The price of a model.
  func price(of settings: EndpointSettings) throws -> PriceTable.Price? {
    try (prices ?? PriceTable()).price(of: settings)
  }
}
