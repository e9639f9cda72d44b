// Token shards: header, ids, word marks, and the ranges that the index keeps of them.

import Documents
import Files
import Foundation
import Storage
import Tokenization

extension Verification {
  /// Checks the token shards of a selection and tokenizer.
  mutating func checkTokens(_ product: StageProduct, isCurrent: Bool) throws {
    var counts = ["documents": 0, "tokens": 0, "words": 0]
    for split in Split.allCases {
      let name = "\(product.folder)/\(split.rawValue)-00000"
      guard FileManager.default.fileExists(atPath: workspace.path(of: name + ".bin")) else {
        continue
      }
      do {
        let shard = try TokenShardReader(path: workspace.path(of: name))
        counts["documents", default: 0] += shard.documentCount
        counts["tokens", default: 0] += shard.tokenCount
        counts["words", default: 0] += shard.wordCount
        try checkIDs(of: shard, name: name)
        if shard.words(inTokens: 0..<shard.tokenCount) != shard.wordCount {
          add(
            "the marks where words begin are not those counted",
            file: name + ".idx",
            damage: .made(product)
          )
        }
        if stages[product.stage] != nil { try checkRanges(of: shard, split, product, name: name) }
        if isCurrent { try checkTokenizer(of: shard, product, name: name) }
      } catch let failure as Failure {
        add(
          failure.what,
          file: failure.place.hasSuffix(".idx") ? name + ".idx" : name + ".bin",
          damage: .made(product)
        )
      }
    }
    report.parts.append(VerificationReport.Part(name: "tokens \(product.name)", counts: counts))
  }

  /// Reads every id, which fails at the first that the vocabulary does not have.
  private mutating func checkIDs(of shard: TokenShardReader, name: String) throws {
    var ids = [Int32](repeating: 0, count: min(1_048_576, max(1, shard.tokenCount)))
    for start in stride(from: 0, to: shard.tokenCount, by: ids.count) {
      let range = start..<min(start + ids.count, shard.tokenCount)
      var span = ids.mutableSpan
      try shard.copyTokens(range, into: &span)
      try advance(bytes: 0, note: name)
    }
  }

  private mutating func checkRanges(
    of shard: TokenShardReader,
    _ split: Split,
    _ product: StageProduct,
    name: String
  ) throws {
    var position = 0
    var firstFault: Int?
    try index.forEachTokenRange(of: product.name, split: split) { id, firstToken, tokenCount in
      defer { position += 1 }
      guard firstFault == nil, position < shard.documentCount else { return }
      let document = shard.document(position)
      let isSame =
        document.id == id && document.firstToken == firstToken
        && document.tokenCount == tokenCount
      if !isSame { firstFault = position }
    }
    if position != shard.documentCount {
      add(
        "the index has \(position) token ranges, the shard \(shard.documentCount) documents",
        file: name + ".idx",
        damage: .made(product)
      )
    } else if let firstFault {
      add(
        "the index has another token range than the shard",
        file: name + ".idx",
        detail: "document \(firstFault)",
        damage: .made(product)
      )
    }
  }

  private mutating func checkTokenizer(
    of shard: TokenShardReader,
    _ product: StageProduct,
    name: String
  ) throws {
    let hash = SHA256.Digest(bytes: shard.header.tokenizerHash).description
    let isOwn = try index.tokenizers().contains {
      $0.sha256 == hash && product.name.hasSuffix("--\($0.name)")
    }
    guard isOwn
    else {
      return add(
        "the shard was made with another tokenizer",
        file: name + ".bin",
        damage: .made(product)
      )
    }
  }
}
