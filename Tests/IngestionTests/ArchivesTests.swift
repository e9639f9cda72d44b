import Files
import Foundation
import Ingestion
import Testing

@Suite struct ArchivesTests {
  static let wholes: [[UInt8]] = [
    ArchiveFixtures.text, ArchiveFixtures.gzip, ArchiveFixtures.gzipJoined, ArchiveFixtures.bzip2,
    ArchiveFixtures.bzip2Joined, ArchiveFixtures.xz, ArchiveFixtures.xzJoined,
    ArchiveFixtures.zstd, ArchiveFixtures.zstdJoined,
  ]
  /// Of two joined streams the first alone is a whole file; no reader could tell.
  static let singles: [[UInt8]] = [
    ArchiveFixtures.gzip, ArchiveFixtures.bzip2, ArchiveFixtures.xz, ArchiveFixtures.zstd,
  ]

  func decompressed(_ path: String) throws -> [UInt8] {
    var all: [UInt8] = []
    try forEachChunk(ofFile: path) { chunk in
      for index in chunk.indices { all.append(chunk[index]) }
    }
    return all
  }

  @Test(arguments: wholes)
  func `every form gives the same text whatever the file is called`(form: [UInt8]) throws {
    try withTemporaryFolder { folder in
      let path = try write(form, to: "text.anything", in: folder)
      #expect(try decompressed(path) == ArchiveFixtures.text)
    }
  }

  @Test(arguments: singles)
  func `a file cut off anywhere after its magic bytes is a failure`(form: [UInt8]) throws {
    try withTemporaryFolder { folder in
      for length in 20..<form.count {
        let path = try write(Array(form[..<length]), to: "cut", in: folder)
        #expect(throws: Failure.self, "cut to \(length) bytes") { _ = try decompressed(path) }
      }
    }
  }

  @Test(arguments: singles)
  func `a flipped bit never gives another text`(form: [UInt8]) throws {
    try withTemporaryFolder { folder in
      for index in 6..<form.count {
        var damaged = form
        damaged[index] ^= UInt8(1 << (index % 8))
        let path = try write(damaged, to: "damaged", in: folder)
        let outcome = try? decompressed(path)
        #expect(outcome == nil || outcome == ArchiveFixtures.text, "byte \(index)")
      }
    }
  }

  @Test(arguments: singles)
  func `what follows the end of the compressed data is a failure`(form: [UInt8]) throws {
    try withTemporaryFolder { folder in
      let path = try write(form + Array("and more".utf8), to: "tail", in: folder)
      #expect(throws: Failure.self) { _ = try decompressed(path) }
    }
  }

  @Test func `a cut second stream is a failure`() throws {
    try withTemporaryFolder { folder in
      for (single, joined) in [
        (ArchiveFixtures.gzip, ArchiveFixtures.gzipJoined),
        (ArchiveFixtures.bzip2, ArchiveFixtures.bzip2Joined),
        (ArchiveFixtures.zstd, ArchiveFixtures.zstdJoined),
        (ArchiveFixtures.xz, ArchiveFixtures.xzJoined),
      ] {
        for length in single.count..<joined.count {
          let path = try write(Array(joined[..<length]), to: "cut", in: folder)
          #expect(throws: Failure.self, "cut to \(length) bytes") { _ = try decompressed(path) }
        }
      }
    }
  }

