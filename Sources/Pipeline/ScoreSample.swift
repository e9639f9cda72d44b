// A stratified sample of documents: what a judge is asked about where asking about all is too much.

import Documents
import Files
import Foundation
import Rubrics
import Settings
import Storage

/// A stratified sample of the documents that meet a filter.
public struct ScoreSample: Sendable, Equatable, Codable {
  /// The documents to choose.
  public var count: Int
  /// Columns of `corpus`: those of text divide by their values, those of numbers by bins.
  public var by: [String]
  /// The bins of a column of numbers, of about as many documents each.
  public var bins: Int
  /// Different seeds choose independently.
  public var seed: Int

  /// Creates a sample.
  ///
  /// - Parameters:
  ///   - count: The documents to choose.
  ///   - by: The columns to divide by.
  ///   - bins: The bins of a column of numbers.
  ///   - seed: Different seeds choose independently.
  public init(count: Int, by: [String] = ["source"], bins: Int = 5, seed: Int = 1) {
    self.count = count
    self.by = by
    self.bins = bins
    self.seed = seed
  }

  /// Reads a recipe's `sample`, in which `by` may be one column or a list.
  init(yaml setting: Setting) throws {
    let (by, rest) = try setting.splitting(off: "by")
    self = try rest.decode(over: ScoreSample(count: 0))
    guard let by else { return }
    self.by = try (try? by.items())?.isEmpty == true ? [] : by.texts()
  }

  /// Refuses a sample that cannot be taken.
  func validate(place: String) throws {
    guard count > 0, bins > 0, bins <= 1_000 else {
      throw Failure(
        .usage,
        what: "a sample of \(count) documents in \(bins) bins cannot be taken",
        place: place,
        remedy: "ask for a document or more, and 1 to 1,000 bins"
      )
    }
  }
}

extension StageContext {
  /// The documents of a sample.
  ///
  /// - Parameters:
  ///   - sample: The sample.
  ///   - filter: What documents must meet.
  ///   - place: Whose sample it is, for messages.
  /// - Returns: The documents; `nil` without a sample, where all are meant.
  /// - Throws: ``Failure`` where a column or the filter cannot be used; ``Interrupted``.
  func chosen(
    _ sample: ScoreSample?,
    filter: String?,
    place: String
  ) throws -> Set<DocumentID>? {
    guard let sample else { return nil }
    try sample.validate(place: place)
    let columns = try workspace.index.columns(named: sample.by, place: place)
    // Whatever is a number in some document is divided by bins, and all else by its text.
    var numbers: Set<String> = []
    try workspace.index.forEachValues(values: columns, filter: filter, place: place) { row in
      for (column, value) in zip(columns, row.values) where value != nil { numbers.insert(column) }
    }
    var documents: [StratifiedDocument] = []
    try workspace.index.forEachValues(
      names: columns.filter { !numbers.contains($0) },
      values: columns.filter(numbers.contains),
      filter: filter,
      place: place
    ) { row in
      if documents.count & 0xfff == 0 { try stop.check() }
      documents.append(StratifiedDocument(id: row.id, names: row.names, values: row.values))
    }
    return StratifiedSample.choose(
      sample.count,
      of: documents,
      bins: sample.bins,
      seed: UInt64(bitPattern: Int64(sample.seed))
    )
  }
}

/// A digest of a choice of documents, for fingerprints.
func digest(of chosen: Set<DocumentID>?) -> String {
  guard let chosen else { return "" }
  var hash = SHA256()
  for id in chosen.sorted() { hash.update(id.description) }
  return hash.finish().description
}
