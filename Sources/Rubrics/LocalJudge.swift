// Judges on this machine: no request, no wait, no cost, and the same answer each time.

/// Gives judgments by computing them.
///
/// Whoever has many samples hands them over by the batch; one by one, it is a judge like any other.
public protocol LocalJudge: Judge {
  /// The columns of `corpus` whose values samples must carry, in the order of ``Sample/values``.
  var columns: [String] { get }

  /// Whether it reads texts; one that reads values alone may be given samples without.
  var readsText: Bool { get }

  /// What decides its answers.
  var localIdentity: JudgeIdentity { get }

  /// The judgments of samples.
  ///
  /// A pure function, for any thread.
  ///
  /// - Parameter samples: The samples.
  /// - Returns: A judgment for each, in their order.
  func judgments(of samples: [Sample]) -> [Judgment]
}

extension LocalJudge {
  /// One at a time: a batch keeps all cores busy.
  public var concurrency: Int { 1 }

  /// What decides its answers.
  ///
  /// - Returns: The identity.
  public func identity() async -> JudgeIdentity { localIdentity }

  /// The judgment of one sample.
  ///
  /// - Parameters:
  ///   - sample: The sample.
  ///   - run: The run; each judgment takes one request of it.
  /// - Returns: The judgment, or `nil` where the run has ended.
  public func judgment(of sample: Sample, in run: JudgingRun) async -> Judgment? {
    guard run.takeRequest(isRepeat: false) else { return nil }
    return judgments(of: [sample]).first
  }

  /// Nothing to let go of.
  public func close() async {}
}
