/// A record that was read but not kept, with the reason; never an error.
public struct Rejection: Sendable, Equatable {
  /// Why the record was not kept: a short phrase in the source's own terms, counted in reports.
  public let reason: String
  /// Where the record stands.
  public let origin: Origin
  /// What exactly was wrong, or empty.
  public let detail: String

  /// Creates a rejection.
  ///
  /// - Parameters:
  ///   - reason: A short phrase, the same for every record that fails in the same way.
  ///   - origin: Where the record stands.
  ///   - detail: What exactly was wrong.
  public init(reason: String, origin: Origin, detail: String = "") {
    self.reason = reason
    self.origin = origin
    self.detail = detail
  }
}
