/// Internal links `[[target|text]]` and external links `[address text]`.
extension WikitextReducer {
  // MARK: Opening and closing

  /// Opens a link at two brackets (of a longer run the last two), an external link at one bracket
  /// before an address.
  mutating func openBrackets() {
    var end = index
    while end < source.count, source[end] == UInt8(ascii: "[") { end += 1 }
    let count = end - index
    if count == 1 || (count > 2 && startsAddress(at: end)) {
      output.append(contentsOf: source[index..<end - 1])
      if startsAddress(at: end) {
        frames.append(
          Frame(kind: .externalLink, start: output.count, bracketCount: 1, firstPipe: pipes.count)
        )
      }
      output.append(UInt8(ascii: "["))
    } else {
      output.append(contentsOf: source[index..<end - 2])
      frames.append(
        Frame(kind: .link, start: output.count, bracketCount: 2, firstPipe: pipes.count)
      )
      output.append(contentsOf: source[end - 2..<end])
    }
    index = end
  }

  /// Closes the innermost link; two brackets that close nothing are dropped.
  mutating func closeBrackets() {
    let isPair = index + 1 < source.count && source[index + 1] == UInt8(ascii: "]")
    switch frames.last?.kind {
    case .externalLink:
      closeExternalLink()
      index += 1
    case .link where isPair:
      closeLink()
      index += 2
    default:
      if isPair {
        index += 2
      } else {
        output.append(UInt8(ascii: "]"))
        index += 1
      }
    }
  }

  private func startsAddress(at position: Int) -> Bool {
    addressSchemes.contains { scheme in
      position + scheme.count <= source.count
        && scheme.indices.allSatisfy { lowercased(source[position + $0]) == scheme[$0] }
    }
  }

  private mutating func closeExternalLink() {
    let frame = frames.removeLast()
    let content = frame.contentStart..<output.count
    let blank = content.first { output[$0] == UInt8(ascii: " ") }
    let text =
      blank.map { trimmed($0..<content.upperBound) } ?? content.upperBound..<content.upperBound
    finish(frame, showing: text)
  }

  private mutating func closeLink() {
    let frame = frames.removeLast()
    if showsNothing(frame) {
      countHidden(frame)
      replace(from: frame.start, pipesFrom: frame.firstPipe, by: .dropped)
      return
    }
    let content = frame.contentStart..<output.count
    var target = trimmed(content.lowerBound..<targetEnd(of: frame))
    if isAddress(target) {
      let blank = content.first { output[$0] == UInt8(ascii: " ") }
      let text = blank.map { trimmed($0..<content.upperBound) }
      finish(frame, showing: text ?? content.upperBound..<content.upperBound)
      return
    }
    if pipes.count > frame.firstPipe {
      let text = pipes[frame.firstPipe] + 1..<content.upperBound
      if !trimmed(text).isEmpty {
        finish(frame, showing: text)
        return
      }
      target = withoutQualifier(target)
    }
    finish(frame, showing: withoutPrefix(target))
  }

  /// Notes a category, and the caption of a file.
  private mutating func countHidden(_ frame: Frame) {
    let target = trimmed(frame.contentStart..<targetEnd(of: frame), atMost: 100)
    guard let colon = target.prefix(40).first(where: { output[$0] == UInt8(ascii: ":") }) else {
      return
    }
    let prefix = String(decoding: output[trimmed(target.lowerBound..<colon)], as: UTF8.self)
    if namespaces.isCategory(prefix.lowercased()) {
      let name = trimmed(colon + 1..<target.upperBound)
      guard !name.isEmpty, name.count <= 255 else { return }
      categories.append(plain(name))
    } else if let last = pipes.last, pipes.count > frame.firstPipe {
      let caption = output[last + 1..<output.count]
      // Options such as `thumb` and `200px` have no blanks.
      guard caption.contains(UInt8(ascii: " ")) else { return }
      otherLosses.characters[.captions, default: 0] += scalarCount(in: caption)
    }
  }

  /// A part of the output without marks.
  private func plain(_ range: Range<Int>) -> String {
    String(
      decoding: output[range].filter { $0 >= 0x20 }
        .map { $0 == UInt8(ascii: "_") ? UInt8(ascii: " ") : $0 },
      as: UTF8.self
    )
  }

  /// Puts a part of a closed frame in its place.
  private mutating func finish(_ frame: Frame, showing text: Range<Int>) {
    let kept = !text.isEmpty && frame.height < Self.greatestHeight
    replace(from: frame.start, pipesFrom: frame.firstPipe, by: kept ? .part(text) : .dropped)
    if kept { raiseHeight(to: frame.height + 1) }
  }

  // MARK: Targets

  /// Where the target of an open link ends: at its first pipe.
  private func targetEnd(of frame: Frame) -> Int {
    pipes.count > frame.firstPipe ? pipes[frame.firstPipe] : output.count
  }

