/// Which of the GPT-2 pattern's four classes every Unicode scalar belongs to.
///
/// The pattern knows `\p{L}`, `\p{N}`, `\s` and the rest. The tables follow Unicode 16, as Hugging
/// Face `tokenizers` 0.23 does, so that both cut every text alike: scalars that came with Unicode
/// 17 or later count as unassigned. `\s` is the property White_Space, which lacks U+001C to U+001F;
/// the words of a budget are split by another set (`WordCount`), and the two share no table.
package struct ScalarClasses: Sendable {
  /// What is no letter, number or white space, and every byte that is not valid UTF-8.
  package static let other: UInt8 = 0
  /// `\p{L}`.
  package static let letter: UInt8 = 1
  /// `\p{N}`.
  package static let number: UInt8 = 2
  /// `\s`.
  package static let whiteSpace: UInt8 = 3

  /// The tables, built once at the first use.
  package static let shared = ScalarClasses()

  /// For each 256 scalars the place of their page in ``classes``, divided by 256.
  private let pages: [UInt8]
  /// The distinct pages; the first is that of U+0000 to U+00FF.
  private let classes: [UInt8]

  private init() {
    var distinct: [[UInt8]] = []
    var pages: [UInt8] = []
    for page in UInt32(0)..<0x1100 {
      // Planes 4 to 13 are unassigned, 15 and 16 are private use: no letters, no numbers.
      let isAssigned = page < 0x400 || (page >= 0xe00 && page < 0xf00)
      let content = (UInt32(0)..<256).map { low -> UInt8 in
        guard isAssigned, let scalar = Unicode.Scalar(page << 8 | low) else { return Self.other }
        return Self.computedClass(of: scalar)
      }
      if let known = distinct.firstIndex(of: content) {
        pages.append(UInt8(known))
      } else {
        pages.append(UInt8(distinct.count))
        distinct.append(content)
      }
    }
    self.pages = pages
    self.classes = distinct.flatMap(\.self)
  }

  private static func computedClass(of scalar: Unicode.Scalar) -> UInt8 {
    let properties = scalar.properties
    if let age = properties.age, age.major > 16 { return other }
    if properties.isWhitespace { return whiteSpace }
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      return letter
    case .decimalNumber, .letterNumber, .otherNumber:
      return number
    default:
      return other
    }
  }

  /// The class of an ASCII byte.
  ///
  /// - Parameter byte: A byte below 0x80.
  /// - Returns: One of the four classes.
  @inline(__always)
  package func asciiClass(_ byte: UInt8) -> UInt8 {
    classes[Int(byte)]
  }

  /// The class of a scalar value.
  ///
  /// - Parameter value: 0 to 0x10FFFF.
  /// - Returns: One of the four classes.
  @inline(__always)
  package func scalarClass(_ value: UInt32) -> UInt8 {
    classes[Int(pages[Int(value >> 8)]) << 8 | Int(value & 255)]
  }

  /// The class and the length in bytes of the scalar at `index`.
  ///
  /// A byte that begins no valid UTF-8 sequence is a scalar of class ``other`` and length 1.
  ///
  /// - Parameters:
  ///   - text: UTF-8, possibly broken.
  ///   - index: Where the scalar begins, inside `text`.
  /// - Returns: The class, and 1 to 4 bytes.
  @inline(__always)
  package func scalar(in text: Span<UInt8>, at index: Int) -> (kind: UInt8, length: Int) {
    let lead = text[index]
    return lead < 0x80 ? (asciiClass(lead), 1) : longScalar(in: text, at: index)
  }

  private func longScalar(in text: Span<UInt8>, at index: Int) -> (kind: UInt8, length: Int) {
    let lead = text[index]
    let length = lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 1
    guard length > 1, index + length <= text.count else { return (Self.other, 1) }
    var value = UInt32(lead) & (0x7f >> UInt32(length))
    for offset in 1..<length {
      let byte = text[index + offset]
      guard byte & 0xc0 == 0x80 else { return (Self.other, 1) }
      value = value << 6 | UInt32(byte & 0x3f)
    }
    let isOverlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x1_0000)
    let isSurrogate = value >= 0xd800 && value < 0xe000
    guard !isOverlong, !isSurrogate, value <= 0x10_ffff else { return (Self.other, 1) }
    return (scalarClass(value), length)
  }
}
