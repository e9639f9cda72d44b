import Foundation

/// The four normalization forms of Unicode (UAX 15) over bytes that need not be UTF-8.
///
/// Foundation gives the mappings of single scalars, once; the forms themselves are made here,
/// because places in the source must be kept, broken bytes passed through, and scalars newer than
/// Hugging Face's tables (Unicode 9.0) left alone.
enum UnicodeNormalization: Sendable, Equatable {
  case nfc, nfd, nfkc, nfkd

  private var composes: Bool { self == .nfc || self == .nfkc }
  private var isCompatible: Bool { self == .nfkc || self == .nfkd }

  /// A scalar with the bytes that it came of.
  private struct Item {
    var scalar: UInt32
    var combiningClass: UInt8
    var source: Range<Int>
  }

  /// Brings a text into the form.
  func apply(to text: inout NormalizedText) {
    let bytes = text.bytes
    guard bytes.contains(where: { $0 >= 0x80 }) else { return }
    let tables = NormalizationTables.shared
    var result = NormalizedText(likeEmpty: text)
    var run: [Item] = []
    var index = 0
    while index < bytes.count {
      // Two ASCII characters in a row never meet: the first may leave at once.
      if bytes[index] < 0x80, index + 1 == bytes.count || bytes[index + 1] < 0x80 {
        flush(&run, tables, into: &result, of: text)
        result.append(bytes[index], from: index..<index + 1, of: text)
        index += 1
        continue
      }
      let (scalar, length) = decodeScalar(bytes.span, at: index)
      let range = index..<index + length
      index += length
      guard let scalar else {
        flush(&run, tables, into: &result, of: text)
        result.append(bytes[range.lowerBound], from: range, of: text)
        continue
      }
      tables.decompose(scalar.value, isCompatible: isCompatible) { part in
        let combiningClass = tables.combiningClass(of: part)
        run.append(Item(scalar: part, combiningClass: combiningClass, source: range))
      }
    }
    flush(&run, tables, into: &result, of: text)
    text = result
  }

  private func flush(
    _ run: inout [Item],
    _ tables: NormalizationTables,
    into result: inout NormalizedText,
    of text: NormalizedText
  ) {
    guard !run.isEmpty else { return }
    reorder(&run)
    if composes { compose(&run, tables) }
    for item in run {
      guard let scalar = Unicode.Scalar(item.scalar) else { continue }
      for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
        result.append(byte, from: item.source, of: text)
      }
    }
    run.removeAll(keepingCapacity: true)
  }

  /// Puts each stretch of combining characters in the order of their classes.
  private func reorder(_ run: inout [Item]) {
    var index = 0
    while index < run.count {
      guard run[index].combiningClass > 0 else {
        index += 1
        continue
      }
      let start = index
      var isSorted = true
      while index < run.count, run[index].combiningClass > 0 {
        if index > start, run[index - 1].combiningClass > run[index].combiningClass {
          isSorted = false
        }
        index += 1
      }
      guard !isSorted else { continue }
      let sorted = run[start..<index].enumerated().sorted {
        ($0.element.combiningClass, $0.offset) < ($1.element.combiningClass, $1.offset)
      }
      for (offset, entry) in sorted.enumerated() { run[start + offset] = entry.element }
    }
  }

  /// Joins each starter with the characters behind it that nothing blocks.
  private func compose(_ run: inout [Item], _ tables: NormalizationTables) {
    var starter = -1
    var lastClass: UInt8 = 0
    var write = 0
    for read in run.indices {
      let item = run[read]
      let isAdjacent = starter >= 0 && write == starter + 1
      if starter >= 0, isAdjacent || lastClass < item.combiningClass,
        let composed = tables.compose(run[starter].scalar, item.scalar)
      {
        let source = run[starter].source
        run[starter].scalar = composed
        run[starter].source =
          min(
            source.lowerBound,
            item.source.lowerBound
          )..<max(source.upperBound, item.source.upperBound)
        continue
      }
      run[write] = item
      if item.combiningClass == 0 { starter = write }
      lastClass = item.combiningClass
      write += 1
    }
    run.removeLast(run.count - write)
  }
}

/// The mappings behind the normalization forms.
struct NormalizationTables: Sendable {
  /// Made at the first use, which takes a moment.
  static let shared = NormalizationTables()

  private var canonical: [UInt32: [UInt32]] = [:]
  private var compatible: [UInt32: [UInt32]] = [:]
  private var compositions: [UInt64: UInt32] = [:]
  private var classes: [UInt32: UInt8] = [:]

  private static let hangulBase: UInt32 = 0xac00
  private static let hangulCount: UInt32 = 11_172

  private init() {
    // Beyond these ranges no scalar has a mapping but the syllables of Hangul, which are computed.
    for value in [0xa0..<0x3400, 0xa000..<0xac00, 0xf900..<0x1_8000, 0x1_b000..<0x2_0000]
      + [0x2_f800..<0x2_fa20]
    {
      for value in value.lowerBound..<value.upperBound { add(UInt32(value)) }
    }
    classes = classes.filter { $0.value > 0 }
  }

  private mutating func add(_ value: UInt32) {
    guard let scalar = Unicode.Scalar(value), let age = scalar.properties.age,
      (age.major, age.minor) <= (9, 0)
    else { return }
    let properties = scalar.properties
    classes[value] = UInt8(properties.canonicalCombiningClass.rawValue)
    let text = String(Character(scalar))
    let compatibleParts = text.decomposedStringWithCompatibilityMapping.unicodeScalars.map(\.value)
    guard compatibleParts != [value] else { return }
    compatible[value] = compatibleParts
    let parts = text.decomposedStringWithCanonicalMapping.unicodeScalars.map(\.value)
    guard parts != [value] else { return }
    canonical[value] = parts
    guard parts.count > 1, let last = parts.last,
      text.precomposedStringWithCanonicalMapping.unicodeScalars.elementsEqual([scalar])
    else { return }
    var head = String.UnicodeScalarView()
    head.append(contentsOf: parts.dropLast().compactMap(Unicode.Scalar.init))
    let first = String(head).precomposedStringWithCanonicalMapping.unicodeScalars.map(\.value)
    guard first.count == 1 else { return }
    compositions[UInt64(first[0]) << 32 | UInt64(last)] = value
  }

  func combiningClass(of value: UInt32) -> UInt8 { value < 0x300 ? 0 : classes[value] ?? 0 }

  func decompose(_ value: UInt32, isCompatible: Bool, _ body: (UInt32) -> Void) {
    if value >= Self.hangulBase, value < Self.hangulBase + Self.hangulCount {
      let index = value - Self.hangulBase
      body(0x1100 + index / 588)
      body(0x1161 + index % 588 / 28)
      if index % 28 > 0 { body(0x11a7 + index % 28) }
    } else if value >= 0xa0, let parts = isCompatible ? compatible[value] : canonical[value] {
      for part in parts { body(part) }
    } else {
      body(value)
    }
  }

  func compose(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if first >= 0x1100, first < 0x1113, second >= 0x1161, second < 0x1176 {
      return Self.hangulBase + ((first - 0x1100) * 21 + second - 0x1161) * 28
    }
    if first >= Self.hangulBase, first < Self.hangulBase + Self.hangulCount,
      (first - Self.hangulBase) % 28 == 0, second > 0x11a7, second < 0x11c3
    {
      return first + second - 0x11a7
    }
    return compositions[UInt64(first) << 32 | UInt64(second)]
  }
}
