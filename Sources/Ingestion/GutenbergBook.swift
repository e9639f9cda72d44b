/// A plain-text book of Project Gutenberg, taken apart.
///
/// The text lies between the lines `*** START OF …` and `*** END OF …`, or the older small print and
/// "End of Project Gutenberg's …". Blank lines part blocks. Up to the first chapter's heading or the
/// first block of prose all is title page; after a heading "Contents" all is contents until prose, or a
/// chapter's heading that stood there before. Headings are known by their first words (`CHAPTER IV`,
/// `Preface`), so chapters with other headings run on. It is a reading of conventions, not of a format.
import Documents

struct GutenbergBook {
  /// A part of the text that becomes a document.
  struct Passage {
    var text: String
    /// The heading of the chapter, or `nil` before the first.
    var chapter: String?
    /// The passage's place in the book, counted from 0.
    var ordinal: Int
    /// The line where it begins, counted from 1.
    var line: Int
  }

  struct Paragraph {
    var text: String
    var line: Int
  }

  struct Chapter {
    var heading: String?
    var paragraphs: [Paragraph] = []
  }

  /// The number in Project Gutenberg's catalogue.
  private(set) var number: Int?
  /// Whether the header says that the book is under copyright.
  private(set) var isCopyrighted = false
  /// Title, author and language as the header has them, and the number.
  private(set) var metadata: [String: MetadataValue] = [:]
  /// The chapters that have a sentence in them.
  private(set) var chapters: [Chapter] = []

  /// Takes a book apart.
  ///
  /// - Parameter text: The whole file, with `\n` between lines.
  init(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let body = Self.body(of: lines)
    readHeader(lines[..<body.lowerBound])
    readBody(lines, body)
    chapters.removeAll { chapter in !chapter.paragraphs.contains { endsSentence($0.text) } }
  }

  // MARK: Header and footer

  private static func body(of lines: [Substring]) -> Range<Int> {
    func isMark(_ line: Substring, _ mark: String) -> Bool {
      let line = line.uppercased()
      return line.contains("GUTENBERG")
        && (line.hasPrefix("*** \(mark) OF") || line.hasPrefix("***\(mark) OF"))
    }
    var start = 0
    for index in lines.indices.prefix(2_000) {
      let line = lines[index]
      guard line.hasPrefix("*") else { continue }
      if isMark(line, "START") {
        // A long title is wrapped.
        start = index + 1
        var last = index
        while last < min(index + 4, lines.count), !spaceless(lines[last]).hasSuffix("***") {
          last += 1
        }
        if last < min(index + 4, lines.count) { start = last + 1 }
        break
      }
      if line.hasPrefix("*END*THE SMALL PRINT") || line.hasPrefix("*END THE SMALL PRINT") {
        start = index + 1
      }
    }
    let end = lines[start...].firstIndex { line in
      isMark(line, "END")
        || ((line.hasPrefix("End of") || line.hasPrefix("END OF"))
          && line.lowercased().contains("project gutenberg"))
    }
    return start..<(end ?? lines.count)
  }

  private mutating func readHeader(_ lines: ArraySlice<Substring>) {
    for (index, line) in zip(lines.indices, lines) {
      if line.contains("COPYRIGHTED Project Gutenberg") { isCopyrighted = true }
      for (field, name) in [
        ("Title: ", "title"), ("Author: ", "author"), ("Language: ", "language"),
      ]
      where line.hasPrefix(field) && metadata[name] == nil {
        var value = spaceless(line.dropFirst(field.count))
        for next in lines[(index + 1)...] {
          let part = spaceless(next)
          guard next.hasPrefix("  "), !part.isEmpty else { break }
          value += " " + part
        }
        metadata[name] = .text(value)
      }
      for mark in ["[eBook #", "[EBook #", "[Etext #", "[Ebook #"] where number == nil {
        guard let found = line.firstRange(of: mark) else { continue }
        number = Int(line[found.upperBound...].prefix { $0.isASCII && $0.isNumber })
      }
    }
    metadata["book"] = number.map { .integer($0) }
  }

  // MARK: Body

  private enum Part { case titlePage, contents, text }

