// Counts of what may lead to a person: e-mail addresses, phone numbers, IP addresses.
//
// Found by their form alone, so that a part number may count and an unusual address may not. The
// numbers say where to look; nothing is removed.

/// E-mail addresses, phone numbers and IP addresses.
package struct PersonalDataMetric: Metric {
  /// Creates the metric.
  package init() {}

  package let name = "qualityPersonalData"
  package let version = 1
  package let summary = "How often a text names e-mail addresses, phone numbers and IP addresses."

  package let columns = [
    MetricColumn(
      "emailAddresses",
      .integer,
      "E-mail addresses: a local part, an at sign, and a domain of two labels or more."
    ),
    MetricColumn(
      "phoneNumbers",
      .integer,
      "Phone numbers: North American ones with an area code and separators, and international ones that begin with a plus sign."
    ),
    MetricColumn(
      "ipAddresses",
      .integer,
      "IP addresses: four numbers to 255 with full stops, or eight groups of IPv6 (fewer around one `::`)."
    ),
  ]

  package func makeMeasurer(_ resources: MetricResources) -> any Measurer { PersonalDataMeasurer() }
}

private struct PersonalDataMeasurer: Measurer {
  func measure(
    _ text: Span<UInt8>,
    scan: borrowing TextScan,
    values: inout [MetricValue]
  ) {
    var emails = 0
    var phones = 0
    var addresses = 0
    var index = 0
    // Where the last thing that was found ends: nothing is part of two.
    var taken = 0
    while index < text.count {
      let byte = text[index]
      // Letters and blanks, which are most of a text, begin nothing that is looked for.
      if byte > UInt8(ascii: "@") || byte <= 0x20 {
        index += 1
        continue
      }
      if byte == UInt8(ascii: "@") {
        let end = endOfEmailAddress(at: index, in: text)
        if end > index {
          emails += 1
          taken = end
        }
      } else if byte == UInt8(ascii: ":") {
        let start = startOfGroup(endingAt: index, notBefore: taken, in: text)
        let end = endOfIPv6(from: start, in: text)
        if end > index {
          addresses += 1
          taken = end
        }
      } else if mayBeginNumber(byte), index == 0 || !isWordByte(text[index - 1]) {
        let end = endOfIPv4(from: index, in: text)
        let phoneEnd = end > index ? index : endOfPhoneNumber(from: index, in: text)
        addresses += end > index ? 1 : 0
        phones += phoneEnd > index ? 1 : 0
        taken = max(taken, end, phoneEnd)
      }
      index = max(index + 1, taken)
    }
    values.append(.integer(emails))
    values.append(.integer(phones))
    values.append(.integer(addresses))
  }
}

@inline(__always)
private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

@inline(__always)
private func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

@inline(__always)
private func isHexadecimal(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) &- 0x61 < 6 }

/// Whether a byte is part of a word, so that no number begins behind it or ends in front of it.
@inline(__always)
private func isWordByte(_ byte: UInt8) -> Bool {
  isDigit(byte) || isLetter(byte) || byte >= 0x80 || byte == UInt8(ascii: "_")
}

@inline(__always)
private func mayBeginNumber(_ byte: UInt8) -> Bool {
  isDigit(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "(")
}

/// Behind the domain of an address whose at sign is given, or the at sign where there is none.
private func endOfEmailAddress(at sign: Int, in text: Span<UInt8>) -> Int {
  guard sign > 0, isLocalPart(text[sign - 1]) else { return sign }
  var index = sign + 1
  var labels = 0
  var end = sign
  while index < text.count {
    let start = index
    var letters = 0
    while index < text.count, isLetter(text[index]) || isDigit(text[index]) || text[index] == 0x2d {
      letters += isLetter(text[index]) ? 1 : 0
      index += 1
    }
    guard index > start, text[start] != 0x2d else { break }
    labels += 1
    // The last label that is all letters ends the address.
    if labels > 1, letters >= 2, letters == index - start { end = index }
    guard index < text.count, text[index] == UInt8(ascii: ".") else { break }
    index += 1
  }
  return end
}

private func isLocalPart(_ byte: UInt8) -> Bool {
  isLetter(byte) || isDigit(byte) || byte == 0x2e || byte == 0x5f || byte == 0x25 || byte == 0x2b
    || byte == 0x2d
}

/// Behind four numbers with full stops that begin at a place, or the place itself.
private func endOfIPv4(from start: Int, in text: Span<UInt8>) -> Int {
  guard isDigit(text[start]) else { return start }
  // Not the tail of a longer number with full stops.
  if start >= 2, text[start - 1] == UInt8(ascii: "."), isDigit(text[start - 2]) { return start }
  var index = start
  for group in 0..<4 {
    var value = 0
    let first = index
    while index < text.count, index < first + 4, isDigit(text[index]) {
      value = value * 10 + Int(text[index] - 0x30)
      index += 1
    }
    guard index > first, index <= first + 3, value <= 255 else { return start }
    guard group < 3 else { break }
    guard index < text.count, text[index] == UInt8(ascii: ".") else { return start }
    index += 1
  }
  if index < text.count, isWordByte(text[index]) { return start }
  if index + 1 < text.count, text[index] == UInt8(ascii: "."), isDigit(text[index + 1]) {
    return start
  }
  return index
}

