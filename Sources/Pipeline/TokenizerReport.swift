// Whether a vocabulary fits a selection.

public import Documents
import Files
import Foundation
import Storage
import Tokenization

/// What a tokenizer report is of.
public struct TokenizerReportSettings: Sendable, Equatable {
  /// The columns of `corpus` that documents are grouped by where none is named, as far as they are
  /// there: the source, the child's age, the grade level.
  public static let usualColumns = ["source", "targetChildAgeMonths", "fleschKincaidGrade"]

  /// The tokenizer's name.
  public var tokenizer = "main"
  /// The selection's name.
  public var selection = "main"
  /// The split.
  public var split = Split.train
  /// The columns of `corpus` to group by; none for ``usualColumns``.
  public var columns: [String] = []
  /// A file of words, one a line, whose coverage is wanted.
  public var wordList: String?
  /// Another tokenizer to hold against the first.
  public var other: String?

  /// Creates the settings of a report on `main`.
  public init() {}
}

/// How a vocabulary fits a selection.
public struct TokenizerReport: Sendable, Encodable {
  /// The fit in a group of documents.
  public struct Group: Sendable, Encodable, Equatable {
    /// The column of `corpus` that the group shares a value of, or `nil` for all documents.
    public let column: String?
    /// The value or the range of values; "no value" for documents without one.
    public let value: String
    /// The number of documents.
    public let documents: Int
    /// Their bytes.
    public let bytes: Int
    /// Their words between white space.
    public let words: Int
    /// Their tokens.
    public let tokens: Int
    /// Bytes a token.
    public let bytesPerToken: Double?
    /// Words a token.
    public let wordsPerToken: Double?
    /// The share of runs of letters that are more than one token.
    public let splitShare: Double?
    /// The other tokenizer's bytes a token.
    public let otherBytesPerToken: Double?
    /// The other tokenizer's share of split words.
    public let otherSplitShare: Double?
  }

  /// A token and how often it is used.
  public struct Token: Sendable, Encodable, Equatable {
    /// Its id.
    public let id: Int
    /// Its name, as `tokenizer.json` spells it.
    public let name: String
    /// How often it occurs.
    public let count: Int
  }

  /// How much of a word list is in the vocabulary.
  public struct Coverage: Sendable, Encodable, Equatable {
    /// The list's file.
    public let file: String
    /// Its distinct words.
    public let words: Int
    /// Those that are one token behind a blank.
    public let whole: Int
    /// The share of those.
    public let share: Double?
    /// The tokens a word on average.
    public let tokensPerWord: Double?
    /// The first words that are more than one token.
    public let split: [String]
  }

  /// The other tokenizer, held against the first.
  public struct Comparison: Sendable, Encodable, Equatable {
    /// Its name.
    public let tokenizer: String
    /// Its number of ids.
    public let vocabularySize: Int
    /// The tokens that both have, by their bytes.
    public let shared: Int
    /// The tokens that only the first has.
    public let onlyFirst: Int
    /// The tokens that only the other has.
    public let onlyOther: Int
  }

  /// The tokenizer's name.
  public let tokenizer: String
  /// Its number of ids.
  public let vocabularySize: Int
  /// The selection's name.
  public let selection: String
  /// The split.
  public let split: Split
  /// All documents, and each group of each column.
  public let groups: [Group]
  /// The number of tokens that are never used, special tokens left out.
  public let unusedCount: Int
  /// The longest of them.
  public let unused: [Token]
  /// The number of tokens that are used, but fewer than ``rareBelow`` times.
  public let rareCount: Int
  /// The rarest of them.
  public let rare: [Token]
  /// What counts as rare: fewer uses than this.
  public let rareBelow: Int
  /// The tokens with the most bytes.
  public let longest: [Token]
  /// The coverage of the word list, where one was named.
  public let coverage: Coverage?
  /// The other tokenizer, where one was named.
  public let comparison: Comparison?
}

/// The tokens of each list.
private let listedTokens = 20

/// What counts as rare: a token that is seen so seldom learns little.
private let rareBelow = 10

