// The order in which an epoch visits its windows: a seeded shuffle that depends on the seed, the
// epoch and the number of windows alone.

/// The windows of an epoch in shuffled order (Fisher–Yates over SplitMix64).
///
/// - Parameters:
///   - count: The number of windows.
///   - seed: The run's seed.
///   - epoch: The epoch, from 0.
/// - Returns: Each of 0 ..< count once.
package func windowOrder(count: Int, seed: UInt64, epoch: Int) -> [Int32] {
  var state = spread(seed) ^ spread(UInt64(epoch) &+ 0x5741_494e)
  var order = (0..<Int32(count)).map(\.self)
  var remaining = UInt64(count)
  while remaining > 1 {
    state &+= 0x9e37_79b9_7f4a_7c15
    // The high word of the product is even over 0 ..< remaining up to 2⁻³².
    let pick = Int(spread(state).multipliedFullWidth(by: remaining).high)
    remaining -= 1
    order.swapAt(pick, Int(remaining))
  }
  return order
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
private func spread(_ bits: UInt64) -> UInt64 {
  var z = bits
  z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
  z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
  return z ^ (z >> 31)
}
