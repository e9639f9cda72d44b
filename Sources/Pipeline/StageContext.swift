public import Storage
import Synchronization

/// What every stage is given beside its settings: where to work, whom to tell, when to stop.
public struct StageContext: Sendable {
  /// Where to work.
  public let workspace: Workspace
  /// Receives progress, from any thread, as often as the stage likes.
  public let progress: @Sendable (StageProgress) -> Void
  /// Asked between pieces of work.
  public let stop: StopSignal

  /// Creates a context.
  ///
  /// - Parameters:
  ///   - workspace: Where to work.
  ///   - stop: Asked between pieces of work.
  ///   - progress: Receives progress.
  public init(
    workspace: Workspace,
    stop: StopSignal = StopSignal(),
    progress: @escaping @Sendable (StageProgress) -> Void = { _ in }
  ) {
    self.workspace = workspace
    self.stop = stop
    self.progress = progress
  }
}

/// How far a stage has come.
public struct StageProgress: Sendable, Equatable {
  /// The stage with its object.
  public var stage: String
  /// What is done, in `unit`.
  public var completed: Int
  /// What there is to do, or `nil` where it is not known.
  public var total: Int?
  /// What is counted: bytes, documents, steps.
  public var unit: String
  /// A word on where the stage stands: a file, a loss.
  public var note: String

  /// Creates a progress value.
  ///
  /// - Parameters:
  ///   - stage: The stage with its object.
  ///   - completed: What is done.
  ///   - total: What there is to do, or `nil`.
  ///   - unit: What is counted.
  ///   - note: A word on where the stage stands.
  public init(stage: String, completed: Int, total: Int?, unit: String, note: String = "") {
    self.stage = stage
    self.completed = completed
    self.total = total
    self.unit = unit
    self.note = note
  }
}

/// A request to stop, set by Ctrl-C and asked by stages between pieces of work.
public final class StopSignal: Sendable {
  private let requested = Atomic<Bool>(false)

  /// Creates a signal that is not set.
  public init() {}

  /// Whether somebody asked to stop.
  public var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Asks to stop.
  public func request() { requested.store(true, ordering: .relaxed) }

  /// Ends the stage where somebody asked to stop.
  ///
  /// - Throws: ``Interrupted``.
  public func check() throws {
    if isRequested { throw Interrupted() }
  }
}

/// The stage was asked to stop; what it had begun has been undone.
public struct Interrupted: Error, Sendable, Equatable {
  /// How to go on.
  public let remedy: String

  /// Creates the error.
  ///
  /// - Parameter remedy: How to go on.
  public init(remedy: String = "run the same command again to go on") {
    self.remedy = remedy
  }
}
