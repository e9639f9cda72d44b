// MinHash with banding: Broder, "On the resemblance and containment of documents" (1997); Leskovec,
// Rajaraman and Ullman, "Mining of Massive Datasets", chapter 3.

import Documents

/// The hash functions whose minima over a text's shingles make its signature, cut into bands of rows.
///
/// Two texts whose shingle sets have the Jaccard similarity s share each minimum with probability s,
/// all rows of a band with sʳ, and at least one whole band, which makes them near duplicates, with
/// 1 − (1 − sʳ)ᵇ. The functions are x·a + c modulo 2³² with odd a: permutations of the 32-bit hashes
/// of shingles. Vectors of eight suffice: 112 minima cost some 30 ns a word on the baseline x86-64.
public struct MinHash: Sendable, Equatable {
  /// Eight functions' worth of numbers.
  typealias Lanes = SIMD8<Int32>

  /// The number of bands.
  public let bands: Int
  /// The minima of a band.
  public let rows: Int
  let factors: [Lanes]
  let addends: [Lanes]

  /// Creates the functions; the same ones every time.
  ///
  /// - Parameters:
  ///   - bands: The number of bands, at least 1.
  ///   - rows: The minima of a band, at least 1.
  public init(bands: Int = 14, rows: Int = 8) {
    precondition(bands > 0 && rows > 0, "a signature has at least one band of one row")
    self.bands = bands
    self.rows = rows
    let groups = (bands * rows + 7) / 8
    var state: UInt64 = 0
    func number() -> Int32 {
      state &+= 1
      return Int32(truncatingIfNeeded: finalized(state &* 0x9e37_79b9_7f4a_7c15) >> 32)
    }
    var factors: [Lanes] = []
    var addends: [Lanes] = []
    for _ in 0..<groups {
      var factor = Lanes()
      var addend = Lanes()
      for lane in 0..<8 {
        factor[lane] = number() | 1
        addend[lane] = number()
      }
      factors.append(factor)
      addends.append(addend)
    }
    self.factors = factors
    self.addends = addends
  }

  /// The number of minima of a signature.
  public var count: Int { bands * rows }

  /// The probability that two texts become near duplicates.
  ///
  /// - Parameter similarity: The Jaccard similarity of their shingle sets.
  /// - Returns: 1 − (1 − sʳ)ᵇ.
  public func recall(at similarity: Double) -> Double {
    func power(_ base: Double, _ exponent: Int) -> Double {
      (0..<exponent).reduce(1) { product, _ in product * base }
    }
    return 1 - power(1 - power(similarity, rows), bands)
  }

  /// The keys of one band of many signatures: equal exactly where all its minima are, but for a
  /// chance of 2⁻⁶⁴ a pair.
  ///
  /// - Parameters:
  ///   - band: The band.
  ///   - minima: Signatures one behind the other, ``count`` numbers each.
  /// - Returns: One key a signature.
  public func keys(ofBand band: Int, in minima: [Int32]) -> [UInt64] {
    stride(from: band * rows, to: minima.count, by: count).map { start in
      var key = UInt64(band)
      for row in start..<start + rows {
        key = finalized(key ^ UInt64(UInt32(bitPattern: minima[row])))
      }
      return key
    }
  }

  /// The similarity that two signatures let us expect: the share of equal minima.
  ///
  /// - Parameters:
  ///   - left: One signature.
  ///   - right: The other.
  /// - Returns: An estimate of the Jaccard similarity with a standard error of √(s(1 − s)/count).
  public func similarity(_ left: [Int32], _ right: [Int32]) -> Double {
    precondition(left.count == count && right.count == count, "both are whole signatures")
    var equal = 0
    for index in 0..<count where left[index] == right[index] { equal += 1 }
    return Double(equal) / Double(count)
  }
}

/// The minima of one text while its shingles come in.
struct ShingleMinima {
  /// The shingles that wait until they are many: the minima then stay in registers for all of them.
  private static let blockLength = 512

  private var minima: [MinHash.Lanes]
  private var block: [Int32] = []

  init(_ functions: MinHash) {
    minima = Array(repeating: MinHash.Lanes(repeating: .max), count: functions.factors.count)
    block.reserveCapacity(ShingleMinima.blockLength)
  }

  @inline(__always)
  mutating func insert(_ shingle: Int32, _ functions: MinHash) {
    block.append(shingle)
    if block.count == ShingleMinima.blockLength { drain(functions) }
  }

  /// Appends the minima to a batch and begins anew.
  mutating func finish(_ functions: MinHash, into signatures: inout [Int32]) {
    drain(functions)
    for index in 0..<functions.count { signatures.append(minima[index / 8][index % 8]) }
    for group in minima.indices { minima[group] = MinHash.Lanes(repeating: .max) }
  }

  private mutating func drain(_ functions: MinHash) {
    for group in minima.indices {
      minima[group] = lowest(
        minima[group],
        factor: functions.factors[group],
        addend: functions.addends[group],
        over: block.span
      )
    }
    block.removeAll(keepingCapacity: true)
  }
}

/// The hot loop: eight functions over a block of shingles.
///
/// Written with whole vectors alone: comparing a vector with a number runs lane by lane.
private func lowest(
  _ start: MinHash.Lanes,
  factor: MinHash.Lanes,
  addend: MinHash.Lanes,
  over shingles: Span<Int32>
) -> MinHash.Lanes {
  var lowest = start
  for index in shingles.indices {
    let value = MinHash.Lanes(repeating: shingles[index]) &* factor &+ addend
    lowest.replace(with: value, where: value .< lowest)
  }
  return lowest
}
