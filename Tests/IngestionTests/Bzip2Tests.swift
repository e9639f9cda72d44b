import CBzip2
import Files
import Foundation
import Ingestion
import TestSupport
import Testing

/// Compresses with libbz2 itself, in blocks of `level` times 100,000 bytes.
func bzip2(_ bytes: [UInt8], level: Int32 = 1) -> [UInt8] {
  var source = bytes
  var target = [UInt8](repeating: 0, count: bytes.count + bytes.count / 50 + 1_000)
  var count = UInt32(target.count)
  // Both arrays outlive the one call, which writes no further than `count`.
  let status = unsafe source.withUnsafeMutableBytes { source in
    unsafe target.withUnsafeMutableBytes { target in
      unsafe BZ2_bzBuffToBuffCompress(
        target.baseAddress?.assumingMemoryBound(to: CChar.self),
        &count,
        source.baseAddress?.assumingMemoryBound(to: CChar.self),
        UInt32(source.count),
        level,
        0,
        0
      )
    }
  }
  #expect(status == BZ_OK)
  return Array(target[..<Int(count)])
}

/// Compresses in streams of equal size, one after another.
func bzip2(_ bytes: [UInt8], streams: Int, level: Int32 = 1) -> [UInt8] {
  (0..<streams).flatMap { stream in
    bzip2(
      Array(bytes[bytes.count * stream / streams..<bytes.count * (stream + 1) / streams]),
      level: level
    )
  }
}

@Suite struct Bzip2Tests {
  /// Words in random order: a text that fills many blocks.
  private static let text: [UInt8] = {
    var random = SeededNumbers(3)
    var text: [UInt8] = []
    while text.count < 1_200_000 {
      text += "word\(UInt16.random(in: 0...999, using: &random)) ".utf8
    }
    return text
  }()

  /// Bytes whose block begins with the number of a mark in its own table of bytes.
  ///
  /// A block says which of the 256 bytes it holds in groups of sixteen bits, one bit a byte, so that
  /// three groups in a row can spell any 48 bits.
  private static func bytes(spelling mark: UInt64, count: Int) -> [UInt8] {
    var random = SeededNumbers(mark)
    let used = (0..<48).filter { mark >> UInt64(47 - $0) & 1 == 1 }.map { UInt8(0x20 + $0) }
    return used
      + (0..<count - used.count).map { _ in used[Int.random(in: 0..<used.count, using: &random)] }
  }

  private func decompressed(_ file: [UInt8]) throws -> (bytes: [UInt8], failure: Failure?) {
    try withTemporaryFolder { folder in
      let path = try write(file, to: "file.bz2", in: folder)
      var all: [UInt8] = []
      do {
        try forEachChunk(ofFile: path) { chunk in
          #expect(chunk.count > 0 && chunk.count <= 256 * 1_024)
          for index in chunk.indices { all.append(chunk[index]) }
        }
        return (all, nil)
      } catch let failure as Failure {
        #expect(failure.place.hasPrefix(path))
        return (all, failure)
      }
    }
  }

  @Test(arguments: [1, 2, 7, 40])
  func `many blocks in one stream or many come in order`(streams: Int) throws {
    let result = try decompressed(bzip2(Self.text, streams: streams))
    #expect(result.failure == nil)
    #expect(result.bytes == Self.text)
  }

  @Test(arguments: [0x3141_5926_5359, 0x1772_4538_5090] as [UInt64])
  func `a mark that stands in a block by chance changes nothing`(mark: UInt64) throws {
    let text = Self.bytes(spelling: mark, count: 350_000)
    let file = bzip2(text) + bzip2(Self.text, level: 9)
    let marks = try withTemporaryFolder { folder in
      let path = try write(file, to: "file.bz2", in: folder)
      var scanner = Bzip2Scanner(input: try InputBytes(path: path))
      var ends: [Bool] = []
      while let stretch = try scanner.nextStretch() { ends.append(stretch.isEnd) }
      return ends
    }
    // Four blocks with a false mark each, two blocks, and the ends of two streams.
    #expect(marks.count == 12)
    #expect(marks.count(where: \.self) == (mark == 0x3141_5926_5359 ? 2 : 6))
    let result = try decompressed(file)
    #expect(result.failure == nil)
    #expect(result.bytes == text + Self.text)
  }

  @Test func `a block that unpacks to far more than it holds comes in pieces`() throws {
    let zeros = [UInt8](repeating: 0, count: 60_000_000)
    let result = try decompressed(bzip2(zeros, level: 9) + bzip2([1]))
    #expect(result.failure == nil)
    #expect(result.bytes.count == 60_000_001)
    #expect(result.bytes.last == 1 && result.bytes.allSatisfy { $0 <= 1 })
  }

  @Test func `what came before the damage has been handed over`() throws {
    let file = bzip2(Self.text, streams: 3)
    var random = SeededNumbers(5)
    for _ in 0..<40 {
      var damaged = file
      damaged[Int.random(in: 4..<file.count, using: &random)] ^=
        1 << UInt8.random(in: 0...7, using: &random)
      let result = try decompressed(damaged)
      #expect(result.failure?.what.contains("byte") == true)
      #expect(Self.text.starts(with: result.bytes))
    }
    // The damage stands in one block of 100,000 bytes: all before it is there.
    var damaged = file
    damaged[file.count * 9 / 10] ^= 0xff
    #expect(try decompressed(damaged).bytes.count > 900_000)
  }

  @Test func `a file cut off keeps its whole blocks`() throws {
    let file = bzip2(Self.text)
    for share in [10, 37, 62, 99] {
      let result = try decompressed(Array(file[..<(file.count * share / 100)]))
      #expect(result.failure?.what.contains("cut off") == true)
      #expect(Self.text.starts(with: result.bytes))
      #expect(result.bytes.count > Self.text.count * share / 100 - 110_000)
    }
  }

  @Test func `a stream without its blocks, or with one left out, is a failure`() throws {
    let file = bzip2(Self.text)
    // The end of another stream: its checksum is that of other blocks.
    let other = bzip2(Array(Self.text.prefix(300_000)))
    let swapped = Array(file[..<(file.count - 12)]) + Array(other[(other.count - 12)...])
    #expect(try decompressed(swapped).failure != nil)
    #expect(try decompressed(file + Array("BZh9".utf8)).failure != nil)
    #expect(try decompressed(file + [0]).failure?.what.contains("not compressed data") == true)
  }
}
