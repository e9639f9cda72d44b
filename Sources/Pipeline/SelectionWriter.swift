// A selection as files that others read: plain text, rows of the public schema, manifest, card.
//
// One pass over the documents writes both forms. A piece of documents is rendered on each core; then
// each file takes up what belongs to it, in order, and hashes it.

import Curation
import Documents
import Files
import Foundation
import Storage

/// Writes `selections/<name>/`.
///
/// For each source and split `<source>.<split>` in plain text, for each split `<split>.jsonl`, then
/// `manifest.json` and `README.md`. What would be empty is absent.
struct SelectionWriter {
  let context: StageContext
  let stage: String
  let settings: SelectSettings

  /// Writes the folder under a temporary name and then gives it its own.
  ///
  /// - Parameters:
  ///   - selection: What was chosen.
  ///   - path: The folder.
  ///   - replacing: Called before an earlier folder is touched.
  /// - Returns: The names of the files in it.
  /// - Throws: ``Failure`` where a shard is damaged or the disk full; ``Interrupted``.
  func write(
    _ selection: Selection,
    to path: String,
    replacing: () throws -> Void
  ) throws -> [String] {
    let sources = try settings.sources.map { try PublishedSource($0.name, settings, context) }
    return try replaceFolder(path, replacing: replacing) { partial in
      var output = SelectionOutput(sources: sources, folder: partial)
      try writeTexts(of: selection, to: &output)
      let files = try output.finish()
      var manifest = try SelectionManifest(
        selection: settings,
        sources: sources,
        files: files,
        licenses: output.licenses,
        judges: context.judges(usedBy: settings)
      )
      let card = Array(DatasetCard(manifest).text.utf8)
      try writeDurably(card, to: partial + "/README.md")
      manifest.add(card: card)
      try writeDurably(manifest.json, to: partial + "/manifest.json")
      return manifest.files.map(\.file) + ["manifest.json"]
    }
  }

  private func writeTexts(of selection: Selection, to output: inout SelectionOutput) throws {
    let entries = Split.allCases.flatMap { split in selection[split].map { (split, $0) } }
    let places = Dictionary(
      uniqueKeysWithValues: settings.sources.enumerated().map { ($1.name, $0) }
    )
    let requests = entries.map { _, entry in
      ShardGathering.Request(id: entry.row.id, place: entry.row.place, bytes: entry.keptBytes)
    }
    try context.forEachBatch(of: requests, withMetadata: true) { range, found in
      let documents = zip(entries[range], found).map { entry, document in
        SelectionOutput.Document(
          id: entry.1.row.id,
          source: places[entry.1.row.source] ?? 0,
          split: entry.0,
          words: entry.1.choice.words,
          found: document
        )
      }
      try output.append(documents)
      context.progress(
        StageProgress(
          stage: stage,
          completed: range.upperBound,
          total: entries.count,
          unit: "documents",
          note: "writing"
        )
      )
    }
  }
}

/// The files of a selection while they are written.
struct SelectionOutput {
  /// A document to write.
  struct Document: Sendable {
    let id: DocumentID
    /// Its source's place among the sources.
    let source: Int
    let split: Split
    let words: Int
    let found: ShardGathering.Found
  }

  /// Words by licence, for each source.
  private(set) var licenses: [[String: Int]]
  private let sources: [PublishedSource]
  private let folder: String
  /// For each split the plain files of the sources, then the rows.
  private var files: [OutputFile?]

  init(sources: [PublishedSource], folder: String) {
    self.sources = sources
    self.folder = folder
    licenses = Array(repeating: [:], count: sources.count)
    files = Array(repeating: nil, count: Split.allCases.count * (sources.count + 1))
  }

