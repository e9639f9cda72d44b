import Files
import Foundation
import Ingestion
import Testing

@Suite struct InputFileTests {
  @Test func `a file that cannot be read under its name is not passed over in silence`() throws {
    try withTemporaryFolder { folder in
      try write([1], to: "linked/a.cha", in: folder)
      try FileManager.default.createSymbolicLink(
        atPath: folder.path + "/linked/dangling.cha",
        withDestinationPath: folder.path + "/nowhere"
      )
      try write([1], to: "named/a.cha", in: folder)
      // A C string, since a Swift one cannot hold such a name.
      let name = (folder.path + "/named/caf").utf8.map { CChar(bitPattern: $0) } + [-23, 46, 99]
      let descriptor = unsafe open(name + [104, 97, 0], O_CREAT | O_WRONLY, 0o644)
      try #require(descriptor >= 0)
      close(descriptor)
      for part in ["linked", "named"] {
        let failure = #expect(throws: Failure.self) {
          try InputFile.files(at: folder.path + "/" + part, extensions: ["cha"])
        }
        #expect(failure?.place.contains("/\(part)/") == true)
      }
    }
  }

  @Test func `a folder gives its files by name, wherever it lies`() throws {
    try withTemporaryFolder { folder in
      for name in [
        "Corpus/b.cha", "Corpus/a/z.cha.gz", "Corpus/a/y.CHA", "Corpus/B.cha.zst",
        "Corpus/notes.txt", "Corpus/.hidden.cha", "Corpus/__MACOSX/c.cha", "Corpus/x.cha.bak",
        "Corpus/.git/d.cha", "Corpus/a.zip",
      ] {
        try write([1], to: "deep/\(name)", in: folder)
      }
      let loop = folder.path + "/deep/Corpus/loop"
      try FileManager.default.createSymbolicLink(
        atPath: loop,
        withDestinationPath: folder.path + "/deep"
      )
      try FileManager.default.createSymbolicLink(
        atPath: folder.path + "/deep/Corpus/linked.cha",
        withDestinationPath: folder.path + "/deep/Corpus/b.cha"
      )
      let path = folder.path + "/deep/Corpus"
      let names = [
        "Corpus/B.cha.zst", "Corpus/a.zip", "Corpus/a/y.CHA", "Corpus/a/z.cha.gz", "Corpus/b.cha",
        "Corpus/linked.cha",
      ]
      let files = try InputFile.files(at: path, extensions: CHATReader.extensions)
      #expect(files.map(\.name) == names)
      #expect(files.allSatisfy { FileManager.default.fileExists(atPath: $0.path) })
      let again = try InputFile.files(at: path + "/", extensions: CHATReader.extensions)
      #expect(again.map(\.name) == names)
    }
  }

  @Test func `a file gives itself whatever its extension`() throws {
    try withTemporaryFolder { folder in
      let path = try write([1], to: "some/file.xyz", in: folder)
      #expect(
        try InputFile.files(at: path, extensions: ["txt"])
          == [InputFile(path: path, name: "file.xyz")]
      )
    }
  }

  @Test func `nothing to read is a failure`() throws {
    try withTemporaryFolder { folder in
      try write([1], to: "file.txt", in: folder)
      #expect(throws: Failure.self) {
        _ = try InputFile.files(at: folder.path, extensions: ["cha"])
      }
      #expect(throws: Failure.self) {
        _ = try InputFile.files(at: folder.path + "/absent", extensions: ["txt"])
      }
    }
  }
}
