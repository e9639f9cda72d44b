// What stages wrote beside shards: selections, tokenizers, token shards, reports.

import Documents
import Files
import Foundation
import Storage
import Tokenization

extension Verification {
  /// A file as it was found.
  struct FoundFile: Sendable {
    let bytes: Int
    let sha256: String
    /// The words, counted in the plain text of selections.
    let words: Int?
  }

  /// Holds every file that the ledger has a digest of against it, and every output against the disk.
  mutating func checkOutputs() throws {
    let files = try index.outputFiles()
    let found = try look(at: files.map(\.path))
    for (file, found) in zip(files, found) {
      guard let found else { continue }
      if found.bytes != file.bytes {
        add(
          "the file has \(found.bytes) bytes, the ledger says \(file.bytes)",
          file: file.path,
          damage: damage(of: file.stage)
        )
      } else if found.sha256 != file.sha256 {
        add(
          "the file is not the one whose digest the ledger has",
          file: file.path,
          damage: damage(of: file.stage)
        )
      }
    }
    for stage in stages.values.sorted(by: { $0.name < $1.name }) {
      for output in stage.outputs
      where !FileManager.default.fileExists(atPath: workspace.path(of: output)) {
        add("the file is missing", file: output, damage: damage(of: stage.name))
      }
      let hashed = Set(files.lazy.filter { $0.stage == stage.name }.map(\.path))
      let unhashed = stage.outputs.filter {
        !hashed.contains($0) && !$0.hasPrefix("shards/") && !$0.hasPrefix("runs/")
      }
      if !unhashed.isEmpty {
        report.notes.append(
          "`\(stage.name)` was done by an earlier blalm that kept no digests: its files are checked "
            + "as far as they say themselves what they hold"
        )
      }
    }
  }

  /// Reads files on all cores, each once in a verification; `nil` for one that is not there or cannot
  /// be read, which is a finding.
  mutating func look(at paths: [String]) throws -> [FoundFile?] {
    let root = workspace.path
    let unread = paths.filter { looked[$0] == nil }
    // Some files at a time, so that a request to stop is heard and progress is told.
    for start in stride(from: 0, to: unread.count, by: 16) {
      let some = Array(unread[start..<min(start + 16, unread.count)])
      let results = try WorkerPool.map(some) { path in
        Result {
          try foundFile(
            root + "/" + path,
            countsWords: path.hasPrefix("selections/") && isSelectedText(path)
          )
        }
      }
      var bytes = 0
      for (path, result) in zip(some, results) {
        do {
          looked[path] = try result.get()
          bytes += looked[path]?.bytes ?? 0
        } catch let failure as Failure {
          add(failure.what, file: path, damage: damage(ofFile: path))
        }
      }
      try advance(bytes: bytes, note: some.last ?? "")
    }
    return paths.map { looked[$0] }
  }

  /// What repair does where a file of a stage cannot be read.
  private func damage(ofFile path: String) -> Finding.Damage {
    let parts = path.split(separator: "/").map(String.init)
    if parts.count > 2, let kind = StageProduct.Kind(rawValue: parts[0]) {
      return .made(StageProduct(kind: kind, name: parts[1]))
    }
    return damage(of: stages.values.first { $0.outputs.contains(path) }?.name ?? path)
  }

