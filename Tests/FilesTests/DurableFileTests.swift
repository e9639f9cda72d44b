import Files
import Foundation
import TestSupport
import Testing

@Suite struct DurableFileTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test func `a file appears whole under its name and replaces an earlier one`() throws {
    try folder.write("a", "earlier and longer")
    let file = try DurableFile(path: folder("a"))
    try file.write(Array("head body".utf8))
    try file.write([1.5, -2], 0..<2)
    try file.overwriteStart(with: Array("HEAD".utf8))
    #expect(try String(contentsOfFile: folder("a"), encoding: .utf8) == "earlier and longer")
    try file.finish()
    let read = try BinaryFile(path: folder("a"))
    #expect(read.size == 17)
    #expect(try read.bytes(at: 0, count: 9) == Array("HEAD body".utf8))
    var values: [Float] = [0, 0, 0]
    try read.read(into: &values, 1..<3, at: 9)
    #expect(values == [0, 1.5, -2])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a"])
  }

  @Test func `a file that is given up leaves nothing`() throws {
    do {
      let file = try DurableFile(path: folder("a"))
      try file.write([1, 2, 3])
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func `a folder takes the place of an earlier one, whole`() throws {
    try folder.write("old/x", "x")
    var touched = false
    func touch() { touched = true }
    let value = try replaceFolder(folder("old"), replacing: touch) { partial in
      #expect(!touched)
      try writeDurably([1], to: partial + "/y")
      #expect(FileManager.default.fileExists(atPath: folder("old/x")))
      return 7
    }
    #expect(value == 7 && touched)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder("old")) == ["y"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["old"])
  }

  @Test func `a folder that cannot be filled leaves the earlier one`() throws {
    struct Stop: Error {}
    func touchNothing() {}
    try folder.write("old/x", "x")
    #expect(throws: Stop.self) {
      try replaceFolder(folder("old"), replacing: touchNothing) { partial in
        try writeDurably([1], to: partial + "/y")
        throw Stop()
      }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder("old")) == ["x"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["old"])
  }

  @Test func `what the system refuses is a failure with its words and the place`() throws {
    let failure = try #require(throws: Failure.self) {
      try writeDurably([1], to: folder("missing/file"))
    }
    #expect(failure.place == folder("missing/file"))
    #expect(failure.what.contains("No such file or directory"))
    #expect(throws: Failure.self) { _ = try BinaryFile(path: folder.path) }
    try folder.write("short", "abc")
    let short = try BinaryFile(path: folder("short"))
    #expect(throws: Failure.self) { _ = try short.bytes(at: 2, count: 5) }
  }
}