  /// Whether a link is a file, a category or the same page in another language.
  func showsNothing(_ frame: Frame) -> Bool {
    if let known = frame.showsNothing { return known }
    let target = trimmed(frame.contentStart..<targetEnd(of: frame), atMost: 100)
    guard !target.isEmpty, output[target.lowerBound] != UInt8(ascii: ":"),
      let colon = target.prefix(40).first(where: { output[$0] == UInt8(ascii: ":") })
    else { return false }
    let exact = String(decoding: output[trimmed(target.lowerBound..<colon)], as: UTF8.self)
    let prefix = exact.lowercased()
    return namespaces.isFile(prefix) || namespaces.isCategory(prefix)
      || isLanguage(exact) || endsLikeFile(target)
  }

  /// A target as it reads: without the leading colon, `#`, and the prefixes of sister projects.
  private func withoutPrefix(_ target: Range<Int>) -> Range<Int> {
    var start = target.lowerBound
    while start < target.upperBound,
      output[start] == UInt8(ascii: ":") || output[start] == UInt8(ascii: "#")
    {
      start += 1
    }
    let afterColon = start > target.lowerBound
    for _ in 0..<2 {
      guard
        let colon = (start..<target.upperBound).prefix(40)
          .first(where: { output[$0] == UInt8(ascii: ":") })
      else { break }
      let prefix = String(decoding: output[start..<colon], as: UTF8.self)
      guard
        projectPrefixes.contains(prefix.lowercased())
          || namespaces.isCategory(prefix.lowercased())
          || (afterColon && (isLanguage(prefix) || namespaces.isFile(prefix.lowercased())))
      else { break }
      start = colon + 1
    }
    return trimmed(start..<target.upperBound)
  }

  /// What the pipe trick shows: the target without ` (…)` at its end.
  private func withoutQualifier(_ target: Range<Int>) -> Range<Int> {
    guard let last = target.last, output[last] == UInt8(ascii: ")"),
      let open = target.last(where: { output[$0] == UInt8(ascii: "(") }), open > target.lowerBound
    else { return target }
    return trimmed(target.lowerBound..<open)
  }

  private func isAddress(_ target: Range<Int>) -> Bool {
    addressSchemes.contains { scheme in
      scheme.count <= target.count
        && scheme.indices.allSatisfy {
          lowercased(output[target.lowerBound + $0]) == scheme[$0]
        }
    }
  }

  private func endsLikeFile(_ target: Range<Int>) -> Bool {
    guard let dot = target.suffix(6).first(where: { output[$0] == UInt8(ascii: ".") }) else {
      return false
    }
    let ending = String(decoding: output[dot + 1..<target.upperBound], as: UTF8.self).lowercased()
    return fileEndings.contains(ending)
  }

  /// A part of the output without the white space and marks at its ends.
  ///
  /// - Parameters:
  ///   - range: The part.
  ///   - limit: The bytes to take off either end at most, where the same part may be looked at again
  ///     and again.
  /// - Returns: The part that is left, perhaps empty.
  func trimmed(_ range: Range<Int>, atMost limit: Int = .max) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    let lastStart = range.count <= limit ? end : start + limit
    let firstEnd = range.count <= limit ? start : end - limit
    while start < lastStart, start < end, isBlankOrMark(output[start]) { start += 1 }
    while end > firstEnd, end > start, isBlankOrMark(output[end - 1]) { end -= 1 }
    return start..<end
  }
}

private func isBlankOrMark(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == WikitextMark.deleted
    || WikitextMark.isDrop(byte) || byte == WikitextMark.lineBreak
    || byte == WikitextMark.paragraphBreak
}

/// The lower-case form of an ASCII letter; other bytes as they are.
@inline(__always)
func lowercased(_ byte: UInt8) -> UInt8 {
  byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
}

/// Whether a prefix is a Wikipedia language code: two or three small letters, perhaps with a
/// variety, except for the codes of sister projects and registries.
private func isLanguage(_ prefix: String) -> Bool {
  if prefix == "simple" { return true }
  let parts = prefix.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
  guard let first = parts.first, (2...3).contains(first.count), parts.count <= 3,
    !projectPrefixes.contains(prefix)
  else { return false }
  return parts.allSatisfy { part in
    (1...9).contains(part.count)
      && part.allSatisfy { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") }
  }
}

private let addressSchemes: [[UInt8]] = [
  "http://", "https://", "//", "ftp://", "ftps://", "mailto:", "irc://", "ircs://", "news:",
  "gopher://", "git://", "geo:", "tel:", "sftp://", "telnet://", "urn:", "xmpp:",
].map { Array($0.utf8) }

/// Prefixes of links to sister projects and registries, which are left out where a link has no text.
private let projectPrefixes: Set<String> = [
  "w", "wikipedia", "wikt", "wiktionary", "n", "wikinews", "b", "wikibooks", "q", "wikiquote", "s",
  "wikisource", "v", "wikiversity", "voy", "wikivoyage", "species", "wikispecies", "c", "commons",
  "m", "meta", "d", "wikidata", "mw", "mediawikiwiki", "doi", "rfc", "oeis", "iarchive", "arxiv",
  "imdbname", "imdbtitle", "bugzilla", "phab",
]

private let fileEndings: Set<String> = [
  "jpg", "jpeg", "png", "gif", "svg", "tif", "tiff", "ogg", "oga", "ogv", "webm", "webp", "wav",
  "mp3", "mid", "djvu", "xcf", "pdf",
]