extension StageContext {
  /// Says how a vocabulary fits a selection.
  ///
  /// - Parameter settings: Which vocabulary, which documents, grouped by what.
  /// - Returns: The report.
  /// - Throws: ``Failure`` where something named is not there; ``Interrupted``.
  public func reportTokenizer(_ settings: TokenizerReportSettings) throws -> TokenizerReport {
    _ = try fingerprint(ofSelection: settings.selection)
    let tokenizer = try openTokenizer(settings.tokenizer)
    let other = try settings.other.map { try openTokenizer($0) }
    let known = try workspace.index.corpusColumns()
    let columns =
      settings.columns.isEmpty
      ? TokenizerReportSettings.usualColumns.filter { known.contains($0) } : settings.columns
    var labels: [DocumentGroups] = []
    for column in columns {
      let values = try workspace.index.values(
        of: column,
        in: settings.selection,
        split: settings.split
      )
      labels.append(DocumentGroups(column: column, values: values))
    }
    // One lane a core, each with encoders that remember their words from batch to batch.
    let lanes = (0..<WorkerPool.width).map { _ in
      Lane(FitCounter(tokenizer, other: other, columns: labels.count))
    }
    let found = labels
    try forEachBatch(
      of: settings.selection,
      split: settings.split,
      stage: "tokenizer report"
    ) { batch in
      let work = Array(zip(lanes, WorkerPool.pieces(of: batch)))
      _ = try WorkerPool.map(work) { lane, piece in
        lane.use { counter in
          for document in piece { counter.add(document, groups: found) }
        }
      }
    }
    var total = FitCounter(tokenizer, other: other, columns: labels.count)
    for lane in lanes { total.add(lane.use { $0 }) }
    return try report(settings, tokenizer, other, total, labels)
  }

  private func report(
    _ settings: TokenizerReportSettings,
    _ tokenizer: Tokenizer,
    _ other: Tokenizer?,
    _ total: FitCounter,
    _ labels: [DocumentGroups]
  ) throws -> TokenizerReport {
    var groups = [group(column: nil, "all", total.all)]
    for (index, grouping) in labels.enumerated() {
      for place in total.groups[index].keys.sorted() {
        guard let fits = total.groups[index][place] else { continue }
        groups.append(group(column: grouping.column, grouping.label(of: place), fits))
      }
    }
    let special = Set(tokenizer.specialTokens.map(\.id))
    let known = (0..<UInt32(tokenizer.vocabularySize)).filter {
      tokenizer.hasToken($0) && !special.contains($0)
    }
    let tokens = known.map { id in
      (id: id, bytes: tokenizer.byteCount(of: id), count: total.uses[Int(id)])
    }
    func listed(_ list: [(id: UInt32, bytes: Int, count: Int)]) -> [TokenizerReport.Token] {
      list.prefix(listedTokens).map {
        TokenizerReport.Token(id: Int($0.id), name: tokenizer.name(of: $0.id), count: $0.count)
      }
    }
    let unused = tokens.filter { $0.count == 0 }.sorted { ($1.bytes, $0.id) < ($0.bytes, $1.id) }
    let rare = tokens.filter { $0.count > 0 && $0.count < rareBelow }
      .sorted { ($0.count, $0.id) < ($1.count, $1.id) }
    return TokenizerReport(
      tokenizer: settings.tokenizer,
      vocabularySize: tokenizer.vocabularySize,
      selection: settings.selection,
      split: settings.split,
      groups: groups,
      unusedCount: unused.count,
      unused: listed(unused),
      rareCount: rare.count,
      rare: listed(rare),
      rareBelow: rareBelow,
      longest: listed(tokens.sorted { ($1.bytes, $0.id) < ($0.bytes, $1.id) }),
      coverage: try settings.wordList.map { try coverage(of: $0, by: tokenizer) },
      comparison: other.map { comparison(settings.other ?? "", tokenizer, $0) }
    )
  }

  private func group(
    column: String?,
    _ value: String,
    _ fits: (first: TokenizerFit, other: TokenizerFit?)
  ) -> TokenizerReport.Group {
    TokenizerReport.Group(
      column: column,
      value: value,
      documents: fits.first.documents,
      bytes: fits.first.bytes,
      words: fits.first.words,
      tokens: fits.first.tokens,
      bytesPerToken: fits.first.bytesPerToken,
      wordsPerToken: fits.first.wordsPerToken,
      splitShare: fits.first.splitShare,
      otherBytesPerToken: fits.other?.bytesPerToken,
      otherSplitShare: fits.other?.splitShare
    )
  }

