// From a place in a token shard back to the document, the shard, the source file, and the bytes.

public import Documents
import Files
import Storage
import Tokenization

/// Where a token comes from.
public struct TokenTrace: Sendable, Encodable {
  /// The folder's name inside `tokens/`.
  public let tokens: String
  /// The split.
  public let split: Split
  /// The token's place in the split.
  public let position: Int
  /// The token's id in the vocabulary.
  public let token: Int
  /// The token's name, as `tokenizer.json` spells it.
  public let name: String
  /// The text of its bytes; empty for the token that begins a document.
  public let text: String
  /// The text before it.
  public let before: String
  /// The text behind it.
  public let after: String
  /// The document.
  public let document: DocumentID
  /// The document's source.
  public let source: String
  /// The record's key in its source.
  public let key: String
  /// The source's file.
  public let file: String
  /// The record's first line in that file, where the format has lines.
  public let line: Int?
  /// The shard that holds the document, inside `shards/`.
  public let shard: String
  /// The first byte of the document's frame in the shard.
  public let frameOffset: Int
  /// The document's line in the frame, from 0.
  public let frameLine: Int
  /// The place of the document's first token in the split.
  public let firstToken: Int
  /// The number of the document's tokens.
  public let tokenCount: Int
  /// The first byte of the token in the document's text.
  public let byteStart: Int
  /// The byte behind it; equal to ``byteStart`` for a token without bytes.
  public let byteEnd: Int
  /// The line of the document's text on which it begins, from 1.
  public let textLine: Int

  /// The trace as one JSON object with sorted keys.
  public var json: String { canonicalJSON(self) }
}

extension StageContext {
  /// Traces a token of a token shard back to its source.
  ///
  /// The document is encoded again to find the token's bytes; that its tokens are those of the shard
  /// shows that the text is the one that was tokenized.
  ///
  /// - Parameters:
  ///   - position: The token's place in the split, from 0.
  ///   - tokens: The folder's name inside `tokens/`: selection and tokenizer, `--` between them.
  ///   - split: The split.
  /// - Returns: Where the token comes from.
  /// - Throws: ``Failure`` where there are no such tokens, the position is beyond them, or the
  ///   documents have changed since.
  public func trace(token position: Int, of tokens: String, split: Split) throws -> TokenTrace {
    let settings = try tokenizeSettings(named: tokens)
    _ = try fingerprint(
      of: "tokenize \(tokens)",
      remedy: "run `blalm tokenize`, or name other tokens with --tokens"
    )
    let tokenizer = try openTokenizer(settings.tokenizer)
    let path = workspace.path(of: "tokens/\(tokens)/\(split.rawValue)-00000")
    let shard = try TokenShardReader(path: path, tokenizer: tokenizer)
    guard position >= 0, position < shard.tokenCount else {
      throw Failure(
        .usage,
        what: "there is no token \(position): the split \(split.rawValue) has \(shard.tokenCount)",
        place: path + ".bin",
        remedy: shard.tokenCount == 0
          ? "name another split with --split" : "give a number from 0 to \(shard.tokenCount - 1)"
      )
    }
    let range = shard.document(shard.documentPosition(ofToken: position))
    let text = try tokenizedText(of: range.id, selection: settings.selection)
    let ids = try encodedAgain(text.kept, as: range, of: shard, with: tokenizer)
    let (id, bytes) = ids[position - range.firstToken]
    let (start, end) = (bytes.lowerBound, bytes.upperBound)
    let place = text.record.place
    return TokenTrace(
      tokens: tokens,
      split: split,
      position: position,
      token: Int(id),
      name: tokenizer.name(of: id),
      text: String(decoding: text.kept[start..<end], as: UTF8.self),
      before: context(of: text.kept, endingAt: start),
      after: context(of: text.kept, from: end),
      document: range.id,
      source: text.record.corpus.text("source") ?? "",
      key: text.record.corpus.text("key") ?? "",
      file: text.record.corpus.text("file") ?? "",
      line: text.record.corpus.integer("line"),
      shard: place.shard,
      frameOffset: place.frameOffset,
      frameLine: place.line,
      firstToken: range.firstToken,
      tokenCount: range.tokenCount,
      byteStart: start,
      byteEnd: end,
      textLine: 1 + text.kept[..<start].count { $0 == UInt8(ascii: "\n") }
    )
  }

  private func tokenizeSettings(named tokens: String) throws -> TokenizeSettings {
    let parts = tokens.split(separator: "--", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else {
      throw Failure(
        .usage,
        what: "`\(tokens)` names no tokens",
        place: "the option --tokens",
        remedy: "write selection and tokenizer with `--` between them, as main--main"
      )
    }
    try checkName(parts[0], of: "selection")
    try checkName(parts[1], of: "tokenizer")
    return TokenizeSettings(selection: parts[0], tokenizer: parts[1])
  }

  /// What of a document was tokenized, as the workspace holds it now.
  private func tokenizedText(
    of id: DocumentID,
    selection: String
  ) throws -> (kept: [UInt8], record: DocumentRecord) {
    guard let record = try workspace.index.record(of: id),
      let bytes = try workspace.index.keptBytes(in: selection, of: id)
    else { throw outdated(id) }
    var reader = ShardReader(workspace)
    let document = try reader.document(id, at: record.place)
    return (Array(document.text.utf8.prefix(bytes)), record)
  }

  private func encodedAgain(
    _ text: [UInt8],
    as range: TokenShardDocument,
    of shard: TokenShardReader,
    with tokenizer: Tokenizer
  ) throws -> [(id: UInt32, bytes: Range<Int>)] {
    var encoder = TokenEncoder(tokenizer, cacheCapacity: 1_000)
    let located = try encoder.locatedTokens(text.span)
    let ids = [(tokenizer.endOfText, 0..<0)] + Array(zip(located.ids, located.byteRanges))
    guard ids.count == range.tokenCount else { throw outdated(range.id) }
    var held = [Int32](repeating: 0, count: range.tokenCount)
    var span = held.mutableSpan
    try shard.copyTokens(
      range.firstToken..<range.firstToken + range.tokenCount,
      into: &span
    )
    guard zip(ids, held).allSatisfy({ Int($0.0) == Int($1) }) else { throw outdated(range.id) }
    return ids
  }

  private func outdated(_ id: DocumentID) -> Failure {
    Failure(
      what: "the tokens are older than the document \(id)",
      place: workspace.path,
      remedy: "run `blalm select` and `blalm tokenize` again"
    )
  }
}

/// The most bytes of context on each side of a token.
private let contextBytes = 60

/// What stands before a place, from a character's beginning on.
private func context(of text: [UInt8], endingAt end: Int) -> String {
  var start = max(0, end - contextBytes)
  while start < end, text[start] & 0xc0 == 0x80 { start += 1 }
  return String(decoding: text[start..<end], as: UTF8.self)
}

/// What stands behind a place, up to a character's end.
private func context(of text: [UInt8], from start: Int) -> String {
  var end = min(text.count, start + contextBytes)
  while end < text.count, text[end] & 0xc0 == 0x80 { end += 1 }
  return String(decoding: text[start..<end], as: UTF8.self)
}
