public import Documents
import Foundation

/// What a stage did: counts in, out and rejected by reason, words and seconds.
public struct StageReport: Sendable, Codable, Equatable {
  /// Whether the stage did its work or found it done.
  public enum Status: String, Sendable, Codable {
    case done
    case upToDate = "up to date"
    case stopped
  }

  /// The stage with its object, such as `ingest childes`.
  public var stage: String
  /// Whether the stage did its work or found it done.
  public var status: Status
  /// What came in: records, documents or tokens.
  public var input: Int
  /// What went out: documents, tokens or steps.
  public var output: Int
  /// What was not kept, by reason.
  public var rejected: [String: Int]
  /// The words of what went out.
  public var words: Int
  /// How long it took; for a stage that was up to date, how long it took when it ran.
  public var seconds: Double
  /// What only this stage has to say, by name.
  public var details: [String: MetadataValue]

  /// The details that later stages compare with what they find, and that tell people nothing.
  public static let detailsForStages: Set = ["settings", "sourcesDigest"]

  /// Creates a report of finished work; the runner fills in the seconds.
  ///
  /// - Parameters:
  ///   - stage: The stage with its object.
  ///   - input: What came in.
  ///   - output: What went out.
  ///   - rejected: What was not kept, by reason.
  ///   - words: The words of what went out.
  ///   - details: What only this stage has to say.
  public init(
    stage: String,
    input: Int,
    output: Int,
    rejected: [String: Int] = [:],
    words: Int,
    details: [String: MetadataValue] = [:]
  ) {
    self.stage = stage
    self.status = .done
    self.input = input
    self.output = output
    self.rejected = rejected
    self.words = words
    self.seconds = 0
    self.details = details
  }

  /// The report as one JSON object with sorted keys.
  public var json: String { canonicalJSON(self) }
}
