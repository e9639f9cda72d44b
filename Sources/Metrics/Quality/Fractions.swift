extension MetricValue {
  /// A part over a whole.
  ///
  /// - Parameters:
  ///   - part: The part.
  ///   - whole: The whole.
  ///   - lack: Why there is no value where the whole is nothing, such as `no lines`.
  /// - Returns: The quotient, or ``missing(_:)`` with the reason.
  static func fraction(_ part: Int, of whole: Int, _ lack: String) -> MetricValue {
    whole > 0 ? .real(Double(part) / Double(whole)) : .missing(lack)
  }
}
