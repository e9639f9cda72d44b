// The log of a run: one JSON object a line, each step once, however often the run was resumed.

import Files
internal import Foundation

/// One line of `log.jsonl`.
public enum LogEntry: Sendable, Equatable {
  /// What a step did.
  public struct Step: Sendable, Equatable, Codable {
    /// The step, from 1.
    public var step: Int
    /// The epoch, from 1.
    public var epoch: Int
    /// The batch's mean loss before the step, in nats per token.
    public var loss: Double
    /// The learning rate of the step.
    public var learningRate: Double
    /// The gradient's global norm before clipping.
    public var gradientNorm: Double
    /// The targets seen so far, repeats included.
    public var tokens: Int
    /// The words seen so far, repeats included.
    public var words: Int
    /// The step's targets by its seconds.
    public var tokensPerSecond: Double
    /// The operations of the step's products by its seconds.
    public var operationsPerSecond: Double
    /// ``operationsPerSecond`` as a share of the most that this machine was measured to do.
    public var peakShare: Double
  }

  /// What an evaluation on the dev split found.
  public struct Evaluation: Sendable, Equatable, Codable {
    /// The step after which it ran.
    public var step: Int
    /// The perplexity of the dev split.
    public var devPerplexity: Double
    /// The bits a byte of the dev split's text, where the tokenizer is known.
    public var devBitsPerByte: Double?
    /// The perplexity of each source's part of the dev split.
    public var sourcePerplexities: [String: Double]
    /// The bits a byte of each source's part, where the tokenizer is known.
    public var sourceBitsPerByte: [String: Double]?
    /// Mixing factors and gates.
    public var statistics: ModelStatistics
  }

  /// Something a person should look at.
  public struct Warning: Sendable, Equatable, Codable {
    /// The step after which it was seen.
    public var step: Int
    /// What was seen.
    public var warning: String
  }

  /// A step's line.
  case step(Step)
  /// An evaluation's line.
  case evaluation(Evaluation)
  /// A warning's line.
  case warning(Warning)
}

/// The file `log.jsonl` of a run, open for appending.
struct RunLog {
  private let lockedFile: LockedFile
  private var file: FileHandle { lockedFile.handle }
  private let encoder: JSONEncoder
  private(set) var byteCount: Int

  /// Opens or creates the log, locks it and cuts off what stands behind a checkpoint's end.
  ///
  /// The lock lasts as long as the file is open and keeps a second process out of the run.
  init(path: String, keeping kept: Int) throws {
    if !FileManager.default.fileExists(atPath: path) {
      try Data().write(to: URL(filePath: path))
    }
    lockedFile = try LockedFile(path: path)
    let file = lockedFile.handle
    let size = try file.seekToEnd()
    guard size >= UInt64(kept) else {
      throw Failure(
        what: "has \(size) bytes, fewer than the \(kept) at the last checkpoint",
        place: path,
        remedy: "bring the log back, or start a new run under another name"
      )
    }
    try file.truncate(atOffset: UInt64(kept))
    try file.seekToEnd()
    byteCount = kept
    encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  }

  /// Appends a line.
  mutating func append(_ entry: LogEntry) throws {
    var line =
      switch entry {
      case .step(let step): try encoder.encode(step)
      case .evaluation(let evaluation): try encoder.encode(evaluation)
      case .warning(let warning): try encoder.encode(warning)
      }
    line.append(UInt8(ascii: "\n"))
    try file.write(contentsOf: line)
    byteCount += line.count
  }

  /// Makes sure that all lines are on the disk.
  func synchronize() throws { try file.synchronize() }

  /// Closes the file.
  func close() throws { try lockedFile.close() }
}

/// A file that one process alone writes to.
///
/// Unlocked before it is closed: a process that is being started holds copies of all descriptors, and
/// with them the lock, until its program begins.
private final class LockedFile: Sendable {
  let handle: FileHandle

  init(path: String) throws {
    handle = try FileHandle(forUpdating: URL(filePath: path))
    guard flock(handle.fileDescriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw Failure(
        what: "another process is training in this folder",
        place: path,
        remedy: "wait for it to end, or give this run another name"
      )
    }
  }

  deinit { try? close() }

  func close() throws {
    flock(handle.fileDescriptor, LOCK_UN)
    try handle.close()
  }
}
