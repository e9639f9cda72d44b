// Shards against their rows: read once in file order, hashed and decompressed at the same time on all
// cores, some sixteen megabytes at a time.

import Documents
import Files
import Storage

/// The compressed bytes that are checked at once, so that memory stays bounded.
private let roundBytes = 8_388_608

/// Frames of a shard that are checked at once.
private struct Round {
  var shard: String
  var frames: [IndexedFrame] = []
  var bytes = 0
}

/// How far a shard has been read.
private struct ShardProgress {
  /// Every byte before has been hashed, and belongs to a frame that was checked or to none.
  var end = 0
  var hash = SHA256()
  var documents = 0
  /// Whether the file can be read.
  var isReadable = true
}

/// Work on the bytes of a round.
private enum RoundWork: Sendable {
  case hash(SHA256)
  case check(ArraySlice<IndexedFrame>)
}

/// What came of it.
private enum RoundResult: Sendable {
  case hash(SHA256)
  case check(faults: [FrameFault], ShardTotals)
}

extension Verification {
  /// Holds the shards of a source against the index.
  mutating func checkShards(of source: String) throws {
    var totals = ShardTotals()
    var expected = 0
    var shards: [String: ShardProgress] = [:]
    var round = Round(shard: "")
    try index.forEachFrame(of: source) { frame in
      if frame.firstOrdinal != expected
        || frame.lastOrdinal - frame.firstOrdinal + 1 != frame.documents.count
      {
        add(
          "the ordinals of `\(source)` leave places out",
          file: "corpus.sqlite",
          detail: "ordinal \(expected)",
          damage: .source(source)
        )
      }
      expected = frame.lastOrdinal + 1
      if frame.shard != round.shard || round.bytes >= roundBytes {
        try check(round, of: source, &shards[round.shard, default: ShardProgress()], &totals)
        round = Round(shard: frame.shard)
      }
      round.bytes += frame.length
      round.frames.append(frame)
    }
    try check(round, of: source, &shards[round.shard, default: ShardProgress()], &totals)
    shards[""] = nil
    for summary in try index.shardSummaries(of: source) {
      try finish(summary, of: source, shards.removeValue(forKey: summary.name) ?? ShardProgress())
    }
    for name in shards.keys.sorted() {
      add(
        "rows name a shard that the index does not list",
        file: "shards/" + name,
        damage: .source(source)
      )
    }
    report.textBytes += totals.bytes
    report.parts.append(
      VerificationReport.Part(
        name: "source \(source)",
        counts: [
          "frames": totals.frames, "documents": totals.documents, "words": totals.words,
          "bytes": totals.bytes,
        ]
      )
    )
  }

  private mutating func check(
    _ round: Round,
    of source: String,
    _ progress: inout ShardProgress,
    _ totals: inout ShardTotals
  ) throws {
    guard !round.frames.isEmpty, progress.isReadable else { return }
    let name = "shards/" + round.shard
    do {
      let file = try BinaryFile(path: workspace.path(of: name))
      let frames = try place(round.frames, in: file, name: name, of: source, &progress)
      guard let first = frames.first, let last = frames.last else { return }
      let bytes = try file.bytes(at: first.offset, count: last.offset + last.length - first.offset)
      try check(frames, bytes, name: name, of: source, &progress, &totals)
      try advance(bytes: bytes.count, note: round.shard)
    } catch let failure as Failure {
      progress.isReadable = false
      add(failure.what, file: name, damage: .source(source))
    }
  }

  /// The frames that follow one another in the file; hashes what lies before the first.
  private mutating func place(
    _ frames: [IndexedFrame],
    in file: borrowing BinaryFile,
    name: String,
    of source: String,
    _ progress: inout ShardProgress
  ) throws -> [IndexedFrame] {
    var placed: [IndexedFrame] = []
    var end = progress.end
    for frame in frames {
      guard frame.offset >= end, frame.length <= file.size - frame.offset else {
        add(
          "a row's frame lies beyond the end of the file or in another frame",
          file: name,
          detail: "offset \(frame.offset)",
          damage: .source(source)
        )
        continue
      }
      if frame.offset > end {
        add(
          "\(frame.offset - end) bytes belong to no frame of the index",
          file: name,
          detail: "offset \(end)",
          damage: .source(source)
        )
        // What lies between two frames of a round is hashed with them.
        if placed.isEmpty { try hash(file, upTo: frame.offset, name: name, &progress) }
      }
      placed.append(frame)
      end = frame.offset + frame.length
    }
    return placed
  }

  /// Hashes and checks the bytes of frames at the same time.
  private mutating func check(
    _ frames: [IndexedFrame],
    _ bytes: [UInt8],
    name: String,
    of source: String,
    _ progress: inout ShardProgress,
    _ totals: inout ShardTotals
  ) throws {
    let start = progress.end
    let works = [RoundWork.hash(progress.hash)] + WorkerPool.pieces(of: frames).map { .check($0) }
    let results = try WorkerPool.map(works) { work in
      switch work {
      case .hash(var hash):
        hash.update(bytes.span)
        return RoundResult.hash(hash)
      case .check(let frames):
        var verifier = FrameVerifier(source: source)
        for frame in frames {
          let offset = frame.offset - start
          verifier.check(frame, bytes[offset..<offset + frame.length])
        }
        return RoundResult.check(faults: verifier.faults, verifier.totals)
      }
    }
    for result in results {
      switch result {
      case .hash(let hash): progress.hash = hash
      case .check(let faults, let counted):
        totals.add(counted)
        for fault in faults {
          add(fault.what, file: name, detail: fault.place, damage: .source(source))
        }
      }
    }
    progress.end = start + bytes.count
    progress.documents += frames.reduce(0) { $0 + $1.documents.count }
  }

  private mutating func hash(
    _ file: borrowing BinaryFile,
    upTo end: Int,
    name: String,
    _ progress: inout ShardProgress
  ) throws {
    while progress.end < end {
      let bytes = try file.bytes(at: progress.end, count: min(roundBytes, end - progress.end))
      progress.hash.update(bytes.span)
      progress.end += bytes.count
      try advance(bytes: bytes.count, note: name)
    }
  }

  /// Reads what is left of a shard and holds the whole against its row.
  private mutating func finish(
    _ summary: ShardSummary,
    of source: String,
    _ given: ShardProgress
  ) throws {
    var progress = given
    let name = "shards/" + summary.name
    guard progress.isReadable else { return }
    do {
      let file = try BinaryFile(path: workspace.path(of: name))
      if progress.end < file.size {
        add(
          "\(file.size - progress.end) bytes belong to no frame of the index",
          file: name,
          detail: "offset \(progress.end)",
          damage: .source(source)
        )
        try hash(file, upTo: file.size, name: name, &progress)
      }
      if file.size != summary.bytes {
        add(
          "the file has \(file.size) bytes, the index says \(summary.bytes)",
          file: name,
          damage: .source(source)
        )
      }
      if progress.hash.finish().description != summary.sha256 {
        add(
          "the file is not the one whose digest the index has",
          file: name,
          damage: .source(source)
        )
      }
      if progress.documents != summary.documents {
        add(
          "\(progress.documents) rows lie in this shard, the index says \(summary.documents)",
          file: name,
          damage: .source(source)
        )
      }
    } catch let failure as Failure {
      add(failure.what, file: name, damage: .source(source))
    }
  }
}
