// What to measure, and with what: the settings of `measure`, as a recipe or a command states them.

import Files
import Foundation
public import Metrics
import Settings
import Storage

/// What to measure, and with what.
public struct MeasureSettings: Sendable, Equatable {
  /// The metrics' names; all where there are none.
  public var metrics: [String]
  /// The files of word lists, by the lists' names.
  public var wordLists: [String: String]
  /// How sources are divided into sentences, where that is not as their format says.
  public var segmentation: [String: Segmentation]
  /// Sources that are divided into sentences as their format says, whatever was done before.
  public var segmentationByFormat: Set<String> = []
  /// Whether sources that are not named are divided as they were when they were measured last.
  ///
  /// Else they go by their format: a recipe says all, a command only what is to change.
  public var keepsSegmentation = false

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - metrics: The metrics' names; all where there are none.
  ///   - wordLists: The files of word lists, by the lists' names.
  ///   - segmentation: How sources are divided into sentences, where that is not as their format says.
  public init(
    metrics: [String] = [],
    wordLists: [String: String] = [:],
    segmentation: [String: Segmentation] = [:]
  ) {
    self.metrics = metrics
    self.wordLists = wordLists
    self.segmentation = segmentation
  }

  /// Reads a recipe's `measure`.
  ///
  /// - Parameters:
  ///   - setting: The mapping.
  ///   - folder: What relative paths start from.
  ///   - sources: The recipe's sources.
  /// - Throws: ``Failure`` with the line of what cannot be understood.
  init(yaml setting: Setting, folder: String, sources: [String]) throws {
    let keys = try KeyedSettings(setting, known: ["metrics", "wordLists", "segmentation"])
    if let metrics = keys["metrics"], case .list(let items) = metrics.content, items.isEmpty {
      throw Failure(
        .usage,
        what: "`metrics` names no metric",
        place: metrics.place,
        remedy: "leave the key out to measure all, or leave `measure` out to measure none"
      )
    }
    self.init(metrics: try keys["metrics"]?.texts() ?? [])
    for entry in try keys["wordLists"]?.entries() ?? [] {
      let path = try entry.value.text()
      wordLists[entry.key] = path.hasPrefix("/") ? path : folder + "/" + path
    }
    for entry in try keys["segmentation"]?.entries() ?? [] {
      guard sources.contains(entry.key) else {
        throw entry.value.unknown(entry.key, known: sources)
      }
      segmentation[entry.key] = try Segmentation(
        named: entry.value.text(),
        place: entry.value.place
      )
    }
    _ = try chosen(among: allMetrics, place: setting.place)
  }

  /// The metrics to measure.
  ///
  /// - Parameters:
  ///   - known: All metrics that there are.
  ///   - place: Where the settings stand.
  /// - Returns: Those that are named, in the order of `known`.
  /// - Throws: ``Failure`` of usage with the nearest known name of a metric or a word list, or where a
  ///   list is given that none of the metrics to measure reads.
  func chosen(among known: [any Metric], place: String) throws -> [any Metric] {
    let names = known.map(\.name)
    for name in metrics where !names.contains(name) {
      throw unknown(name, "metric", among: names, place: place)
    }
    let lists = Set(known.flatMap(\.wordLists)).subtracting([MetricResources.pool]).sorted()
    for name in wordLists.keys.sorted() where !lists.contains(name) {
      throw unknown(name, "word list that a metric reads", among: lists, place: place)
    }
    let chosen = known.filter { metrics.isEmpty || metrics.contains($0.name) }
    for name in wordLists.keys.sorted()
    where !chosen.contains(where: { $0.wordLists.contains(name) }) {
      let readers = known.filter { $0.wordLists.contains(name) }.map { "`\($0.name)`" }
      throw Failure(
        .usage,
        what: "no metric that is to be measured reads the word list `\(name)`",
        place: place,
        remedy: "measure \(readers.joined(separator: " or ")) as well, or leave the list out"
      )
    }
    return chosen
  }

  private func unknown(
    _ name: String,
    _ kind: String,
    among known: [String],
    place: String
  ) -> Failure {
    Failure(
      .usage,
      what: "`\(name)` is no \(kind)",
      place: place,
      remedy: nearestName(to: name, among: known).map { "did you mean `\($0)`?" }
        ?? "known are: \(known.joined(separator: ", "))"
    )
  }
}

extension Segmentation {
  /// Finds a segmentation by name.
  ///
  /// - Parameters:
  ///   - name: What the user wrote.
  ///   - place: Where, for the message.
  /// - Throws: ``Failure`` of usage for any other name.
  public init(named name: String, place: String) throws {
    guard let segmentation = Segmentation(rawValue: name) else {
      throw Failure(
        .usage,
        what: "`\(name)` is no segmentation",
        place: place,
        remedy: "give \(Segmentation.allCases.map { "`\($0.rawValue)`" }.joined(separator: " or "))"
      )
    }
    self = segmentation
  }
}

/// How the files of a source are divided into sentences.
struct SourceSegmentation: Sendable {
  /// The mode of every file; `nil` where it goes by the file.
  let mode: Segmentation?

  /// Decides for a source.
  ///
  /// - Parameters:
  ///   - given: What the settings say, or `nil`.
  ///   - format: The reader's name; one that is not known any more reads prose.
  init(given: Segmentation?, format: String) {
    switch SourceFormat(rawValue: format) {
    case .childes: mode = given ?? .transcript
    case .babylm: mode = given
    default: mode = given ?? .prose
    }
  }

  /// What is recorded of the source: a mode, or that it goes by the file.
  var name: String { mode?.rawValue ?? "by file" }

  /// The mode of a file of the source.
  ///
  /// The mode that the source was measured by, where that is another one than this.
  ///
  /// - Parameter measured: How each file of the source was divided.
  /// - Returns: The one mode of all of them, or `nil` where they are as this says or of both modes.
  func other(
    thatMeasured measured: [(source: String, file: String, segmentation: String)]
  ) -> Segmentation? {
    let modes = Set(measured.map(\.segmentation))
    guard modes.count == 1, let mode = modes.first.flatMap(Segmentation.init(rawValue:)),
      measured.contains(where: { self.mode(of: $0.file) != mode })
    else { return nil }
    return mode
  }

  /// BabyLM's files of speech are transcripts, whatever archive they lie in.
  ///
  /// - Parameter file: The file's name; a zip's member follows after `!`.
  /// - Returns: The mode.
  func mode(of file: String) -> Segmentation {
    if let mode { return mode }
    let base = file.split(whereSeparator: { $0 == "!" || $0 == "/" }).last ?? ""
    let domain = String(base.split(separator: ".").first ?? "").lowercased()
    return SourceSegmentation.spokenDomains.contains(domain) ? .transcript : .prose
  }

  /// The files of BabyLM, without extension, of which each line is an utterance.
  private static let spokenDomains: Set<String> = [
    "aochildes", "bnc_spoken", "childes", "open_subtitles", "qed", "switchboard",
  ]
}
