/// A bad file, setting or workspace: what is wrong, where, and what to do about it.
///
/// Programmer errors trap, bad records are a ``Rejection``; this is for what only the user can mend.
public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
  /// Whose mistake it is, which decides the exit status.
  public enum Kind: Sendable, Equatable {
    /// A setting or an argument: exit status 64.
    case usage
    /// A file, a workspace or the machine: exit status 1.
    case work
    /// A training whose numbers are no longer finite: exit status 1, but a result in a sweep.
    case divergence
  }

  /// Whose mistake it is.
  public let kind: Kind
  /// What is wrong, as one clause without a full stop.
  public let what: String
  /// Where: a path with line, offset, page or row.
  public let place: String
  /// What to do, as one imperative clause without a full stop.
  public let remedy: String

  /// Creates a failure.
  ///
  /// - Parameters:
  ///   - kind: Whose mistake it is.
  ///   - what: What is wrong, without a full stop.
  ///   - place: A path with line, offset, page or row.
  ///   - remedy: What to do, without a full stop.
  public init(_ kind: Kind = .work, what: String, place: String, remedy: String) {
    self.kind = kind
    self.what = what
    self.place = place
    self.remedy = remedy
  }

  /// The message for people: place, fault, remedy.
  public var description: String {
    "\(place): \(what)\n  what to do: \(remedy)"
  }
}
