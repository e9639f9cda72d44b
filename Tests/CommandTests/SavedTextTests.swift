import Documents
import Foundation
import Modeling
import Pipeline
import Storage
import TestSupport
import Testing

/// Texts that are saved and continued by the real program, on one small workspace.
@Suite struct SavedTextTests {
  let trained: TrainedWorkspace
  let workspace: String

  init() throws {
    trained = try TrainedWorkspace()
    workspace = trained.path
  }

  func run(_ arguments: [String]) throws -> String { try trained.run(arguments) }

  /// Trains a run of two steps with some mechanisms.
  func train(_ name: String, _ mechanisms: [String]) throws {
    let sizes = ["hiddenSize=16", "blockCount=2", "headCount=2", "feedForwardSize=16"]
    _ = try run(
      ["train", "--name", name, "-w", workspace, "--quiet"]
        + (sizes + ["contextLength=16"] + mechanisms).flatMap { ["--model", $0] }
        + ["batchWindows=4", "maximumSteps=2", "learningRate=0.05"].flatMap { ["--training", $0] }
    )
  }

  /// The output without the line feed that ends it.
  func text(_ arguments: [String]) throws -> String { String(try run(arguments).dropLast()) }

  func json(_ arguments: [String]) throws -> GeneratedText {
    try JSONDecoder().decode(GeneratedText.self, from: Data(run(arguments + ["--json"]).utf8))
  }

  @Test(arguments: [
    [],
    [
      "convolutionWidth=4", "featureMap=hedgehog", "slidingWindow=bounded", "slidingWindowMemory=2",
      "slidingWindowLength=7",
    ],
    ["slidingWindow=average", "isolateDocuments=true"],
    ["mixer=attention"],
  ])
  func `a text in two parts is the text in one`(mechanisms: [String]) throws {
    try train("r", mechanisms)
    let base = ["-w", workspace, "--run", "r"]
    var options = [
      "--temperature", "1.2", "--top-k", "200", "--repetition-penalty", "1.3",
      "--stop", "a long string that does not come",
    ]
    // A draw in which the text does not end early.
    let seed = try (1...20).first {
      try json(["generate", "One day", "--tokens", "60", "--seed", "\($0)"] + base + options).tokens
        == 60
    }
    options += ["--seed", "\(try #require(seed))"]
    let state = trained.folder("state")
    for cut in [1, 7, 33] {
      let whole = try text(["generate", "One day", "--tokens", "60"] + base + options)
      let first = try text(
        ["generate", "One day", "--tokens", "\(cut)", "--save-state", state] + base + options
      )
      let rest = ["generate", "--tokens", "\(60 - cut)", "--continue", state] + base
      #expect(try first + text(rest) == whole, "\(cut) of \(mechanisms)")
    }
    // In three parts, the file replaced by the text's later state, and as JSON.
    let whole = try json(["generate", "One day", "--tokens", "60"] + base + options)
    var parts = try json(
      ["generate", "One day", "--tokens", "9", "--save-state", state] + base + options
    ).text
    let more = ["generate", "--continue", state] + base
    parts += try json(more + ["--tokens", "20", "--save-state", state]).text
    parts += try json(more + ["--tokens", "31"]).text
    #expect(parts == whole.text && whole.tokens == 60)
  }

  @Test func `a stop string is found across the parts, and ends the text for good`() throws {
    let base = ["-w", workspace, "--temperature", "0"]
    let whole = try json(["generate", "One day", "--tokens", "40"] + base)
    let stop = String(whole.text.dropFirst(3).prefix(6))
    let cut = try json(["generate", "One day", "--tokens", "40", "--stop", stop] + base)
    #expect(cut.end == .stopString && cut.tokens < 40)
    let state = trained.folder("state")
    for count in 1..<cut.tokens {
      let first = try json(
        ["generate", "One day", "--tokens", "\(count)", "--stop", stop, "--save-state", state]
          + base
      )
      let more = ["generate", "--continue", state, "-w", workspace]
      let second = try json(more + ["--tokens", "\(40 - count)", "--save-state", state])
      #expect(first.text + second.text == cut.text, "\(count)")
      #expect(first.tokens + second.tokens == cut.tokens && second.end == .stopString)
      let ended = try json(more)
      #expect(ended.text.isEmpty && ended.tokens == 0 && ended.end == .stopString)
    }
    let appended = try json(
      ["generate", " Then", "--continue", state, "-w", workspace, "--tokens", "5"]
    )
    #expect(appended.prompt == " Then" && appended.tokens > 0)
  }

