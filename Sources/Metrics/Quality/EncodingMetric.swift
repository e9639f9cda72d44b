// Traces of text that went through the wrong encoding.
//
// Mojibake here is UTF-8 that was read as Windows-1252 or Latin-1 and written as UTF-8 again ("Ã©" for
// "é", "â€™" for "’"). Only the beginnings are looked for that no language writes in such company: Â and
// Ã with one continuation, â and ï with two, ð with three. Cyrillic and Greek read so are not counted.

/// Mojibake, replacement characters and control characters.
package struct EncodingMetric: Metric {
  /// Creates the metric.
  package init() {}

  package let name = "qualityEncoding"
  package let version = 1
  package let summary = "Traces of a wrong encoding."

  package let columns = [
    MetricColumn(
      "mojibakeSequences",
      .integer,
      "Characters that were read as Windows-1252 where they were UTF-8, such as `Ã©` for `é`."
    ),
    MetricColumn(
      "replacementCharacters",
      .integer,
      "U+FFFD, which stands for bytes that could not be read."
    ),
    MetricColumn(
      "controlCharacters",
      .integer,
      "Control characters other than tab, line feed and carriage return, C1 included."
    ),
  ]

  package func makeMeasurer(_ resources: MetricResources) -> any Measurer { EncodingMeasurer() }
}

private struct EncodingMeasurer: Measurer {
  func measure(
    _ text: Span<UInt8>,
    scan: borrowing TextScan,
    values: inout [MetricValue]
  ) {
    var mojibake = 0
    var replacements = 0
    var controls = 0
    var index = 0
    while index < text.count {
      let byte = text[index]
      if byte < 0x80 {
        let isControl =
          (byte < 0x20 && byte != 0x09 && byte != 0x0a && byte != 0x0d) || byte == 0x7f
        controls += isControl ? 1 : 0
        index += 1
        continue
      }
      let (scalar, length) = decodedScalar(in: text, at: index)
      index += length
      if scalar == 0xfffd { replacements += 1 }
      if (0x80...0x9f).contains(scalar) { controls += 1 }
      let following = continuationCount(behind: scalar)
      guard following > 0 else { continue }
      let end = endOfMojibake(from: index, continuations: following, in: text)
      if end > index {
        mojibake += 1
        index = end
      }
    }
    values.append(.integer(mojibake))
    values.append(.integer(replacements))
    values.append(.integer(controls))
  }
}

/// How many continuation bytes a scalar asks for that is a UTF-8 lead byte read as Latin-1, or 0.
@inline(__always)
private func continuationCount(behind scalar: UInt32) -> Int {
  switch scalar {
  case 0xc2, 0xc3: 1
  case 0xe2, 0xef: 2
  case 0xf0: 3
  default: 0
  }
}

/// Behind the scalars that are continuation bytes misread, or the same place where they are not all.
private func endOfMojibake(from start: Int, continuations: Int, in text: Span<UInt8>) -> Int {
  var index = start
  for _ in 0..<continuations {
    guard index < text.count, text[index] >= 0x80 else { return start }
    let (scalar, length) = decodedScalar(in: text, at: index)
    guard isMisreadContinuation(scalar) else { return start }
    index += length
  }
  return index
}

/// Whether a scalar is what Windows-1252 or Latin-1 has for one of the bytes 80 to BF.
private func isMisreadContinuation(_ scalar: UInt32) -> Bool {
  if (0x80...0xbf).contains(scalar) { return true }
  switch scalar {
  case 0x20ac, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039,
    0x0152, 0x017d, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161,
    0x203a, 0x0153, 0x017e, 0x0178:
    return true
  default: return false
  }
}

/// The scalar at a place with its length in bytes; a blank for bytes that are not valid UTF-8.
@inline(__always)
private func decodedScalar(in text: Span<UInt8>, at index: Int) -> (scalar: UInt32, length: Int) {
  let lead = text[index]
  if lead < 0x80 { return (UInt32(lead), 1) }
  let length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
  guard lead >= 0xc2, lead < 0xf5, index + length <= text.count else { return (0x20, 1) }
  var scalar = UInt32(lead) & (0x7f >> UInt32(length))
  for offset in 1..<length {
    let byte = text[index + offset]
    guard byte & 0xc0 == 0x80 else { return (0x20, 1) }
    scalar = scalar << 6 | UInt32(byte & 0x3f)
  }
  return (scalar, length)
}
