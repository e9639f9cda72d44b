// Reading files that were damaged at random: whatever the damage, a reader ends with documents,
// counted rejections or a failure, and never with a trap, an endless loop or all the memory.
//
// The damage depends on the seed and the round alone, so that any round can be repeated. The damaged
// file lies under one name in a folder of the caller; after a crash it still lies there.

import Files
import Foundation
package import Ingestion

/// Damages files and reads them, many times.
package struct FuzzRun {
  /// What came of the rounds.
  package struct Report: Sendable, Codable, Equatable {
    /// The rounds.
    package var rounds = 0
    /// The rounds that ended in a failure with its place.
    package var failures = 0
    /// The documents of the others.
    package var documents = 0
    /// The rejections of the others.
    package var rejections = 0
    /// The time of the slowest round.
    package var slowestSeconds = 0.0
    /// The slowest round, to repeat it.
    package var slowestRound = 0
  }

  /// An error that is no failure: a reader let something through that it should have named.
  package struct Unexpected: Error {
    let round: Int
    let error: any Error
  }

  private let originals: [(name: String, bytes: [UInt8])]
  private let read: (InputFile) throws -> (documents: Int, rejections: Int)
  private let seed: UInt64

  /// Reads the files that will be damaged.
  ///
  /// - Parameters:
  ///   - files: The sound files.
  ///   - seed: Decides the damage.
  ///   - read: Reads a damaged file and counts what came out.
  /// - Throws: ``Failure`` where a file cannot be read.
  package init(
    files: [InputFile],
    seed: UInt64,
    read: @escaping (InputFile) throws -> (documents: Int, rejections: Int)
  ) throws {
    originals = try files.map { file in
      let binary = try BinaryFile(path: file.path)
      return (file.name, try binary.bytes(at: 0, count: binary.size))
    }
    self.read = read
    self.seed = seed
  }

  /// Reads the files that will be damaged, which a source's reader will read.
  ///
  /// - Parameters:
  ///   - files: The sound files.
  ///   - seed: Decides the damage.
  ///   - reader: The reader.
  /// - Throws: ``Failure`` where a file cannot be read.
  package init(files: [InputFile], seed: UInt64, reader: any SourceReader) throws {
    try self.init(files: files, seed: seed) { file in
      var counts = (documents: 0, rejections: 0)
      try reader.forEachRecord(in: file) { record in
        for outcome in try reader.outcomes(of: record) {
          switch outcome {
          case .document: counts.documents += 1
          case .rejection: counts.rejections += 1
          }
        }
      }
      return counts
    }
  }

  /// Damages and reads.
  ///
  /// - Parameters:
  ///   - rounds: Which rounds.
  ///   - folder: Where the damaged file is written.
  ///   - progress: Receives each finished round.
  /// - Returns: What came of them.
  /// - Throws: ``Unexpected`` where a reader threw anything but a ``Failure``; what cannot be written.
  package func run(
    rounds: Range<Int>,
    in folder: String,
    progress: (Int) throws -> Void = { _ in }
  ) throws -> Report {
    var report = Report()
    for round in rounds {
      var numbers = SeededNumbers(seed: seed, stream: UInt64(round))
      let original = originals[numbers.below(originals.count)]
      let path = folder + "/damaged-" + (original.name.split(separator: "/").last ?? "")
      try Data(damaged(original.bytes, &numbers)).write(to: URL(filePath: path))
      let start = Date()
      do {
        let counts = try read(InputFile(path: path, name: original.name))
        report.documents += counts.documents
        report.rejections += counts.rejections
      } catch is Failure {
        report.failures += 1
      } catch {
        throw Unexpected(round: round, error: error)
      }
      let seconds = Date().timeIntervalSince(start)
      if seconds > report.slowestSeconds {
        (report.slowestSeconds, report.slowestRound) = (seconds, round)
      }
      report.rounds += 1
      try FileManager.default.removeItem(atPath: path)
      try progress(round)
    }
    return report
  }
}

/// Cuts bytes off, or flips bits and overwrites bytes in a few places.
///
/// Half of the places lie near the ends, where archives and Parquet keep what they say of
/// themselves.
private func damaged(_ original: [UInt8], _ numbers: inout SeededNumbers) -> [UInt8] {
  var bytes = original
  guard !bytes.isEmpty else { return bytes }
  if numbers.below(4) == 0 { return Array(bytes.prefix(numbers.below(bytes.count))) }
  for _ in 0...numbers.below(4) {
    let near = min(bytes.count, 4_096)
    let place: Int
    switch numbers.below(4) {
    case 0: place = bytes.count - 1 - numbers.below(near)
    case 1: place = numbers.below(near)
    default: place = numbers.below(bytes.count)
    }
    if numbers.below(3) > 0 {
      bytes[place] ^= 1 << UInt8(numbers.below(8))
    } else {
      let value = [0, 0xff, 0x7f, 0x80, UInt8(numbers.below(256))][numbers.below(5)]
      for index in place..<min(bytes.count, place + 1 + numbers.below(8)) { bytes[index] = value }
    }
  }
  return bytes
}

/// The numbers of SplitMix64 (Steele, Lea, Flood 2014), one stream a round.
private struct SeededNumbers {
  private var state: UInt64

  init(seed: UInt64, stream: UInt64) {
    state = seed &* 0x2545_f491_4f6c_dd1d &+ stream &* 0xd134_2543_de82_ef95
  }

  /// A number from 0 to `bound` - 1.
  mutating func below(_ bound: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((z ^ (z >> 31)) % UInt64(bound))
  }
}