/// Where the group of up to four hexadecimal digits begins that a colon follows.
private func startOfGroup(endingAt colon: Int, notBefore first: Int, in text: Span<UInt8>) -> Int {
  var start = colon
  while start > first, start > colon - 4, isHexadecimal(text[start - 1]) { start -= 1 }
  return start
}

/// Behind the groups of an IPv6 address that begin at a place, or the place itself.
private func endOfIPv6(from start: Int, in text: Span<UInt8>) -> Int {
  // Not the tail of a longer run of groups.
  if start > 0, isWordByte(text[start - 1]) || text[start - 1] == UInt8(ascii: ":") {
    return start
  }
  var index = start
  var groups = 0
  var gaps = 0
  while index < text.count, groups < 9 {
    let first = index
    while index < text.count, index < first + 5, isHexadecimal(text[index]) { index += 1 }
    guard index - first <= 4 else { return start }
    groups += index > first ? 1 : 0
    guard index + 1 < text.count, text[index] == UInt8(ascii: ":") else { break }
    if text[index + 1] == UInt8(ascii: ":") {
      gaps += 1
      guard gaps == 1 else { return start }
      index += 2
    } else {
      guard index > first, isHexadecimal(text[index + 1]) else { break }
      index += 1
    }
  }
  if index < text.count, isWordByte(text[index]) || text[index] == UInt8(ascii: ":") {
    return start
  }
  let isWhole = gaps == 0 ? groups == 8 : groups >= 2 && groups < 8
  return isWhole ? index : start
}

/// Behind a phone number that begins at a place, or the place itself.
private func endOfPhoneNumber(from start: Int, in text: Span<UInt8>) -> Int {
  if start > 0, text[start - 1] == UInt8(ascii: ".") || text[start - 1] == 0x2d { return start }
  if text[start] == UInt8(ascii: "+") { return endOfInternationalNumber(from: start, in: text) }
  return endOfNorthAmericanNumber(from: start, in: text)
}

/// A plus sign and 8 to 15 digits (E.164), single blanks, hyphens, full stops or brackets between.
private func endOfInternationalNumber(from start: Int, in text: Span<UInt8>) -> Int {
  var index = start + 1
  var digits = 0
  var end = start
  while index < text.count, digits <= 15 {
    if isDigit(text[index]) {
      digits += 1
      index += 1
      end = index
    } else if digits > 0, isSeparator(text[index]), index + 1 < text.count,
      isDigit(text[index + 1]) || text[index + 1] == UInt8(ascii: "(")
        || (text[index] == UInt8(ascii: ")") && isSeparator(text[index + 1]))
    {
      index += 1
    } else {
      break
    }
  }
  guard (8...15).contains(digits) else { return start }
  return end < text.count && isWordByte(text[end]) ? start : end
}

private func isSeparator(_ byte: UInt8) -> Bool {
  byte == 0x20 || byte == 0x2d || byte == 0x2e || byte == UInt8(ascii: "(")
    || byte == UInt8(ascii: ")")
}

/// An area code, an exchange and four digits with separators between, a 1 in front or not.
private func endOfNorthAmericanNumber(from start: Int, in text: Span<UInt8>) -> Int {
  var index = start
  if text[index] == UInt8(ascii: "1"), index + 2 < text.count, isBetween(text[index + 1]) {
    index += 2
  }
  let hasBracket = text[index] == UInt8(ascii: "(")
  if hasBracket { index += 1 }
  guard isCode(at: index, in: text) else { return start }
  index += 3
  if hasBracket {
    guard index < text.count, text[index] == UInt8(ascii: ")") else { return start }
    index += 1
    if index < text.count, isBetween(text[index]) { index += 1 }
  } else {
    guard index < text.count, isBetween(text[index]) else { return start }
    index += 1
  }
  guard isCode(at: index, in: text) else { return start }
  index += 3
  guard index + 4 < text.count, isBetween(text[index]) else { return start }
  index += 1
  for offset in 0..<4 where !isDigit(text[index + offset]) { return start }
  index += 4
  return index < text.count && isWordByte(text[index]) ? start : index
}

private func isBetween(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x2d || byte == 0x2e }

/// Whether three digits stand at a place of which the first is 2 or more.
private func isCode(at index: Int, in text: Span<UInt8>) -> Bool {
  index + 2 < text.count && text[index] >= 0x32 && text[index] <= 0x39
    && isDigit(text[index + 1]) && isDigit(text[index + 2])
}