  /// Writes documents behind those that were written before.
  mutating func append(_ documents: [Document]) throws {
    let sources = sources
    let rendered = try WorkerPool.map(WorkerPool.pieces(of: documents)) { piece in
      var rendering = Rendering(sources: sources)
      for document in piece { rendering.append(document, labels: sources[document.source].labels) }
      return rendering
    }
    for (source, words) in rendered.flatMap({ $0.licenses.enumerated() }) {
      licenses[source].merge(words, uniquingKeysWith: +)
    }
    var additions: [(index: Int, file: OutputFile, streams: [Rendering.Stream])] = []
    for index in files.indices {
      let streams = rendered.map { $0.streams[index] }.filter { $0.documents > 0 }
      guard !streams.isEmpty else { continue }
      let file = try files[index] ?? OutputFile(at: index, of: sources, in: folder)
      additions.append((index, file, streams))
    }
    let written = try WorkerPool.map(additions) { addition in
      var file = addition.file
      for stream in addition.streams { try file.append(stream) }
      return (addition.index, file)
    }
    for (index, file) in written { files[index] = file }
  }

  /// Closes the files.
  ///
  /// - Returns: The files with their sums, plain texts first.
  /// - Throws: ``Failure`` where the disk is full.
  mutating func finish() throws -> [SelectionManifest.File] {
    let entries = try files.compactMap(\.self).map { try $0.finish() }
    files = []
    return entries.filter { $0.source != nil } + entries.filter { $0.source == nil }
  }
}

/// A piece of documents in the form of the files that they go to.
private struct Rendering: Sendable {
  /// What goes to one file.
  struct Stream: Sendable {
    var bytes: [UInt8] = []
    var documents = 0
    var words = 0
  }

  var streams: [Stream]
  var licenses: [[String: Int]]

  init(sources: [PublishedSource]) {
    streams = Array(repeating: Stream(), count: Split.allCases.count * (sources.count + 1))
    licenses = Array(repeating: [:], count: sources.count)
  }

  mutating func append(_ document: SelectionOutput.Document, labels: PublicLabels) {
    let first = (Split.allCases.firstIndex(of: document.split) ?? 0) * (licenses.count + 1)
    append(document, to: first + document.source) { stream in
      // A blank line before each document; the file's first loses it again.
      stream.append(UInt8(ascii: "\n"))
      stream += document.found.text
      if stream.last != UInt8(ascii: "\n") { stream.append(UInt8(ascii: "\n")) }
    }
    let row = PublicRow(
      id: document.id,
      text: document.found.text,
      metadata: document.found.metadata,
      words: document.words,
      labels: labels
    )
    append(document, to: first + licenses.count) { row.append(to: &$0) }
    let license = String(decoding: row.license.dropFirst().dropLast(), as: UTF8.self)
    licenses[document.source][license, default: 0] += document.words
  }

  private mutating func append(
    _ document: SelectionOutput.Document,
    to index: Int,
    _ render: (inout [UInt8]) -> Void
  ) {
    render(&streams[index].bytes)
    streams[index].documents += 1
    streams[index].words += document.words
  }
}

/// One file of a selection, hashed as it grows.
private struct OutputFile: Sendable {
  private let name: String
  private let source: String?
  private let split: Split
  private let path: String
  private let handle: FileHandle
  private var hash = SHA256()
  private var documents = 0
  private var words = 0
  private var bytes = 0

  init(at index: Int, of sources: [PublishedSource], in folder: String) throws {
    split = Split.allCases[index / (sources.count + 1)]
    let place = index % (sources.count + 1)
    source = place < sources.count ? sources[place].name : nil
    name = source.map { [split] in "\($0).\(split.rawValue)" } ?? "\(split.rawValue).jsonl"
    path = folder + "/" + name
    guard FileManager.default.createFile(atPath: path, contents: nil),
      let handle = FileHandle(forWritingAtPath: path)
    else { throw systemFailure("the file cannot be made", path) }
    self.handle = handle
  }

  mutating func append(_ stream: Rendering.Stream) throws {
    let isPlainStart = source != nil && documents == 0
    let added = isPlainStart ? Array(stream.bytes.dropFirst()) : stream.bytes
    do {
      try handle.write(contentsOf: added)
    } catch {
      throw writeFailure(error, path: path)
    }
    hash.update(bytes: added)
    bytes += added.count
    documents += stream.documents
    words += stream.words
  }

  func finish() throws -> SelectionManifest.File {
    do {
      try handle.close()
    } catch {
      throw writeFailure(error, path: path)
    }
    var hash = hash
    return SelectionManifest.File(
      file: name,
      source: source,
      split: split,
      documents: documents,
      words: words,
      bytes: bytes,
      sha256: hash.finish().description
    )
  }
}
