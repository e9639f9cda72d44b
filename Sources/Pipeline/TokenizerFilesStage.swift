// Text files become a vocabulary.

import Documents
import Files
import Foundation
import Storage
public import Tokenization

extension StageContext {
  /// Learns a vocabulary from text files and writes it to `tokenizers/<name>/`.
  ///
  /// What lies between blank lines is a document. A file's name, without its folder, is the source
  /// that a weight may name.
  ///
  /// - Parameters:
  ///   - name: The tokenizer's name.
  ///   - files: The files, UTF-8.
  ///   - settings: The trainer's settings.
  /// - Returns: The report: documents in, ids out, words learned from.
  /// - Throws: ``Failure``; ``Interrupted``.
  public func trainTokenizer(
    named name: String,
    fromFiles files: [String],
    trainer settings: BPETrainer.Settings
  ) throws -> StageReport {
    try checkName(name, of: "tokenizer")
    try settings.validate()
    try checkWeights(settings.weights, sources: files.map { URL(filePath: $0).lastPathComponent })
    let output = "tokenizers/\(name)"
    let identity = StageIdentity(
      name: "tokenizer \(name)",
      version: 1,
      inputs: try files.map { try digestOfFile($0).sha256 },
      settings: canonicalJSON(settings)
    )
    let outputs = Tokenizer.fileNames.map { output + "/" + $0 }
    return try run(identity, outputs: outputs) { replacing in
      let lanes = try (0..<WorkerPool.width).map { _ in Lane(try BPETrainer(settings)) }
      var words = 0
      for file in files { words += try count(file, lanes) }
      var trainer = try BPETrainer(settings)
      for lane in lanes { lane.use { trainer.merge($0) } }
      let tokenizer = try trainer.train()
      try replaceFolder(workspace.path(of: output), replacing: replacing) { partial in
        try tokenizer.write(to: partial)
      }
      try workspace.index.recordTokenizer(
        name,
        selection: "",
        vocabularySize: tokenizer.vocabularySize,
        trainingWords: words,
        sha256: tokenizer.hash.description
      )
      return StageReport(
        stage: identity.name,
        input: trainer.documentCount,
        output: tokenizer.vocabularySize,
        words: words,
        details: [
          "wantedVocabularySize": .integer(settings.vocabularySize),
          "distinctPretokens": .integer(trainer.distinctPretokenCount),
          "pretokenMemory": .integer(trainer.pretokenMemory),
        ]
      )
    }
  }

  /// Counts a file's pretokens, and gives its words.
  private func count(_ file: String, _ lanes: [Lane<BPETrainer>]) throws -> Int {
    let source = URL(filePath: file).lastPathComponent
    var pieces = try TextPieces(file)
    var words = 0
    while try pieces.advance() {
      try stop.check()
      let bytes = pieces.bytes
      let counted = try WorkerPool.map(Array(zip(lanes, WorkerPool.pieces(of: pieces.documents)))) {
        lane,
        piece in
        lane.use { trainer in addDocuments(piece, of: bytes, source: source, to: &trainer) }
      }
      words += counted.reduce(0, +)
    }
    return words
  }

  /// Refuses a weight of a source that is not there.
  func checkWeights(_ weights: [String: Int], sources: [String]) throws {
    for source in weights.keys.sorted() where !sources.contains(source) {
      throw Failure(
        .usage,
        what: "there is no source \(source) to give a weight",
        place: "tokenizer.weights.\(source)",
        remedy: "name one of: \(sources.joined(separator: ", "))"
      )
    }
  }
}

/// Counts documents' pretokens, and gives their words.
private func addDocuments(
  _ documents: ArraySlice<Range<Int>>,
  of text: [UInt8],
  source: String,
  to trainer: inout BPETrainer
) -> Int {
  let text = text.span
  var words = 0
  for document in documents {
    trainer.add(text.extracting(document), source: source)
    words += WordCount.words(in: text.extracting(document))
  }
  return words
}