  @Test(
    arguments: [
      [], ArchiveFixtures.gzipOfNothing, ArchiveFixtures.bzip2OfNothing,
      ArchiveFixtures.zstdOfNothing, ArchiveFixtures.xzOfNothing,
    ] as [[UInt8]]
  )
  func `an empty file is a failure that says so`(form: [UInt8]) throws {
    try withTemporaryFolder { folder in
      let path = try write(form, to: "empty", in: folder)
      #expect { _ = try decompressed(path) } throws: {
        ($0 as? Failure)?.what == "the file is empty" && ($0 as? Failure)?.place == path
      }
    }
  }

  @Test func `a missing file and a folder are failures`() throws {
    try withTemporaryFolder { folder in
      #expect(throws: Failure.self) { _ = try decompressed(folder.path + "/missing") }
      #expect(throws: Failure.self) { _ = try decompressed(folder.path) }
      #expect(throws: Failure.self) { try forEachMember(ofZip: folder.path) { _, _ in } }
    }
  }

  @Test(arguments: [
    ArchiveFixtures.gzipOfZeros, ArchiveFixtures.bzip2OfZeros, ArchiveFixtures.zstdOfZeros,
  ])
  func `long joined streams come whole, in pieces of bounded size`(form: [UInt8]) throws {
    try withTemporaryFolder { folder in
      let path = try write(form, to: "zeros", in: folder)
      var count = 0
      try forEachChunk(ofFile: path) { chunk in
        #expect(chunk.count > 0 && chunk.count <= 256 * 1_024)
        count += chunk.count
      }
      #expect(count == 6_000_000)
    }
  }

  @Test func `large highly compressed data comes in pieces`() throws {
    try withTemporaryFolder { folder in
      let path = try write(ArchiveFixtures.zipOfZeros, to: "zeros.zip", in: folder)
      var sizes: [String: Int] = [:]
      try forEachMember(ofZip: path) { name, bytes in sizes[name] = bytes.count }
      #expect(sizes == ["zeros.txt": 3_000_000])
      #expect { try forEachMember(ofZip: path, memberLimit: 2_999_999) { _, _ in } } throws: {
        ($0 as? Failure)?.place == path + "!zeros.txt"
      }
    }
  }

  @Test func `members come in order without folders and copies of macOS`() throws {
    try withTemporaryFolder { folder in
      let path = try write(ArchiveFixtures.zip, to: "corpus.zip", in: folder)
      var members: [(String, [UInt8])] = []
      try forEachMember(ofZip: path) { members.append(($0, $1)) }
      #expect(
        members.map(\.0) == [
          "corpus/one.txt", "corpus/café.txt", "corpus/empty.txt", "../outside.txt", "stored.txt",
        ]
      )
      #expect(members[1].1 == Array("café\n".utf8))
      #expect(members[2].1.isEmpty)
      #expect(members[3].1 == ArchiveFixtures.text)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["corpus.zip"])
    }
  }

  @Test func `a zip cut off anywhere is a failure`() throws {
    try withTemporaryFolder { folder in
      for length in 0..<ArchiveFixtures.zip.count {
        let path = try write(Array(ArchiveFixtures.zip[..<length]), to: "cut.zip", in: folder)
        #expect(throws: Failure.self, "cut to \(length) bytes") {
          try forEachMember(ofZip: path) { _, _ in }
        }
      }
    }
  }

  @Test func `a flipped bit in a zip never gives another content`() throws {
    try withTemporaryFolder { folder in
      func contents(_ bytes: [UInt8]) throws -> [[UInt8]] {
        let path = try write(bytes, to: "damaged.zip", in: folder)
        var contents: [[UInt8]] = []
        try forEachMember(ofZip: path) { contents.append($1) }
        return contents
      }
      // The copy of macOS is handed over once its name no longer shows what it is.
      let whole = try contents(ArchiveFixtures.zip) + [Array("junk".utf8)]
      for index in ArchiveFixtures.zip.indices {
        var damaged = ArchiveFixtures.zip
        damaged[index] ^= UInt8(1 << (index % 8))
        // A flipped bit may turn a file into a folder or a name into another: those no checksum
        // covers. But a content that is handed over is one that was put in.
        let seen = try? contents(damaged)
        #expect(seen == nil || seen?.allSatisfy(whole.contains) == true, "byte \(index)")
      }
    }
  }

  @Test func `a zip of nothing and a file that is no zip are failures`() throws {
    try withTemporaryFolder { folder in
      for form in [ArchiveFixtures.zipOfNothing, ArchiveFixtures.text, ArchiveFixtures.gzip, []] {
        let path = try write(form, to: "none.zip", in: folder)
        #expect(throws: Failure.self) { try forEachMember(ofZip: path) { _, _ in } }
      }
    }
  }

  @Test func `what the body throws ends the reading`() throws {
    struct Stop: Error {}
    try withTemporaryFolder { folder in
      for form in Self.wholes {
        let path = try write(form, to: "text", in: folder)
        #expect(throws: Stop.self) { try forEachChunk(ofFile: path) { _ in throw Stop() } }
      }
      let path = try write(ArchiveFixtures.zip, to: "corpus.zip", in: folder)
      #expect(throws: Stop.self) { try forEachMember(ofZip: path) { _, _ in throw Stop() } }
    }
  }
}
