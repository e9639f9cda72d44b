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
  /// A tokenizer's file or folder to take instead of learning one, or `nil`.
  public var file: String?
  /// How texts are cut, where the file does not say it.
  public var filePretokenizer: PretokenizerPattern?

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - name: The tokenizer's name.
  ///   - selection: The selection whose train split it learns from.
  ///   - trainer: The trainer's settings.
  ///   - file: A tokenizer's file or folder to take instead of learning one.
  ///   - filePretokenizer: How texts are cut, where the file does not say it.
  public init(
    name: String = "main",
    selection: String,
    trainer: BPETrainer.Settings,
    file: String? = nil,
    filePretokenizer: PretokenizerPattern? = nil
  ) {
    self.name = name
    self.selection = selection
    self.trainer = trainer
    self.file = file
    self.filePretokenizer = filePretokenizer
  }

  /// Reads a recipe's `tokenizer`, which learns from the first selection where it names no other.
  init(yaml: Setting, selections: [String], folder: String) throws {
    let (name, unnamed) = try yaml.splitting(off: "name")
    let (named, rest) = try unnamed.splitting(off: "selection")
    if let named, !selections.contains(try named.text()) {
      throw named.unknown(try named.text(), known: selections)
    }
    let (file, settings) = try rest.splitting(off: "file")
    let defaults = BPETrainer.Settings(vocabularySize: 4_096)
    if let file {
      // A tokenizer that is there has its settings; only how it cuts may be wanting.
      let path = try file.text()
      let (pattern, others) = try settings.splitting(off: "pretokenizer")
      _ = try others.entries(known: [])
      self.init(
        name: try name?.text() ?? "main",
        selection: try named?.text() ?? selections[0],
        trainer: defaults,
        file: path.hasPrefix("/") ? path : folder + "/" + path,
        filePretokenizer: try pattern.map { pattern in
          let text = try pattern.text()
          guard let known = PretokenizerPattern(rawValue: text) else {
            throw pattern.unknown(text, known: PretokenizerPattern.allCases.map(\.rawValue))
          }
          return known
        }
      )
    } else {
      self.init(
        name: try name?.text() ?? "main",
        selection: try named?.text() ?? selections[0],
        trainer: try settings.decode(over: defaults)
      )
      try trainer.validate()
    }
    try checkName(self.name, of: "tokenizer")
  }
}

extension StageContext {
  /// Learns a vocabulary, or takes one from a file, and writes it to `tokenizers/<name>/`.
  ///
  /// - Parameter settings: Which vocabulary, from what.
  /// - Returns: The report: documents in, ids out, words learned from.
  /// - Throws: ``Failure``; ``Interrupted``.
  public func trainTokenizer(_ settings: TokenizerSettings) throws -> StageReport {
    try checkName(settings.name, of: "tokenizer")
    if let file = settings.file { return try takeTokenizer(file, settings) }
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

  /// Takes a vocabulary from a file, which is written anew, so that the workspace holds all three
  /// files in one form.
  private func takeTokenizer(
    _ file: String,
    _ settings: TokenizerSettings
  ) throws -> StageReport {
    let tokenizer = try Tokenizer(importing: file, pretokenizer: settings.filePretokenizer)
    let name = "tokenizer \(settings.name)"
    let output = "tokenizers/\(settings.name)"
    let identity = StageIdentity(
      name: name,
      version: 1,
      inputs: [SHA256.hash(tokenizer.tokenizerJSON).description],
      settings: ""
    )
    return try run(identity, outputs: Tokenizer.fileNames.map { output + "/" + $0 }) { replacing in
      try replaceFolder(workspace.path(of: output), replacing: replacing) { partial in
        try tokenizer.write(to: partial)
      }
      try workspace.index.recordTokenizer(
        settings.name,
        selection: "",
        vocabularySize: tokenizer.vocabularySize,
        trainingWords: 0,
        sha256: SHA256.hash(tokenizer.tokenizerJSON).description
      )
      return StageReport(stage: name, input: 0, output: tokenizer.vocabularySize, words: 0)
    }
  }
}