  private mutating func readBody(_ lines: [Substring], _ range: Range<Int>) {
    var part = Part.titlePage
    var listed: Set<String> = []
    var chapter = Chapter()
    var start = range.lowerBound
    while start < range.upperBound {
      if spaceless(lines[start]).isEmpty {
        start += 1
        continue
      }
      var end = start
      while end < range.upperBound, !spaceless(lines[end]).isEmpty { end += 1 }
      let block = lines[start..<end]
      let line = start + 1
      start = end
      if isNoise(block) { continue }
      if opensContents(block) {
        part = .contents
        listed.formUnion(block.compactMap { headingKey($0) })
        continue
      }
      let key = isShort(block) ? headingKey(lines[line - 1]) : nil
      if part == .contents, key.map({ !listed.contains($0) }) ?? true {
        listed.formUnion(block.compactMap { headingKey($0) })
        if let key, isShort(block) {
          listed.insert(key)
          chapter.heading = joined(block)
        }
        if !isProse(block) { continue }
      }
      if key != nil {
        chapters.append(chapter)
        chapter = Chapter(heading: joined(block))
        part = .text
        continue
      }
      if part == .titlePage, !isProse(block) { continue }
      part = .text
      if chapter.paragraphs.isEmpty, let heading = chapter.heading, isSubtitle(block) {
        chapter.heading = heading + " " + joined(block)
        continue
      }
      chapter.paragraphs.append(Paragraph(text: paragraph(block), line: line))
    }
    chapters.append(chapter)
  }

  // MARK: Passages

  /// Cuts the chapters into passages of whole paragraphs, and paragraphs that are too long into
  /// sentences.
  ///
  /// - Parameter most: The most words of a passage.
  /// - Returns: The passages in the book's order.
  func passages(of most: Int) -> [Passage] {
    var passages: [Passage] = []
    for chapter in chapters {
      var text = ""
      var words = 0
      var line = 1
      func handOver() {
        guard !text.isEmpty else { return }
        passages.append(
          Passage(text: text, chapter: chapter.heading, ordinal: passages.count, line: line)
        )
        text = ""
        words = 0
      }
      for paragraph in chapter.paragraphs {
        for (index, piece) in pieces(of: paragraph.text, most).enumerated() {
          let count = WordCount.words(in: piece)
          if words + count > most { handOver() }
          if text.isEmpty { line = paragraph.line } else { text += index == 0 ? "\n\n" : " " }
          text += piece
          words += count
        }
      }
      handOver()
    }
    return passages
  }

  /// Whether a text names somebody or something: a capitalised word inside a sentence, or a title.
  static func hasName(_ text: String) -> Bool {
    let titles: Set<Substring> = ["Mr.", "Mrs.", "Miss", "Dr.", "Sir", "Lady", "Aunt", "Uncle"]
    var beginsSentence = true
    for word in text.split(whereSeparator: \.isWhitespace) {
      let bare = word.drop { !$0.isLetter && !$0.isNumber }
      let isCapitalised =
        bare.first?.isUppercase == true && bare.dropFirst().first?.isLowercase == true
      let opensSpeech = bare.startIndex != word.startIndex
      if titles.contains(bare) || (isCapitalised && !beginsSentence && !opensSpeech) { return true }
      beginsSentence = endsSentence(word) || word.last == ":" || word.hasSuffix("--")
    }
    return false
  }
}

// MARK: Blocks

private func spaceless(_ line: Substring) -> String {
  var line = line[...]
  while line.first?.isWhitespace == true { line.removeFirst() }
  while line.last?.isWhitespace == true { line.removeLast() }
  return String(line)
}

private func joined(_ block: ArraySlice<Substring>) -> String {
  block.map(spaceless).joined(separator: " ")
}

/// The text of a block: lines run on but in verse, all of whose lines are indented.
private func paragraph(_ block: ArraySlice<Substring>) -> String {
  let isVerse = block.count > 1 && block.allSatisfy { $0.hasPrefix("  ") }
  let text = block.map(spaceless).joined(separator: isVerse ? "\n" : " ")
  return text.contains("_") ? String(text.filter { $0 != "_" }) : text
}

