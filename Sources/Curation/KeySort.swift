// Sorting tens of millions of keys in place: an American flag sort (McIlroy, Bostic and McIlroy,
// "Engineering Radix Sort", 1993), which takes no memory beside the array.

/// A document under a key of 64 bits, in twelve bytes.
public struct KeyedDocument: Sendable, Equatable, BitwiseCopyable {
  private let high: UInt32
  private let low: UInt32
  /// The document's number.
  public let document: UInt32

  /// Creates an entry.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - document: The document's number.
  public init(key: UInt64, document: UInt32) {
    high = UInt32(truncatingIfNeeded: key >> 32)
    low = UInt32(truncatingIfNeeded: key)
    self.document = document
  }

  /// The key.
  public var key: UInt64 { UInt64(high) << 32 | UInt64(low) }
}

/// A paragraph of a document under its key, in sixteen bytes.
public struct KeyedParagraph: Sendable, Equatable, BitwiseCopyable {
  /// The key.
  public let key: UInt64
  /// The document's number.
  public let document: UInt32
  /// The paragraph's words.
  public let words: UInt32

  /// Creates an entry.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - document: The document's number.
  ///   - words: The paragraph's words.
  public init(key: UInt64, document: UInt32, words: UInt32) {
    self.key = key
    self.document = document
    self.words = words
  }
}

/// Sorts by key, documents of one key by number.
///
/// - Parameter entries: The entries.
/// - Complexity: Linear; in place.
public func sortByKey(_ entries: inout [KeyedDocument]) {
  flagSort(&entries, 0..<entries.count, byte: 0)
}

/// Sorts by key, paragraphs of one key by their document's number.
///
/// - Parameter entries: The entries.
/// - Complexity: Linear; in place.
public func sortByKey(_ entries: inout [KeyedParagraph]) {
  flagSort(&entries, 0..<entries.count, byte: 0)
}

/// The ranges of equal keys of at least two entries, in sorted entries.
///
/// - Parameters:
///   - entries: The sorted entries.
///   - body: Receives each range.
/// - Throws: What `body` throws.
public func forEachShared(
  _ entries: [KeyedDocument],
  _ body: (Range<Int>) throws -> Void
) rethrows {
  try forEachRun(entries, body)
}

/// The ranges of equal keys of at least two entries, in sorted entries.
///
/// - Parameters:
///   - entries: The sorted entries.
///   - body: Receives each range.
/// - Throws: What `body` throws.
public func forEachShared(
  _ entries: [KeyedParagraph],
  _ body: (Range<Int>) throws -> Void
) rethrows {
  try forEachRun(entries, body)
}

/// What is sorted: a number of twelve bytes, the key before the document.
private protocol KeyEntry {
  var key: UInt64 { get }
  var document: UInt32 { get }
}

extension KeyedDocument: KeyEntry {}
extension KeyedParagraph: KeyEntry {}

extension KeyEntry {
  /// The byte at a place, the most significant first.
  @inline(__always)
  fileprivate func byte(_ place: Int) -> Int {
    place < 8
      ? Int(key >> UInt64(56 - 8 * place) & 0xff) : Int(document >> UInt32(88 - 8 * place) & 0xff)
  }

  @inline(__always)
  fileprivate func precedes(_ other: Self) -> Bool {
    key != other.key ? key < other.key : document < other.document
  }
}

/// Ranges up to this length are sorted by insertion.
private let insertionLength = 24

/// Sorts a range by the bytes from one place on.
///
/// Counts each value of the byte, swaps every entry into its value's part, and so on inside the
/// parts; at most twelve deep.
private func flagSort<Entry: KeyEntry>(_ entries: inout [Entry], _ range: Range<Int>, byte: Int) {
  guard range.count > insertionLength, byte < 12 else {
    return insertionSort(&entries, range)
  }
  var ends = [Int](repeating: 0, count: 256)
  for index in range { ends[entries[index].byte(byte)] += 1 }
  var next = [Int](repeating: 0, count: 256)
  var start = range.lowerBound
  for value in 0..<256 {
    next[value] = start
    start += ends[value]
    ends[value] = start
  }
  for value in 0..<256 {
    while next[value] < ends[value] {
      let place = next[value]
      let target = entries[place].byte(byte)
      if target != value { entries.swapAt(place, next[target]) }
      next[target] += 1
    }
  }
  start = range.lowerBound
  for value in 0..<256 {
    if ends[value] - start > 1 { flagSort(&entries, start..<ends[value], byte: byte + 1) }
    start = ends[value]
  }
}

private func insertionSort<Entry: KeyEntry>(_ entries: inout [Entry], _ range: Range<Int>) {
  guard range.count > 1 else { return }
  for index in range.dropFirst() {
    let entry = entries[index]
    var place = index
    while place > range.lowerBound, entry.precedes(entries[place - 1]) {
      entries[place] = entries[place - 1]
      place -= 1
    }
    entries[place] = entry
  }
}

private func forEachRun<Entry: KeyEntry>(
  _ entries: [Entry],
  _ body: (Range<Int>) throws -> Void
) rethrows {
  var start = 0
  while start < entries.count {
    var end = start + 1
    while end < entries.count, entries[end].key == entries[start].key { end += 1 }
    if end - start > 1 { try body(start..<end) }
    start = end
  }
}
