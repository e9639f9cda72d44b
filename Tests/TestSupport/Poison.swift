/// A buffer whose every element is NaN, for `into:` arguments: an unwritten cell then fails a test.
///
/// - Parameter count: The number of elements.
/// - Returns: An array of NaN.
public func poisoned(count: Int) -> [Float] {
  [Float](repeating: .nan, count: count)
}
