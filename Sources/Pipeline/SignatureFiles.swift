// The working files of `dedupe`.

import Curation
import Documents
import Files
import Storage

/// What a document is compared by, beside its minima: 32 bytes.
struct SignedDocument: BitwiseCopyable {
  let high: UInt64
  let low: UInt64
  /// The key of the normalised text; 0 for a text without words.
  let textKey: UInt64
  let words: UInt32
  /// The source's place in the order of names.
  let source: UInt32

  static let none = SignedDocument(high: 0, low: 0, textKey: 0, words: 0, source: 0)

  var id: DocumentID { DocumentID(high: high, low: low) }
}

/// A frame's documents as the workers sign them.
struct SignedFrame: Sendable {
  let ids: [DocumentID]
  let batch: SignatureBatch
  /// The keys of each band.
  let bandKeys: [[UInt64]]

  /// Signs a frame's texts.
  init(_ frame: ShardFrame, _ functions: MinHash, paragraphWords: Int) throws {
    let texts = try frame.texts()
    var signer = TextSigner(functions, paragraphWords: paragraphWords)
    var batch = SignatureBatch()
    for text in texts { signer.sign(text.text.span, into: &batch) }
    ids = texts.map(\.id)
    bandKeys = (0..<functions.bands).map { functions.keys(ofBand: $0, in: batch.minima) }
    self.batch = batch
  }
}

/// One record, one signature and one key a band for each document, in the documents' order; and the
/// paragraphs, dealt out by their keys so that equal ones meet in one file.
struct SignatureFiles {
  /// The files of paragraphs: each is small enough to sort in memory.
  static let paragraphFiles = 64

  private let records: ScratchFile
  private let signatures: ScratchFile
  private let bands: [ScratchFile]
  private let paragraphs: [ScratchFile]
  private let minima: Int
  /// The documents so far.
  private(set) var count = 0
  /// The paragraphs of each file so far.
  private(set) var paragraphCounts = [Int](repeating: 0, count: paragraphFiles)

  init(in folder: String, bands: Int, minima: Int) throws {
    records = try ScratchFile(in: folder)
    signatures = try ScratchFile(in: folder)
    self.bands = try (0..<bands).map { _ in try ScratchFile(in: folder) }
    paragraphs = try (0..<SignatureFiles.paragraphFiles).map { _ in try ScratchFile(in: folder) }
    self.minima = minima
  }

  mutating func append(_ frame: SignedFrame, source: Int) throws {
    try records.append(
      frame.ids.indices.map { index in
        SignedDocument(
          high: frame.ids[index].high,
          low: frame.ids[index].low,
          textKey: frame.batch.textKeys[index],
          words: UInt32(clamping: frame.batch.words[index]),
          source: UInt32(source)
        )
      }
    )
    try signatures.append(frame.batch.minima)
    for (file, keys) in zip(bands, frame.bandKeys) { try file.append(keys) }
    var dealt = [[KeyedParagraph]](repeating: [], count: SignatureFiles.paragraphFiles)
    for paragraph in frame.batch.paragraphs {
      dealt[Int(paragraph.key % UInt64(SignatureFiles.paragraphFiles))].append(
        KeyedParagraph(
          key: paragraph.key,
          document: UInt32(count + paragraph.document),
          words: UInt32(clamping: paragraph.words)
        )
      )
    }
    for (index, entries) in dealt.enumerated() where !entries.isEmpty {
      try paragraphs[index].append(entries)
      paragraphCounts[index] += entries.count
    }
    count += frame.ids.count
  }

  /// Every document's record, in pieces, with the number of the piece's first document.
  func forEachPiece(_ body: ([SignedDocument], Int) throws -> Void) throws {
    try records.forEachPiece(of: count, filledWith: SignedDocument.none, body)
  }

  /// Every document's key of a band, in pieces, with the number of the piece's first document.
  func forEachPiece(ofBand band: Int, _ body: ([UInt64], Int) throws -> Void) throws {
    try bands[band].forEachPiece(of: count, filledWith: 0, body)
  }

  /// Reads the minima of a document in place of those of another.
  func readSignature(of document: UInt32, into signature: inout [Int32]) throws {
    try signatures.read(into: &signature, from: Int(document) * minima)
  }

  /// The paragraphs of one file.
  func paragraphs(inFile index: Int) throws -> [KeyedParagraph] {
    var entries = [KeyedParagraph](
      repeating: KeyedParagraph(key: 0, document: 0, words: 0),
      count: paragraphCounts[index]
    )
    try paragraphs[index].read(into: &entries, from: 0)
    return entries
  }
}