private func isShort(_ block: ArraySlice<Substring>) -> Bool {
  block.count <= 3 && WordCount.words(in: joined(block)) <= 25
}

private func isProse(_ block: ArraySlice<Substring>) -> Bool {
  let text = joined(block)
  return WordCount.words(in: text) >= 15 && text.utf8.count >= 30 * block.count
    && endsSentence(text)
}

/// A chapter's own title, in a block after its number.
private func isSubtitle(_ block: ArraySlice<Substring>) -> Bool {
  let text = joined(block)
  return block.count <= 2 && WordCount.words(in: text) <= 10 && text.last?.isLetter == true
}

private func isNoise(_ block: ArraySlice<Substring>) -> Bool {
  let first = spaceless(block[block.startIndex])
  let openings = [
    "[Illustration", "Produced by", "E-text prepared by", "Transcribed from", "Transcriber's Note",
    "Transcriber’s Note", "This etext was", "This eBook was",
  ]
  return openings.contains { first.hasPrefix($0) }
    || !block.contains { line in line.contains { $0.isLetter || $0.isNumber } }
}

private func opensContents(_ block: ArraySlice<Substring>) -> Bool {
  let first = spaceless(block[block.startIndex]).uppercased()
    .filter { $0.isLetter || $0 == " " }
  return ["CONTENTS", "TABLE OF CONTENTS", "LIST OF ILLUSTRATIONS", "ILLUSTRATIONS"].contains(first)
}

/// What two lines that head the same chapter have in common, or `nil` for a line that heads none.
private func headingKey(_ line: Substring) -> String? {
  let words = line.uppercased().split { $0.isWhitespace || ".,:;-—_[]".contains($0) }
  guard let first = words.first, line.utf8.count <= 100 else { return nil }
  let numbered: Set<Substring> = [
    "CHAPTER", "BOOK", "PART", "LETTER", "STAVE", "CANTO", "ACT", "SCENE", "SECTION", "VOLUME",
  ]
  let alone: Set<Substring> = [
    "PREFACE", "INTRODUCTION", "PROLOGUE", "EPILOGUE", "CONCLUSION", "FOREWORD", "AFTERWORD",
  ]
  if numbered.contains(first), words.count > 1, isNumeral(words[1]) {
    return "\(first) \(words[1])"
  }
  if words.count == 1, alone.contains(first) || isRoman(first) { return String(first) }
  return nil
}

private func isRoman(_ word: Substring) -> Bool {
  word.utf8.count <= 8 && word.allSatisfy { "IVXLC".contains($0) }
}

private func isNumeral(_ word: Substring) -> Bool {
  let names: Set<Substring> = [
    "THE", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE", "TEN", "ELEVEN",
    "TWELVE", "THIRTEEN", "FOURTEEN", "FIFTEEN", "SIXTEEN", "SEVENTEEN", "EIGHTEEN", "NINETEEN",
    "TWENTY", "THIRTY", "FORTY", "FIFTY", "FIRST", "SECOND", "THIRD", "LAST",
  ]
  return word.allSatisfy { $0.isASCII && $0.isNumber } || isRoman(word) || names.contains(word)
}

/// Whether text ends in a full stop, question or exclamation mark, quotation marks after it aside.
private func endsSentence(_ text: some StringProtocol) -> Bool {
  let last = text.reversed().first { !"\"'”’)]_*".contains($0) }
  return last.map { ".!?…".contains($0) } ?? false
}

/// A paragraph as it is, or cut at sentence ends where it is longer than a passage.
private func pieces(of paragraph: String, _ most: Int) -> [String] {
  if WordCount.words(in: paragraph) <= most { return [paragraph] }
  var pieces: [String] = []
  var sentence: [Substring] = []
  for word in paragraph.split(whereSeparator: \.isWhitespace) {
    sentence.append(word)
    if endsSentence(word) {
      pieces.append(sentence.joined(separator: " "))
      sentence = []
    }
  }
  if !sentence.isEmpty { pieces.append(sentence.joined(separator: " ")) }
  return pieces
}