  private func coverage(
    of file: String,
    by tokenizer: Tokenizer
  ) throws -> TokenizerReport.Coverage {
    let bytes: Data
    do {
      bytes = try Data(contentsOf: URL(filePath: file))
    } catch {
      throw Failure(
        what: "the word list cannot be read (\(error.localizedDescription))",
        place: file,
        remedy: "name a text file with one word a line"
      )
    }
    var seen: Set<String> = []
    var words: [String] = []
    for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
      let word = line.trimmingCharacters(in: .whitespaces)
      if !word.isEmpty, seen.insert(word).inserted { words.append(word) }
    }
    var encoder = TokenEncoder(tokenizer)
    var split: [String] = []
    var tokens = 0
    for word in words {
      var ids: [UInt32] = []
      encoder.encode(Array((" " + word).utf8).span, into: &ids)
      tokens += ids.count
      if ids.count != 1 { split.append(word) }
    }
    let whole = words.count - split.count
    return TokenizerReport.Coverage(
      file: file,
      words: words.count,
      whole: whole,
      share: words.isEmpty ? nil : Double(whole) / Double(words.count),
      tokensPerWord: words.isEmpty ? nil : Double(tokens) / Double(words.count),
      split: Array(split.prefix(listedTokens))
    )
  }

  private func comparison(
    _ name: String,
    _ tokenizer: Tokenizer,
    _ other: Tokenizer
  ) -> TokenizerReport.Comparison {
    func spellings(_ tokenizer: Tokenizer) -> Set<[UInt8]> {
      Set((0..<UInt32(tokenizer.vocabularySize)).map { Array(tokenizer.bytes(of: $0)) })
        .subtracting([[]])
    }
    let (mine, theirs) = (spellings(tokenizer), spellings(other))
    let shared = mine.intersection(theirs).count
    return TokenizerReport.Comparison(
      tokenizer: name,
      vocabularySize: other.vocabularySize,
      shared: shared,
      onlyFirst: mine.count - shared,
      onlyOther: theirs.count - shared
    )
  }
}

/// The fits and uses that one thread counts.
private struct FitCounter: Sendable {
  var all: (first: TokenizerFit, other: TokenizerFit?)
  /// By column, then by the group's place.
  var groups: [[Int: (first: TokenizerFit, other: TokenizerFit?)]]
  /// How often each token is used.
  var uses: [Int]
  private var encoder: TokenEncoder
  private var otherEncoder: TokenEncoder?

  init(_ tokenizer: Tokenizer, other: Tokenizer?, columns: Int) {
    all = (TokenizerFit(), other.map { _ in TokenizerFit() })
    groups = Array(repeating: [:], count: columns)
    uses = Array(repeating: 0, count: tokenizer.vocabularySize)
    encoder = TokenEncoder(tokenizer)
    otherEncoder = other.map { TokenEncoder($0) }
  }

  mutating func add(_ document: SelectedDocument, groups labels: [DocumentGroups]) {
    let tokens = encoder.locatedTokens(ofText: document.text.span)
    for id in tokens.ids { uses[Int(id)] += 1 }
    var first = TokenizerFit()
    first.add(document.text.span, words: document.words, tokens: tokens)
    var other: TokenizerFit?
    if let theirs = otherEncoder?.locatedTokens(ofText: document.text.span) {
      var fit = TokenizerFit()
      fit.add(document.text.span, words: document.words, tokens: theirs)
      other = fit
    }
    add(first, other, to: &all)
    for (index, label) in labels.enumerated() {
      let place = label.place(of: document.id)
      add(first, other, to: &groups[index][place, default: (TokenizerFit(), nil)])
    }
  }

  mutating func add(_ counter: FitCounter) {
    add(counter.all.first, counter.all.other, to: &all)
    for (index, group) in counter.groups.enumerated() {
      for (place, fits) in group {
        add(fits.first, fits.other, to: &groups[index][place, default: (TokenizerFit(), nil)])
      }
    }
    for index in uses.indices { uses[index] += counter.uses[index] }
  }

  private func add(
    _ first: TokenizerFit,
    _ other: TokenizerFit?,
    to fits: inout (first: TokenizerFit, other: TokenizerFit?)
  ) {
    fits.first.add(first)
    guard let other else { return }
    var sum = fits.other ?? TokenizerFit()
    sum.add(other)
    fits.other = sum
  }
}
