/// The part of a corpus that a document belongs to, decided by its identity alone.
public enum Split: String, Sendable, Codable, CaseIterable {
  case train
  case dev

  /// Assigns a document to a split.
  ///
  /// The identity decides, so that neither the seed of the selection's order, the order of the
  /// inputs nor a new cleaning rule moves a document between splits.
  ///
  /// - Parameters:
  ///   - id: The document's identity.
  ///   - devShare: The expected share of documents in ``dev``, 0 ... 1.
  public init(id: DocumentID, devShare: Double) {
    self = id.fraction(seed: 0x0064_6576) < devShare ? .dev : .train
  }
}
