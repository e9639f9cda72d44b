// A selection as files: plain text per source and split, and a manifest that names and hashes them.

import Curation
import Documents
import Files
import Foundation
import Storage

/// Writes `selections/<name>/`: `<source>.train`, `<source>.dev` and `manifest.json`.
struct SelectionWriter {
  let context: StageContext
  let stage: String
  let settings: SelectSettings

  /// A file as the manifest lists it.
  struct FileEntry: Codable {
    let file: String
    let source: String
    let split: Split
    let documents: Int
    let words: Int
    let bytes: Int
    let sha256: String
  }

  /// The manifest.
  struct Manifest: Codable {
    let format: String
    let selection: SelectSettings
    let trainWords: Int
    let devWords: Int
    let files: [FileEntry]
  }

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
    try replaceFolder(path, replacing: replacing) { partial in
      var reader = ShardReader(context.workspace)
      var files: [FileEntry] = []
      for source in settings.sources {
        for split in Split.allCases {
          let chosen = selection[split].filter { $0.row.source == source.name }
          guard !chosen.isEmpty else { continue }
          files.append(
            try write(chosen, source: source.name, split: split, to: partial, with: &reader)
          )
        }
      }
      func words(_ split: Split) -> Int {
        files.filter { $0.split == split }.reduce(0) { $0 + $1.words }
      }
      let manifest = Manifest(
        format: "blalm selection 1",
        selection: settings,
        trainWords: words(.train),
        devWords: words(.dev),
        files: files
      )
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try writeDurably(
        Array(encoder.encode(manifest)) + [10],
        to: partial + "/manifest.json"
      )
      return files.map(\.file) + ["manifest.json"]
    }
  }

  /// Writes one source's documents of one split, a blank line between documents.
  private func write(
    _ entries: [Selection.Entry],
    source: String,
    split: Split,
    to folder: String,
    with reader: inout ShardReader
  ) throws -> FileEntry {
    let name = "\(source).\(split.rawValue)"
    let path = folder + "/" + name
    guard FileManager.default.createFile(atPath: path, contents: nil),
      let handle = FileHandle(forWritingAtPath: path)
    else { throw systemFailure("the file cannot be made", path) }
    defer { try? handle.close() }
    var hash = SHA256()
    var pending: [UInt8] = []
    var bytes = 0
    var words = 0
    func flush() throws {
      do {
        try handle.write(contentsOf: pending)
      } catch {
        throw writeFailure(error, path: path)
      }
      hash.update(bytes: pending)
      bytes += pending.count
      pending.removeAll(keepingCapacity: true)
    }
    for (index, entry) in entries.enumerated() {
      let text = try reader.document(entry.row.id, at: entry.row.place).text
      if index > 0 { pending.append(UInt8(ascii: "\n")) }
      let kept = text.utf8.prefix(entry.keptBytes)
      pending += kept
      if kept.last != UInt8(ascii: "\n") { pending.append(UInt8(ascii: "\n")) }
      words += entry.choice.words
      if pending.count >= 1_048_576 {
        try flush()
        try context.stop.check()
        context.progress(
          StageProgress(
            stage: stage,
            completed: index + 1,
            total: entries.count,
            unit: "documents",
            note: name
          )
        )
      }
    }
    try flush()
    return FileEntry(
      file: name,
      source: source,
      split: split,
      documents: entries.count,
      words: words,
      bytes: bytes,
      sha256: hash.finish().description
    )
  }
}
