// How often each word form occurs in many texts, in bounded memory: the pool's most frequent words.
//
// Counts are exact while there are at most so many different forms. Beyond, the rarest are let go, as
// in lossy counting (Manku and Motwani 2002): a form that is kept may then be counted short by what it
// had before it was let go, which for words as frequent as the first thousands is nothing or next to
// it. What is let go depends on the order of the texts and on nothing else.

/// The number of occurrences of each word form of up to ``longestForm`` bytes.
public struct WordFormCounts: Sendable {
  private struct Form {
    var start: Int
    var length: Int
    var key: UInt64
    var count: Int
  }

  /// The longest form in bytes, as it stands in a text: what is longer is no word that a pool shares,
  /// and texts without spaces would fill the memory with them.
  public static let longestForm = 100

  /// The forms beyond which the rarest are let go.
  private let mostForms: Int
  private var forms: [Form] = []
  /// The spellings, one behind the other, as they first occurred.
  private var bytes: [UInt8] = []
  /// One more than the place in `forms`, or 0.
  private var slots: [UInt32] = [UInt32](repeating: 0, count: 1_024)
  /// The count up to which forms were let go last.
  private var threshold = 0
  /// Decides where a form is looked for and nothing else, so that no text can be written to be slow.
  private let secret = UInt64.random(in: .min ... .max) | 1

  /// Creates counts of no text.
  ///
  /// - Parameter mostForms: The forms beyond which the rarest are let go.
  /// - Precondition: There is room for a form.
  public init(mostForms: Int = 1_048_576) {
    precondition(mostForms > 0, "there is room for a form")
    self.mostForms = mostForms
  }

  /// The number of different forms that are held.
  public var count: Int { forms.count }

  /// Counts the words of a text.
  ///
  /// - Parameters:
  ///   - scan: The words.
  ///   - text: The text that was scanned.
  public mutating func add(_ scan: borrowing TextScan, of text: Span<UInt8>) {
    for word in scan.words where word.end - word.start <= WordFormCounts.longestForm {
      add(word.key, text, word.start..<word.end, occurrences: 1)
    }
  }

  /// Adds the counts of other texts, and lets the rarest forms go where there are too many.
  ///
  /// - Parameter other: The counts of texts that follow.
  public mutating func add(_ other: WordFormCounts) {
    for form in other.forms {
      let place = form.start..<form.start + form.length
      add(form.key, other.bytes.span, place, occurrences: form.count)
    }
    while forms.count > mostForms {
      threshold += 1
      letGo()
    }
  }

  /// The most frequent forms.
  ///
  /// - Parameter limit: The most to return.
  /// - Returns: The forms as their keys have them, in lower case with the typewriter's apostrophe and
  ///   hyphen and without what is passed over, the most frequent first, those of one frequency by their
  ///   bytes. No two have the same bytes.
  public func mostFrequent(_ limit: Int) -> [(word: String, count: Int)] {
    // Only those that may be among them are spelled.
    let counts = forms.map(\.count).sorted(by: >)
    guard limit > 0, let least = counts.prefix(limit).last else { return [] }
    return forms.filter { $0.count >= least }
      .map { (word: spelling(of: $0), count: $0.count) }
      .sorted { left, right in
        left.count != right.count
          ? left.count > right.count
          : left.word.utf8.lexicographicallyPrecedes(right.word.utf8)
      }.prefix(limit).map { $0 }
  }

  private func spelling(of form: Form) -> String {
    var spelling: [UInt8] = []
    ScalarKinds.shared.forEachSpelledByte(bytes.span, form.start..<form.start + form.length) {
      spelling.append($0)
    }
    return String(decoding: spelling, as: UTF8.self)
  }

  private mutating func add(
    _ key: UInt64,
    _ text: Span<UInt8>,
    _ place: Range<Int>,
    occurrences: Int
  ) {
    let mask = slots.count - 1
    var slot = slot(of: key) & mask
    while slots[slot] != 0 {
      let number = Int(slots[slot]) - 1
      if forms[number].key == key {
        forms[number].count += occurrences
        return
      }
      slot = (slot + 1) & mask
    }
    forms.append(Form(start: bytes.count, length: place.count, key: key, count: occurrences))
    for index in place { bytes.append(text[index]) }
    slots[slot] = UInt32(forms.count)
    if 2 * forms.count > slots.count { fillSlots(2 * slots.count) }
  }

  /// Where to look for a key first: short words are their own keys, so that they must be mixed.
  @inline(__always)
  private func slot(of key: UInt64) -> Int {
    let product = (key ^ secret).multipliedFullWidth(by: secret)
    return Int(truncatingIfNeeded: product.high ^ product.low)
  }

  private mutating func letGo() {
    var kept: [UInt8] = []
    var keptForms: [Form] = []
    for var form in forms where form.count > threshold {
      let old = bytes[form.start..<form.start + form.length]
      form.start = kept.count
      kept += old
      keptForms.append(form)
    }
    (bytes, forms) = (kept, keptForms)
    fillSlots(slots.count)
  }

  private mutating func fillSlots(_ size: Int) {
    slots = [UInt32](repeating: 0, count: size)
    let mask = size - 1
    for (number, form) in forms.enumerated() {
      var slot = slot(of: form.key) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = UInt32(number + 1)
    }
  }
}
