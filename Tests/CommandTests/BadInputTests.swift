import Foundation
import TestSupport
import Testing

/// What a user meets when an input is broken: a message with place and remedy, the right exit
/// status, and a workspace that is as it was.
@Suite struct BadInputTests {
  let folder: TemporaryFolder
  let samples = Program.root + "/data"

  init() throws {
    folder = try TemporaryFolder()
  }

  /// Ingests good stories first, then the broken input, and checks what is left.
  func expectRefusal(
    of arguments: [String],
    place: String,
    status: Int32 = 1,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let workspace = folder("w")
    let good = try Program.run([
      "ingest", "tinystories", samples + "/tinystories", "-w", workspace, "--quiet",
    ])
    #expect(good.status == 0, sourceLocation: sourceLocation)
    let before = try contents(of: workspace)
    let result = try Program.run(arguments + ["-w", workspace])
    #expect(result.status == status, "\(result.errors)", sourceLocation: sourceLocation)
    #expect(result.output.isEmpty, sourceLocation: sourceLocation)
    #expect(result.errors.contains(place), "\(result.errors)", sourceLocation: sourceLocation)
    #expect(result.errors.contains("what to do:"), sourceLocation: sourceLocation)
    #expect(try contents(of: workspace) == before, sourceLocation: sourceLocation)
    let after = try Program.run(["status", "-w", workspace, "--json"])
    #expect(after.output.contains("\"documents\":13"), sourceLocation: sourceLocation)
  }

