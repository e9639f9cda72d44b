/// The part of a corpus that a document belongs to, decided by its identity alone.
public enum Split: String, Sendable, Codable, CaseIterable {
  case train
  case dev
  case test

  /// Assigns a document to a split.
  ///
  /// The identity decides, so that neither the seed of the selection's order, the order of the
  /// inputs nor a new cleaning rule moves a document between splits.
  ///
  /// - Parameters:
  ///   - id: The document's identity.
  ///   - devShare: The expected share of documents in ``dev``, 0 ... 1.
  ///   - testShare: The expected share of documents in ``test``; with `devShare` at most 1. Raising it
  ///     moves documents from train, never from dev.
  public init(id: DocumentID, devShare: Double, testShare: Double = 0) {
    let fraction = id.fraction(seed: 0x0064_6576)
    self = fraction < devShare ? .dev : fraction < devShare + testShare ? .test : .train
  }
}
