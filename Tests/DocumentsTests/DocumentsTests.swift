import Documents
import Testing

@Suite struct DocumentsTests {
  /// The vectors of FIPS 180-4 and of Python's hashlib.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func `SHA-256 gives the standard's digests`(text: String, digest: String) {
    #expect(SHA256.hash(text).description == digest)
  }

  @Test func `SHA-256 does not depend on how the bytes are cut`() {
    let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let whole = SHA256.hash(bytes)
    for step in [1, 7, 63, 64, 65, 500] {
      var hash = SHA256()
      var index = 0
      while index < bytes.count {
        hash.update(bytes: Array(bytes[index..<min(index + step, bytes.count)]))
        index += step
      }
      #expect(hash.finish() == whole)
    }
  }

  @Test func `SHA-256 is the same with the processor's instructions and without`() {
    for count in [0, 1, 55, 56, 63, 64, 65, 127, 128, 129, 1_000, 100_000] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 97 &+ $0 >> 8) }
      var plain = SHA256(plain: true)
      plain.update(bytes: bytes)
      #expect(plain.finish() == SHA256.hash(bytes), "\(count)")
    }
  }

  @Test func `an identity is stable and survives its description`() {
    let id = DocumentID(source: "childes", key: "Brown/Sarah/sarah051.cha")
    // python3: hashlib.sha256(b"childes\0Brown/Sarah/sarah051.cha").hexdigest()[:32]
    #expect(id.description == "f2904f896b974f9dd7128ea213742795")
    #expect(DocumentID(id.description) == id)
    #expect(DocumentID("xyz") == nil)
  }

  /// Goldens from Python 3.11: `len(text.split())`.
  @Test(arguments: [
    ("", 0), ("  \n\t ", 0), ("one", 1), (" one  two\nthree ", 3), ("a\u{a0}b\u{3000}c", 3),
    ("a\u{200b}b", 1), ("a\u{1c}b\u{1f}c", 3), ("a\u{85}b", 2), ("a\u{2028}b\u{202f}c\u{205f}d", 4),
    ("caf\u{e9} na\u{ef}ve", 2), ("\u{1680}x\u{2000}", 1), ("a\u{180e}b", 1), ("\u{feff}a b", 2),
  ])
  func `words are counted as Python's split counts them`(text: String, count: Int) {
    #expect(WordCount.words(in: text) == count)
  }

  @Test func `the dev share is met and a document never moves when the share grows`() {
    let ids = (0..<20_000).map { DocumentID(source: "s", key: "\($0)") }
    let small = ids.filter { Split(id: $0, devShare: 0.05) == .dev }
    #expect(abs(small.count - 1_000) < 120)
    #expect(small.allSatisfy { Split(id: $0, devShare: 0.1) == .dev })
    #expect(ids.allSatisfy { Split(id: $0, devShare: 0) == .train })
  }
}
