/// A text on its way through a normalizer, with the place in the source of each of its bytes.
///
/// The places are kept only where someone wants a token's offsets; a byte's place is a range, since
/// one composed character may come of several and the other way round.
struct NormalizedText: Sendable {
  private(set) var bytes: [UInt8]
  /// Where in the source each byte begins and ends; both empty where places are not kept.
  private(set) var starts: [Int32] = []
  private(set) var ends: [Int32] = []
  private let keepsPlaces: Bool

  /// Takes a section of a source.
  init(_ source: Span<UInt8>, _ section: Range<Int>, keepsPlaces: Bool) {
    self.keepsPlaces = keepsPlaces
    bytes = []
    bytes.reserveCapacity(section.count)
    for index in section { bytes.append(source[index]) }
    guard keepsPlaces else { return }
    starts = section.map { Int32($0) }
    ends = section.map { Int32($0 + 1) }
  }

  /// An empty text that keeps places where another does.
  init(likeEmpty other: NormalizedText) {
    keepsPlaces = other.keepsPlaces
    bytes = []
    bytes.reserveCapacity(other.bytes.count)
  }

  /// Appends a byte that came of a range of another text's bytes.
  mutating func append(_ byte: UInt8, from range: Range<Int>, of other: NormalizedText) {
    bytes.append(byte)
    guard keepsPlaces else { return }
    starts.append(other.starts[range.lowerBound])
    ends.append(other.ends[range.upperBound - 1])
  }

  /// Puts text in front that has no place in the source.
  mutating func prepend(_ prefix: String) {
    let count = prefix.utf8.count
    bytes = Array(prefix.utf8) + bytes
    guard keepsPlaces else { return }
    let place = starts.first ?? 0
    starts = Array(repeating: place, count: count) + starts
    ends = Array(repeating: place, count: count) + ends
  }

  /// Drops all but a range.
  mutating func keep(_ range: Range<Int>) {
    bytes = Array(bytes[range])
    guard keepsPlaces else { return }
    starts = Array(starts[range])
    ends = Array(ends[range])
  }

  /// The place in the source of a range of bytes.
  ///
  /// - Precondition: Places are kept, and the text is not empty.
  func place(of range: Range<Int>) -> Range<Int> {
    guard !range.isEmpty else {
      let place = Int(
        range.lowerBound < starts.count ? starts[range.lowerBound] : ends[ends.count - 1]
      )
      return place..<place
    }
    let start = Int(starts[range.lowerBound])
    return start..<max(start, Int(ends[range.upperBound - 1]))
  }
}

/// The scalar at `index`, or `nil` for a byte that begins none, and its length in bytes.
func decodeScalar(_ text: Span<UInt8>, at index: Int) -> (scalar: Unicode.Scalar?, length: Int) {
  let length = ScalarClasses.shared.scalar(in: text, at: index).length
  let lead = text[index]
  if length == 1 { return (lead < 0x80 ? Unicode.Scalar(lead) : nil, 1) }
  var value = UInt32(lead) & (0x7f >> UInt32(length))
  for offset in 1..<length { value = value << 6 | UInt32(text[index + offset] & 0x3f) }
  return (Unicode.Scalar(value), length)
}

/// Where the scalar that ends at `end` begins.
///
/// - Precondition: `end` is above 0.
func lastScalarStart(in text: Span<UInt8>, before end: Int) -> Int {
  for length in 2...4 where end >= length && text[end - 1] >= 0x80 {
    let start = end - length
    if ScalarClasses.shared.scalar(in: text, at: start).length == length { return start }
  }
  return end - 1
}
