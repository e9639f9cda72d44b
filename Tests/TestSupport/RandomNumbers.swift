/// A seeded source of random numbers for tests (SplitMix64), so that a failure repeats.
public struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  /// Creates a source.
  ///
  /// - Parameter seed: Equal seeds give equal numbers.
  public init(_ seed: UInt64) { state = seed }

  /// The next 64 bits.
  ///
  /// - Returns: Random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Numbers spread evenly around a centre.
  ///
  /// - Parameters:
  ///   - count: How many.
  ///   - centre: The middle of the interval.
  ///   - spread: Half its width.
  /// - Returns: The numbers.
  public mutating func doubles(_ count: Int, centre: Double = 0, spread: Double = 1) -> [Double] {
    (0..<count).map { _ in centre + Double.random(in: -spread...spread, using: &self) }
  }
}