  @Test func `Ctrl-C keeps the text as it stands after that many tokens`() throws {
    let base = ["generate", "One day", "-w", workspace, "--temperature", "0"]
    let (state, straight) = (trained.folder("state"), trained.folder("straight"))
    let output = try trained.folder.write("output", "")
    let errors = try trained.folder.write("errors", "")
    let process = Process()
    process.executableURL = URL(filePath: Program.path)
    process.arguments = base + ["--tokens", "1000000", "--save-state", state]
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: errors)
    try process.run()
    func written() throws -> Data { try Data(contentsOf: URL(filePath: output)) }
    while process.isRunning, try written().count < 500 { Thread.sleep(forTimeInterval: 0.002) }
    process.interrupt()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 130)
    let message = try String(contentsOfFile: errors, encoding: .utf8)
    #expect(message.contains("interrupted; `--continue \(state)` goes on"), "\(message)")
    let context = StageContext(workspace: try Workspace.openForReading(workspace))
    let generator = try context.openGenerator(run: "main")
    let settings = GenerationSettings(tokens: 1_000_000, temperature: 0)
    var text = try generator.begin(settings)
    var bytes: [UInt8] = []
    var prompt = "One day"
    let whole = try [UInt8](written().dropLast())
    while bytes.count < whole.count {
      try generator.goOn(&text, with: prompt, tokens: 1, keepsTail: true, stop: StopSignal()) {
        bytes += $0
      }
      prompt = ""
    }
    #expect(bytes == whole)
    try generator.save(text, to: straight)
    #expect(FileManager.default.contentsEqual(atPath: state, andPath: straight))
  }

  @Test func `a text that is stopped anywhere says so, and goes on`() throws {
    let context = StageContext(workspace: try Workspace.openForReading(workspace))
    let generator = try context.openGenerator(run: "main")
    let settings = GenerationSettings(temperature: 0)
    for pieces in [0, 1, 2, 30] {
      var text = try generator.begin(settings)
      let stop = StopSignal()
      var seen = 0
      if pieces == 0 { stop.request() }
      let first = try generator.goOn(
        &text,
        with: "One day",
        tokens: 1_000,
        keepsTail: true,
        stop: stop
      ) { _ in
        seen += 1
        if seen == pieces { stop.request() }
      }
      #expect(first.end == .interrupted && first.tokens < 1_000)
      let rest = try generator.goOn(&text, tokens: 50, stop: StopSignal()) { _ in }
      var straight = try generator.begin(settings)
      let whole = try generator.goOn(
        &straight,
        with: "One day",
        tokens: first.tokens + 50,
        stop: StopSignal()
      ) { _ in }
      #expect(first.text + rest.text == whole.text, "\(pieces)")
      #expect(throws: Interrupted.self) {
        try generator.continuePrompt(settings, stop: stop) { _ in }
      }
    }
  }

  @Test func `one text goes on in several ways`() throws {
    let base = ["-w", workspace, "--tokens", "8"]
    let state = trained.folder("state")
    _ = try run(["generate", "One day", "--save-state", state] + base)
    let prompts = [" and then", " but", ""]
    let together = try run(["generate"] + prompts + ["--continue", state, "--json"] + base)
      .split(separator: "\n")
      .map { try JSONDecoder().decode(GeneratedText.self, from: Data($0.utf8)) }
    for (index, prompt) in prompts.enumerated() {
      #expect(try json(["generate", prompt, "--continue", state] + base) == together[index])
    }
    let seeded = try json(["generate", "", "--continue", state, "--seed", "9"] + base)
    #expect(seeded.text != together[2].text)
  }

  @Test func `what is no saved text of this model is refused`() throws {
    try train("other", [])
    let state = trained.folder("state")
    _ = try run(["generate", "One", "--tokens", "5", "-w", workspace, "--save-state", state])
    func expectRefusal(_ path: String, run: String = "main", _ part: String) throws {
      let result = try Program.run(
        ["generate", "x", "-w", workspace, "--run", run, "--continue", path]
      )
      #expect(result.status == 1 && result.output.isEmpty, "\(path): \(result)")
      #expect(result.errors.contains(path) && result.errors.contains(part), "\(result.errors)")
      #expect(result.errors.contains("what to do"), "\(result.errors)")
    }
    try expectRefusal(state, run: "other", "another model")
    try expectRefusal(trained.folder("none"), "cannot be opened")
    try expectRefusal(workspace, "not a regular file")
    try expectRefusal(try trained.folder.write("text", "no state at all"), "header")
    let weights = workspace + "/runs/main/checkpoints/step-000012/model.safetensors"
    try expectRefusal(weights, "is not a text that was saved")
    let whole = [UInt8](try Data(contentsOf: URL(filePath: state)))
    let broken = trained.folder("broken")
    for place in stride(from: 0, to: whole.count, by: whole.count / 40) {
      var bytes = whole
      bytes[place] ^= 1 << (place % 8)
      try Data(bytes).write(to: URL(filePath: broken))
      try expectRefusal(broken, "what to do")
      try Data(whole[..<place]).write(to: URL(filePath: broken))
      try expectRefusal(broken, "what to do")
    }
    let several = try Program.run(
      ["generate", "a", "b", "-w", workspace, "--save-state", trained.folder("two")]
    )
    #expect(several.status == 64 && several.errors.contains("each with a file of its own"))
    #expect(!FileManager.default.fileExists(atPath: trained.folder("two")))
    let nowhere = try Program.run(
      [
        "generate", "a", "-w", workspace, "--tokens", "1", "--save-state",
        trained.folder("no/where"),
      ]
    )
    #expect(nowhere.status == 1 && nowhere.errors.contains("no/where"), "\(nowhere.errors)")
  }

  /// Files whose digest is right and whose content no text can have.
  @Test func `a saved text with numbers that no text has is refused`() throws {
    let state = trained.folder("state")
    _ = try run(["generate", "One", "--tokens", "5", "-w", workspace, "--save-state", state])
    struct Configuration: Decodable {
      var model: ModelConfiguration
    }
    let configuration = try JSONDecoder().decode(
      Configuration.self,
      from: Data(contentsOf: URL(filePath: workspace + "/runs/main/config.json"))
    )
    let model = try Model(configuration.model)
    let metadata = try Safetensors.metadata(from: state)
    let tensors = try Safetensors.read(DecodingState.layout(model), from: state)
    let changed = trained.folder("changed")
    func write(_ text: String, _ tensors: ParameterBuffer) throws {
      var metadata = metadata
      metadata["text"] = text
      var hash = SHA256()
      hash.update((metadata["model"] ?? "") + text)
      for value in tensors.values {
        hash.update(bytes: (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) })
      }
      metadata["sha256"] = hash.finish().description
      try Safetensors.write(tensors, metadata: metadata, to: changed)
    }
    func refusal() throws -> String {
      let result = try Program.run(["generate", "-w", workspace, "--continue", changed])
      #expect(result.status == 1 && result.output.isEmpty, "\(result)")
      return result.errors
    }
    let text = try #require(metadata["text"])
    try write(text, tensors)
    _ = try run(["generate", "-w", workspace, "--continue", changed])
    for value in [Float.nan, .infinity] {
      var broken = tensors
      broken.values[3] = value
      try write(text, broken)
      #expect(try refusal().contains("not finite"))
    }
    func replacing(_ field: String, by value: String) throws -> String {
      let whole = try JSONSerialization.jsonObject(with: Data(text.utf8))
      var object = (whole as? [String: Any]) ?? [:]
      object[field] = try JSONSerialization.jsonObject(
        with: Data(value.utf8),
        options: .fragmentsAllowed
      )
      let data = try JSONSerialization.data(withJSONObject: object)
      return String(decoding: data, as: UTF8.self)
    }
    for (field, value) in [
      ("stepCount", "-1"), ("stepCount", "9007199254740993"), ("unread", "[]"),
      ("unread", "[300]"), ("unread", "[4294967295]"), ("unread", "[-1]"), ("held", "[256]"),
      ("end", "\"tokens\""), ("settings", "{}"), ("sampler", "null"),
    ] {
      try write(replacing(field, by: value), tensors)
      #expect(try refusal().contains("what no text can have"), "\(field) \(value)")
    }
  }
}