  /// The files of a workspace but for SQLite's own, with their sizes.
  func contents(of workspace: String) throws -> [String: Int] {
    var sizes: [String: Int] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: workspace)
    where !name.hasPrefix("corpus.sqlite") {
      let attributes = try FileManager.default.attributesOfItem(atPath: workspace + "/" + name)
      sizes[name] = attributes[.size] as? Int
    }
    // The lock's content is the process that wrote last.
    sizes[".lock"] = nil
    return sizes
  }

  func bytes(_ sample: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: samples + "/" + sample)))
  }

  @Test func `a faulty utterance is counted, or under strict refused with its line`() throws {
    let text = "@UTF8\n@Begin\n*MOT:\tsit <down .\n*CHI:\tno &-um (be)cause .\n@End\n"
    let path = try folder.write("faulty.cha", Array(text.utf8))
    try expectRefusal(of: ["ingest", "childes", path, "--strict"], place: "faulty.cha:3")
    let counted = try Program.run([
      "ingest", "childes", path, "-w", folder("counted"), "--quiet", "--json",
    ])
    #expect(counted.status == 0, "\(counted.errors)")
    #expect(counted.output.contains(#""rejected":{"unclosedGroup":1}"#))
    #expect(counted.output.contains(#""rejectedUtterances":1"#))
    #expect(counted.output.contains(#""constructs":{"fillers":1,"shortenings":1}"#))
  }

  @Test(arguments: [3, 10, 2])
  func `a truncated bz2`(divisor: Int) throws {
    let whole = try bytes("wikipedia/simplewiki-sample.xml.bz2")
    let path = try folder.write(
      "cut.xml.bz2",
      Array(whole.prefix(whole.count - whole.count / divisor))
    )
    try expectRefusal(of: ["ingest", "wikipedia", path], place: "cut.xml.bz2")
  }

  @Test func `a zip with a broken member`() throws {
    var zip = try bytes("childes/Beans.zip")
    // Inside the first member's compressed bytes, well before the central directory.
    for index in 120..<160 { zip[index] ^= 0x5a }
    let path = try folder.write("Broken.zip", zip)
    try expectRefusal(of: ["ingest", "childes", path], place: "Broken.zip")
  }

  @Test func `invalid UTF-8 names file, line and offset`() throws {
    let path = try folder.write(
      "latin.txt",
      Array("A story.\n<|endoftext|>\nCaf".utf8) + [0xe9] + Array(" time.\n".utf8)
    )
    try expectRefusal(of: ["ingest", "tinystories", path], place: "latin.txt")
    let mended = try Program.run([
      "ingest", "tinystories", path, "-o", "encoding=windows-1252", "-w", folder("m"), "--quiet",
    ])
    #expect(mended.status == 0)
  }

  @Test(arguments: ["childes", "wikipedia", "tinystories", "fineweb-edu"])
  func `an empty file`(format: String) throws {
    let path = try folder.write("empty.\(format == "childes" ? "cha" : "txt")", "")
    try expectRefusal(of: ["ingest", format, path], place: "empty.")
  }

  @Test func `a missing file, and a folder without such files`() throws {
    try expectRefusal(of: ["ingest", "childes", folder("nowhere")], place: "nowhere")
    try folder.write("other/readme.md", "x")
    try expectRefusal(of: ["ingest", "childes", folder("other")], place: "other")
  }

  @Test func `a file of another format yields nothing, and that is an error`() throws {
    let path = samples + "/tinystories/stories.txt"
    try expectRefusal(of: ["ingest", "childes", path], place: "stories.txt")
    try expectRefusal(of: ["ingest", "fineweb-edu", path], place: "stories.txt")
    try expectRefusal(of: ["ingest", "wikipedia", path], place: "stories.txt")
  }

  @Test func `an unknown recipe key is bad usage, with line and nearest key`() throws {
    let recipe = try folder.write(
      "r.yaml",
      "name: r\nsources:\n  tinystories:\n    path: stories.txt\n"
    )
    let result = try Program.run(["build", recipe, "-w", folder("w")])
    #expect(result.status == 64)
    #expect(result.errors.contains("r.yaml:4"))
    #expect(result.errors.contains("`paths`"))
    #expect(!FileManager.default.fileExists(atPath: folder("w")))
  }

  @Test(arguments: [
    ("name: r\n", "`sources` is missing"),
    ("name: ../r\nsources: {}\n", "cannot name"),
    ("name: r\nsources:\n  gutenburg:\n    paths: x\n", "source format"),
    ("name: r\nsources:\n  tinystories:\n    paths: x\n    words: -5\n", "whole number"),
    ("name: r\nsources:\n  tinystories:\n    paths: x\n    options: {label: x}\n", "label"),
    (
      "name: r\nsources:\n  tinystories:\n    paths: x\nmodel: {preset: huge}\ntokenizer: {}\n",
      "huge"
    ),
    (
      "name: r\nsources:\n  tinystories:\n    paths: x\nmodel: {headCount: 3}\ntokenizer: {}\n",
      "headCount"
    ),
    (
      "name: r\nsources:\n  tinystories:\n    paths: x\nmodel: {}\ntokenizer: {}\n"
        + "training: {epochs: 0}\n", "epochs"
    ),
    ("name: r\nsources:\n  tinystories:\n    paths: x\nmodel: {preset: nano}\n", "tokenizer"),
    (
      "name: r\nsources:\n  tinystories:\n    paths: x\ntokenizer: {vocabularySize: 9}\n",
      "vocabulary"
    ),
  ])
  func `a recipe that cannot work is bad usage before anything is done`(
    yaml: String,
    words: String
  ) throws {
    let recipe = try folder.write("r.yaml", yaml)
    let result = try Program.run(["build", recipe, "-w", folder("w")])
    #expect(result.status == 64, "\(result.errors)")
    #expect(result.errors.contains(words), "\(result.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder("w")))
  }

  @Test func `a budget larger than the pool says how much there is`() throws {
    try expectRefusal(of: ["select", "tinystories=1_000_000"], place: "tinystories")
    let result = try Program.run(["select", "tinystories=1000000", "-w", folder("w")])
    #expect(result.errors.contains("at most 2"))
    #expect(!FileManager.default.fileExists(atPath: folder("w/selections")))
  }

  @Test func `a broken record early in a long file ends the reading in order`() throws {
    // Long enough that batches wait to be converted when the first of them fails.
    let story = Array("Once there was a dog.\n<|endoftext|>\n".utf8)
    var long: [UInt8] = [0xff] + story
    for _ in 0..<60_000 { long += story }
    let path = try folder.write("long.txt", long)
    try expectRefusal(of: ["ingest", "tinystories", path], place: "long.txt, line 1")
  }

  @Test func `two different files of one name are refused, the same file twice is not`() throws {
    let first = try folder.write("a/s.txt", "One dog ran home.\n<|endoftext|>\n")
    let second = try folder.write("b/s.txt", "Two cats sat down.\n<|endoftext|>\n")
    try expectRefusal(of: ["ingest", "tinystories", first, second], place: second)
    let twice = try Program.run(["ingest", "tinystories", first, first, "-w", folder("t")])
    #expect(twice.status == 0)
    #expect(twice.output.contains("1 not kept: the same record twice"))
  }

  @Test func `a selection without anything to train on is refused`() throws {
    try expectRefusal(of: ["select", "tinystories=1"], place: "selection `main`")
    try expectRefusal(
      of: ["select", "tinystories", "--dev-share", "0.9999999"],
      place: "selection `main`"
    )
    #expect(!FileManager.default.fileExists(atPath: folder("w/selections")))
  }

  @Test(arguments: ["main.partial", "a--b", ".", "a/b", "-x"])
  func `a name that the workspace needs itself is refused`(name: String) throws {
    try expectRefusal(
      of: ["select", "tinystories", "--name=\(name)"],
      place: "the selection's name",
      status: 64
    )
  }

  @Test func `a run's name cannot leave the workspace`() throws {
    try expectRefusal(of: ["generate", "x", "--run", "../.."], place: "the run's name", status: 64)
  }

  @Test func `a stage that needs a workspace makes none`() throws {
    let missing = folder("mistyped")
    for command in [
      ["select", "childes"], ["dedupe"], ["decontaminate", Program.root + "/README.md"],
      ["tokenizer", "train"], ["tokenize"], ["train"],
    ] {
      let result = try Program.run(command + ["-w", missing, "-q"])
      #expect(result.status == 1, "\(command)")
      #expect(result.errors.contains("this is no workspace"), "\(command): \(result.errors)")
      #expect(!FileManager.default.fileExists(atPath: missing), "\(command)")
    }
  }

  @Test func `a stage whose input is missing says which stage to run`() throws {
    try expectRefusal(of: ["select", "childes"], place: "blalm ingest")
    try expectRefusal(of: ["tokenizer", "train"], place: "blalm select")
    try expectRefusal(of: ["tokenize"], place: "blalm select")
    try expectRefusal(of: ["train"], place: "blalm tokenize")
    try expectRefusal(of: ["generate", "x"], place: "runs/main")
  }

  @Test func `a stage that fails leaves the one before it done`() throws {
    func run(_ arguments: [String]) throws -> Program.Result {
      try Program.run(arguments + ["-w", folder("w"), "--quiet"])
    }
    let stories = samples + "/tinystories"
    #expect(try run(["ingest", "tinystories", stories]).status == 0)
    #expect(try run(["select", "tinystories=1000"]).status == 0)
    let empty = try folder.write("empty.txt", "")
    #expect(try run(["ingest", "tinystories", empty]).status == 1)
    #expect(try run(["select", "tinystories=1000000"]).status == 1)
    #expect(try run(["tokenizer", "train", "--vocabulary-size", "300"]).status == 0)
    #expect(try run(["select", "tinystories=1000"]).output.contains("up to date"))
    #expect(try run(["ingest", "tinystories", stories]).output.contains("up to date"))
  }

  @Test func `a workspace that cannot be written`() throws {
    for workspace in ["/proc/blalm", try folder.write("file", "x") + "/w"] {
      let result = try Program.run([
        "ingest", "tinystories", samples + "/tinystories", "-w", workspace,
      ])
      #expect(result.status == 1)
      #expect(result.errors.contains(workspace))
      #expect(result.errors.contains("what to do:"))
    }
  }

  @Test func `a workspace of a newer schema is refused and left alone`() throws {
    let good = try Program.run([
      "ingest", "tinystories", samples + "/tinystories", "-w", folder("w"), "--quiet",
    ])
    #expect(good.status == 0)
    try addMigration(named: "999 from the future", to: folder("w/corpus.sqlite"))
    for arguments in [
      ["ingest", "tinystories", samples + "/tinystories"], ["status"], ["select", "tinystories"],
    ] {
      let result = try Program.run(arguments + ["-w", folder("w")])
      #expect(result.status == 1)
      #expect(result.errors.contains("corpus.sqlite"))
      #expect(result.errors.contains("newer"))
    }
  }

  @Test(arguments: [
    [], ["nonsense"], ["build"], ["ingest", "childes"], ["ingest", "childez", "x", "-w", "w"],
    ["select", "-w", "w"], ["select", "a=many", "-w", "w"],
    ["train", "-w", "w", "--preset", "big"],
    ["ingest", "childes", "x", "-w", "w", "-o", "labels"], ["bench", "train", "--steps", "0"],
  ])
  func `wrong arguments are bad usage`(arguments: [String]) throws {
    let result = try Program.run(arguments)
    #expect(result.status == (arguments.isEmpty ? 0 : 64), "\(result.errors)")
    #expect(!FileManager.default.fileExists(atPath: "w"))
  }
}