  /// What repair does where a stage's outputs are damaged.
  func damage(of stage: String) -> Finding.Damage {
    let parts = stage.split(separator: " ", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { return .stage(stage) }
    if parts[0] == "ingest" { return .source(parts[1]) }
    for kind in StageProduct.Kind.allCases {
      let product = StageProduct(kind: kind, name: parts[1])
      if product.stage == stage { return .made(product) }
    }
    return .stage(stage)
  }

  /// The selections, tokenizers and token shards that the index, the ledger or the disk has.
  func products() throws -> [StageProduct] {
    var names: [StageProduct.Kind: Set<String>] = [
      .selections: Set(try index.selectionNames()),
      .tokenizers: Set(try index.tokenizers().map(\.name)),
      .tokens: Set(try index.tokenFolders()),
    ]
    for kind in StageProduct.Kind.allCases {
      let folders = self.names(in: kind.rawValue).filter { name in
        !name.hasPrefix(".") && !name.hasSuffix(partialSuffix)
      }
      names[kind, default: []].formUnion(folders)
    }
    return StageProduct.Kind.allCases.flatMap { kind in
      (names[kind] ?? []).sorted().map { StageProduct(kind: kind, name: $0) }
    }
  }

  /// Checks what a stage made beyond the digests.
  mutating func check(_ product: StageProduct) throws {
    let files = names(in: product.folder)
    guard let stage = stages[product.stage] else {
      if !files.isEmpty {
        report.notes.append(
          "\(product.folder) is not in the ledger, as after an interruption: it is checked as far as "
            + "it says itself what it holds, and the next `blalm build` makes it anew"
        )
      }
      let known = report.findings.count
      try checkContent(of: product, files, isCurrent: false)
      if try !isInIndex(product) { noteFindings(from: known) }
      return
    }
    let outputs = Set(stage.outputs)
    for name in files where !outputs.contains("\(product.folder)/\(name)") {
      report.notes.append("\(product.folder)/\(name) was not made by blalm")
    }
    let isCurrent = isCurrent(product, stage)
    if !isCurrent {
      report.notes.append("\(product.folder) is older than what it was made from")
    }
    try checkContent(of: product, files, isCurrent: isCurrent)
  }

  /// Whether the index has rows of what a stage made.
  private func isInIndex(_ product: StageProduct) throws -> Bool {
    switch product.kind {
    case .selections: try index.selectionNames().contains(product.name)
    case .tokenizers: try index.tokenizers().contains { $0.name == product.name }
    case .tokens: try index.tokenFolders().contains(product.name)
    }
  }

  /// Turns findings into notes: a folder that neither the ledger nor the index knows may be a person's
  /// own, which repair must not remove; a stage that has the name replaces it anyway.
  private mutating func noteFindings(from first: Int) {
    for finding in report.findings[first...] {
      report.notes.append("\(finding.place): \(finding.what)")
    }
    report.findings.removeSubrange(first...)
    places = places.filter { $0.value < first }
  }

  /// Whether a selection or token shards are of the sources that are there now.
  private func isCurrent(_ product: StageProduct, _ stage: StageRecord) -> Bool {
    switch product.kind {
    case .selections: (try? context.fingerprint(ofSelection: product.name)) != nil
    case .tokenizers: true
    case .tokens:
      product.name.range(of: "--").map { cut in
        let settings = TokenizeSettings(
          selection: String(product.name[..<cut.lowerBound]),
          tokenizer: String(product.name[cut.upperBound...])
        )
        return (try? context.identity(of: settings))?.fingerprint == stage.fingerprint
      } ?? false
    }
  }

  private mutating func checkContent(
    of product: StageProduct,
    _ files: [String],
    isCurrent: Bool
  ) throws {
    guard !files.isEmpty else { return }
    switch product.kind {
    case .selections: try checkSelection(product, isCurrent: isCurrent)
    case .tokenizers: try checkTokenizer(product)
    case .tokens: try checkTokens(product, isCurrent: isCurrent)
    }
  }

  private mutating func checkTokenizer(_ product: StageProduct) throws {
    let name = product.folder + "/tokenizer.json"
    do {
      let tokenizer = try Tokenizer(contentsOf: workspace.path(of: name))
      report.parts.append(
        VerificationReport.Part(
          name: "tokenizer \(product.name)",
          counts: ["ids": tokenizer.vocabularySize]
        )
      )
      guard stages[product.stage] != nil else { return }
      let row = try index.tokenizers().first { $0.name == product.name }
      if row?.sha256 != tokenizer.hash.description
        || row?.vocabularySize != tokenizer.vocabularySize
      {
        add("the tokenizer is not the one that the index has", file: name, damage: .made(product))
      }
    } catch let failure as Failure {
      add(failure.what, file: name, damage: .made(product))
    }
  }
}

/// Whether a file of a selection is plain text, whose words can be counted.
func isSelectedText(_ name: String) -> Bool {
  Split.allCases.contains { name.hasSuffix(".\($0.rawValue)") }
}

/// Reads a file once: its size, its digest, and its words where they are asked for.
private func foundFile(_ path: String, countsWords: Bool) throws -> Verification.FoundFile? {
  guard FileManager.default.fileExists(atPath: path) else { return nil }
  let file = try BinaryFile(path: path)
  var hash = SHA256()
  var words = 0
  var rest: [UInt8] = []
  var at = 0
  while at < file.size {
    let bytes = try file.bytes(at: at, count: min(4_194_304, file.size - at))
    at += bytes.count
    hash.update(bytes.span)
    guard countsWords else { continue }
    // A word may go on in the next piece, so that a piece is counted up to its last line feed.
    rest += bytes
    guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { continue }
    words += WordCount.words(in: rest.span.extracting(0..<end))
    rest.removeSubrange(...end)
  }
  words += WordCount.words(in: rest.span)
  return Verification.FoundFile(
    bytes: file.size,
    sha256: hash.finish().description,
    words: countsWords ? words : nil
  )
}
