import Documents
import Files
import Foundation
import Ingestion
import Testing

@Suite struct PlainTextReaderTests {
  func ingested(
    _ bytes: [UInt8],
    name: String = "notes.txt",
    options: PlainTextReader.Options = PlainTextReader.Options()
  ) throws -> Ingested {
    try withTemporaryFolder { folder in
      let path = try write(bytes, to: name, in: folder)
      return try ingest(PlainTextReader(options: options), path, name: name)
    }
  }

  /// An archive of the fixtures; the plain tar is what is in the compressed one.
  func pack(_ form: String) throws -> [UInt8] {
    if form != "pack.tar" { return try #require(ArchiveFixtures.packs[form]) }
    return try withTemporaryFolder { folder in
      let path = try write(try pack("pack.tar.gz"), to: "t", in: folder)
      var all: [UInt8] = []
      try forEachChunk(ofFile: path) { chunk in
        for index in chunk.indices { all.append(chunk[index]) }
      }
      return all
    }
  }

  let text = Array("\nA fox ran.\r\nIt hid.\n\n---\n\nAn owl flew.\n".utf8)

  @Test func `a document is a file, a paragraph, a line or what stands between markers`() throws {
    let file = try ingested(text)
    #expect(file.texts == ["A fox ran.\nIt hid.\n\n---\n\nAn owl flew."])
    #expect(file.documents[0].key == "notes.txt")
    #expect(file.documents[0].license == "unknown")
    let paragraphs = try ingested(text, options: .init(unit: .paragraph, license: "CC0-1.0"))
    #expect(paragraphs.texts == ["A fox ran.\nIt hid.", "---", "An owl flew."])
    #expect(paragraphs.documents.map(\.key) == ["notes.txt#0", "notes.txt#1", "notes.txt#2"])
    #expect(paragraphs.documents.map(\.origin.line) == [2, 5, 7])
    #expect(paragraphs.documents.allSatisfy { $0.license == "CC0-1.0" })
    let lines = try ingested(text, options: .init(unit: .line))
    #expect(lines.texts == ["A fox ran.", "It hid.", "---", "An owl flew."])
    let parts = try ingested(text, options: .init(separator: " --- "))
    #expect(parts.texts == ["A fox ran.\nIt hid.", "An owl flew."])
    #expect(parts.documents.map(\.key) == ["notes.txt#0", "notes.txt#1"])
  }

  @Test func `the encoding is obeyed, and bytes that break it fail`() throws {
    let bytes = Array("caf".utf8) + [0xe9]
    #expect(try ingested(bytes, options: .init(encoding: .windows1252)).texts == ["café"])
    #expect(throws: Failure.self) { _ = try ingested(bytes) }
  }

  @Test func `a file with nothing in it is a failure`() {
    #expect(throws: Failure.self) { _ = try ingested([]) }
    #expect(throws: Failure.self) { _ = try ingested(Array("\n \n".utf8)) }
  }

  @Test func `a document past 64 MiB is a failure that says what to set`() throws {
    let line = Array(repeating: UInt8(ascii: "a"), count: 1 << 20) + [0x0a]
    let bytes = Array(repeatElement(line, count: 65).joined())
    #expect { _ = try ingested(bytes) } throws: {
      ($0 as? Failure)?.remedy.contains("`unit`") == true
    }
    #expect(try ingested(bytes, options: .init(unit: .line)).documents.count == 65)
  }

  @Test(arguments: ["pack.zip", "pack.tar", "pack.tar.gz", "pack.tar.zst", "pack.tar.bz2"])
  func `members of archives are read by content, whatever the archive is called`(
    form: String
  ) throws {
    let archive = try pack(form)
    let result = try ingested(archive, name: "pack.bin")
    #expect(result.texts == ["A fox ran.", "An owl flew."])
    #expect(result.documents.map(\.key) == ["pack.bin!in/fox.txt", "pack.bin!in/owl.txt"])
    #expect(result.documents.map(\.origin.file) == ["pack.bin!in/fox.txt", "pack.bin!in/owl.txt"])
  }

  @Test(arguments: ["pack.tar", "pack.tar.gz", "pack.tar.zst", "pack.tar.bz2"])
  func `a cut or damaged tar never gives another text`(form: String) throws {
    let archive = try pack(form)
    for length in stride(from: 4, to: archive.count, by: form == "pack.tar" ? 97 : 3) {
      let result = try? ingested(Array(archive[..<length]), name: "cut.bin")
      // Of a plain tar whole members may stand before the cut.
      #expect(
        result == nil || form == "pack.tar",
        "cut to \(length) bytes gives \(result?.texts.count ?? 0)"
      )
    }
    for index in stride(from: 0, to: archive.count, by: 3) where form != "pack.tar" {
      var damaged = archive
      damaged[index] ^= 1 << UInt8(index % 8)
      let texts = try? ingested(damaged, name: "damaged.bin").texts
      #expect(texts == nil || texts == ["A fox ran.", "An owl flew."], "byte \(index)")
    }
  }

  @Test func `a tar that unpacks to more than is plausible is a failure`() throws {
    try withTemporaryFolder { folder in
      let path = try write(pack("zeros.tar.gz"), to: "z", in: folder)
      #expect {
        try forEachMember(
          ofTar: path,
          memberLimit: 1 << 20,
          expansionLimit: 100,
          isWanted: { _ in true },
          { _, bytes in #expect(bytes != nil) }
        )
      } throws: { ($0 as? Failure)?.what.contains("more than 100 times") == true }
      var tooLong = 0
      try forEachMember(
        ofTar: path,
        memberLimit: 1 << 10,
        expansionLimit: .max,
        isWanted: { _ in true },
        { _, bytes in tooLong += bytes == nil ? 1 : 0 }
      )
      #expect(tooLong == 8)
    }
  }
}
