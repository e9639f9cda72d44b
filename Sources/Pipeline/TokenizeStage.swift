// A selection becomes token shards, ready to train on without a database.

import Documents
import Files
import Foundation
import Storage
import Tokenization

/// Which selection to tokenize with which tokenizer.
public struct TokenizeSettings: Sendable, Equatable {
  /// The selection's name.
  public var selection: String
  /// The tokenizer's name.
  public var tokenizer: String

  /// The folder's name inside `tokens/`.
  public var tokens: String { "\(selection)--\(tokenizer)" }

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - selection: The selection's name.
  ///   - tokenizer: The tokenizer's name.
  public init(selection: String = "main", tokenizer: String = "main") {
    self.selection = selection
    self.tokenizer = tokenizer
  }
}

extension StageContext {
  /// Writes `tokens/<selection>--<tokenizer>/` with a shard for each split.
  ///
  /// - Parameter settings: Which selection, which tokenizer.
  /// - Returns: The report: documents in, tokens of train out, words of train.
  /// - Throws: ``Failure``; ``Interrupted``.
  public func tokenize(_ settings: TokenizeSettings) throws -> StageReport {
    let identity = try identity(of: settings)
    let name = identity.name
    let output = "tokens/\(settings.tokens)"
    let outputs = Split.allCases.flatMap { split in
      ["bin", "idx"].map { "\(output)/\(split.rawValue)-00000.\($0)" }
    }
    return try run(identity, outputs: outputs) { replacing in
      let tokenizer = try openTokenizer(settings.tokenizer)
      var ranges: [TokenRange] = []
      var totals: [Split: TokenShardWriter.Totals] = [:]
      try replaceFolder(workspace.path(of: output), replacing: replacing) { partial in
        for split in Split.allCases {
          totals[split] = try write(
            split,
            of: settings.selection,
            with: tokenizer,
            to: partial,
            stage: name,
            ranges: &ranges
          )
        }
      }
      try workspace.index.replaceTokenRanges(settings.tokens, ranges: ranges)
      return report(name, totals)
    }
  }

  /// What decides whether token shards must be made anew.
  ///
  /// - Parameter settings: Which selection, which tokenizer.
  /// - Returns: The identity of the stage.
  /// - Throws: ``Failure`` where the selection or the tokenizer has not been made, or the selection is
  ///   older than its sources.
  func identity(of settings: TokenizeSettings) throws -> StageIdentity {
    let selected = try fingerprint(ofSelection: settings.selection)
    let learned = try fingerprint(
      of: "tokenizer \(settings.tokenizer)",
      remedy: "run `blalm tokenizer train` first"
    )
    return StageIdentity(
      name: "tokenize \(settings.tokens)",
      version: 1,
      inputs: [selected, learned],
      settings: ""
    )
  }

  /// Opens a tokenizer of the workspace.
  ///
  /// - Parameter name: Its name.
  /// - Returns: The tokenizer.
  /// - Throws: ``Failure`` where it is missing or damaged.
  func openTokenizer(_ name: String) throws -> Tokenizer {
    try checkName(name, of: "tokenizer")
    return try Tokenizer(contentsOf: workspace.path(of: "tokenizers/\(name)/tokenizer.json"))
  }

  private func write(
    _ split: Split,
    of selection: String,
    with tokenizer: Tokenizer,
    to folder: String,
    stage: String,
    ranges: inout [TokenRange]
  ) throws -> TokenShardWriter.Totals {
    var writer = try TokenShardWriter(
      path: "\(folder)/\(split.rawValue)-00000",
      tokenizer: tokenizer
    )
    // One encoder a core, which remembers its words from batch to batch.
    let lanes = (0..<WorkerPool.width).map { _ in Lane(TokenEncoder(tokenizer)) }
    var found: [TokenRange] = []
    try forEachBatch(of: selection, split: split, stage: stage) { batch in
      let work = Array(zip(lanes, WorkerPool.pieces(of: batch)))
      let encoded = try WorkerPool.map(work) { lane, piece in
        lane.use { encoder in
          piece.map { TokenizedDocument($0.text.span, with: &encoder) }
        }
      }
      for (document, tokens) in zip(batch, encoded.joined()) {
        found.append(
          (split, document.id, firstToken: writer.totals.tokens, tokenCount: tokens.tokens.count)
        )
        try writer.append(tokens, id: document.id, source: document.source)
      }
    }
    ranges += found
    return try writer.finish()
  }

  private func report(
    _ name: String,
    _ totals: [Split: TokenShardWriter.Totals]
  ) -> StageReport {
    guard let train = totals[.train], let dev = totals[.dev] else {
      preconditionFailure("a split was not written")
    }
    return StageReport(
      stage: name,
      input: train.documents + dev.documents,
      output: train.tokens,
      words: train.words,
      details: [
        "devTokens": .integer(dev.tokens), "devWords": .integer(dev.words),
        "tokensPerWord": .number(Double(train.tokens) / Double(max(1, train.words))),
      ]
    )
  }
}

/// A document's tokens in a shard.
typealias TokenRange = (split: Split, id: DocumentID, firstToken: Int, tokenCount: Int)
