// The train split of a selection becomes a vocabulary.

import Documents
import Files
import Foundation
import Settings
import Storage
public import Tokenization

/// Which vocabulary to learn, from what.
public struct TokenizerSettings: Sendable, Equatable {
  /// The tokenizer's name.
  public var name: String
  /// The selection whose train split it learns from.
  public var selection: String
  /// The trainer's settings.
  public var trainer: BPETrainer.Settings

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - name: The tokenizer's name.
  ///   - selection: The selection whose train split it learns from.
  ///   - trainer: The trainer's settings.
  public init(name: String = "main", selection: String, trainer: BPETrainer.Settings) {
    self.name = name
    self.selection = selection
    self.trainer = trainer
  }

  /// Reads a recipe's `tokenizer`, which learns from the first selection where it names no other.
  init(yaml: Setting, selections: [String]) throws {
    let (name, unnamed) = try yaml.splitting(off: "name")
    let (named, rest) = try unnamed.splitting(off: "selection")
    if let named, !selections.contains(try named.text()) {
      throw named.unknown(try named.text(), known: selections)
    }
    self.init(
      name: try name?.text() ?? "main",
      selection: try named?.text() ?? selections[0],
      trainer: try rest.decode(over: BPETrainer.Settings(vocabularySize: 4_096))
    )
    try checkName(self.name, of: "tokenizer")
    try trainer.validate()
  }
}

extension StageContext {
  /// Learns a vocabulary and writes it to `tokenizers/<name>/`.
  ///
  /// - Parameter settings: Which vocabulary, from what.
  /// - Returns: The report: documents in, ids out, words learned from.
  /// - Throws: ``Failure``; ``Interrupted``.
  public func trainTokenizer(_ settings: TokenizerSettings) throws -> StageReport {
    try checkName(settings.name, of: "tokenizer")
    try settings.trainer.validate()
    try checkWeights(settings.trainer.weights, sources: try workspace.index.sourceNames())
    let selected = try fingerprint(ofSelection: settings.selection)
    let name = "tokenizer \(settings.name)"
    let output = "tokenizers/\(settings.name)"
    let identity = StageIdentity(
      name: name,
      version: 1,
      inputs: [selected],
      settings: canonicalJSON(settings.trainer)
    )
    let files = Tokenizer.fileNames.map { output + "/" + $0 }
    return try run(identity, outputs: files) { replacing in
      // One trainer a core, which counts on from batch to batch.
      let lanes = try (0..<WorkerPool.width).map { _ in Lane(try BPETrainer(settings.trainer)) }
      var words = 0
      var documents = 0
      try forEachBatch(of: settings.selection, split: .train, stage: name) { batch in
        let work = Array(zip(lanes, WorkerPool.pieces(of: batch)))
        _ = try WorkerPool.map(work) { lane, piece in
          lane.use { trainer in
            for document in piece {
              trainer.add(document.text.span, source: document.source)
            }
          }
        }
        words += batch.reduce(0) { $0 + $1.words }
        documents += batch.count
      }
      var trainer = try BPETrainer(settings.trainer)
      for lane in lanes { lane.use { trainer.merge($0) } }
      let tokenizer = try trainer.train()
      try replaceFolder(workspace.path(of: output), replacing: replacing) { partial in
        try tokenizer.write(to: partial)
      }
      try workspace.index.recordTokenizer(
        settings.name,
        selection: settings.selection,
        vocabularySize: tokenizer.vocabularySize,
        trainingWords: words,
        sha256: tokenizer.hash.description
      )
      return StageReport(
        stage: name,
        input: documents,
        output: tokenizer.vocabularySize,
        words: words,
        details: [
          "wantedVocabularySize": .integer(settings.trainer.vocabularySize),
          "distinctPretokens": .integer(trainer.distinctPretokenCount),
          "pretokenMemory": .integer(trainer.pretokenMemory),
        ]
      )
    }
  }
}
