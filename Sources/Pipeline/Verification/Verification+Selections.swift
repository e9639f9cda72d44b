// A selection's files against its manifest, and its rows against both.

import Documents
import Files
import Foundation
import Storage

/// What verification reads of a manifest.
private struct Manifest: Decodable {
  struct Entry: Decodable {
    let file: String
    let source: String?
    let split: Split?
    let documents: Int?
    let words: Int?
    let bytes: Int?
    let sha256: String
  }

  let files: [Entry]
}

/// A part of a selection: a split of a source.
private struct SelectionPart: Hashable {
  let source: String
  let split: String
}

extension Verification {
  /// Checks a selection.
  mutating func checkSelection(_ product: StageProduct, isCurrent: Bool) throws {
    let name = product.folder + "/manifest.json"
    guard let data = FileManager.default.contents(atPath: workspace.path(of: name)),
      let manifest = try? JSONDecoder().decode(Manifest.self, from: data)
    else {
      return add("the manifest cannot be read", file: name, damage: .made(product))
    }
    // A name that leads out of the folder is a fault, not an instruction.
    let entries = manifest.files.filter { !$0.file.contains("/") }
    if entries.count < manifest.files.count {
      add("the manifest names a file outside its folder", file: name, damage: .made(product))
    }
    let found = try look(at: entries.map { product.folder + "/" + $0.file })
    var counted: [SelectionPart: (documents: Int, words: Int)] = [:]
    for (entry, found) in zip(entries, found) {
      check(entry, found, of: product)
      guard isSelectedText(entry.file), let source = entry.source, let split = entry.split else {
        continue
      }
      let part = SelectionPart(source: source, split: split.rawValue)
      counted[part] = (entry.documents ?? 0, entry.words ?? 0)
    }
    report.parts.append(
      VerificationReport.Part(
        name: "selection \(product.name)",
        counts: [
          "documents": counted.values.reduce(0) { $0 + $1.documents },
          "words": counted.values.reduce(0) { $0 + $1.words },
          "files": entries.count,
        ]
      )
    )
    if isCurrent { try checkRows(of: product, against: counted) }
  }

  private mutating func check(
    _ entry: Manifest.Entry,
    _ found: FoundFile?,
    of product: StageProduct
  ) {
    let name = product.folder + "/" + entry.file
    func isOther<Value: Equatable>(_ stated: Value?, _ value: Value?) -> Bool {
      stated != nil && value != nil && stated != value
    }
    guard let found else {
      return add("the manifest's file is missing", file: name, damage: .made(product))
    }
    if found.sha256 != entry.sha256 || isOther(entry.bytes, found.bytes) {
      add("the file is not the one that the manifest names", file: name, damage: .made(product))
    }
    if isOther(entry.words, found.words) {
      add(
        "the file has \(found.words ?? 0) words, the manifest says \(entry.words ?? 0)",
        file: name,
        damage: .made(product)
      )
    }
  }

  private mutating func checkRows(
    of product: StageProduct,
    against counted: [SelectionPart: (documents: Int, words: Int)]
  ) throws {
    for fault in try index.faults(ofSelection: product.name) {
      add(
        "\(fault.count) \(fault.what)",
        file: "corpus.sqlite",
        detail: "selection `\(product.name)`, document \(fault.first)",
        damage: .made(product)
      )
    }
    var rows: [SelectionPart: (documents: Int, words: Int)] = [:]
    for row in try index.selectionSummaries() where row.name == product.name {
      rows[SelectionPart(source: row.source, split: row.split)] = (row.documents, row.words)
    }
    for part in Set(rows.keys).union(counted.keys).sorted(by: {
      ($0.source, $0.split) < ($1.source, $1.split)
    }) {
      let row = rows[part] ?? (0, 0)
      let file = counted[part] ?? (0, 0)
      guard row != file else { continue }
      add(
        "the index has \(row.documents) documents with \(row.words) words, the manifest "
          + "\(file.documents) with \(file.words)",
        file: "\(product.folder)/\(part.source).\(part.split)",
        damage: .made(product)
      )
    }
  }
}
