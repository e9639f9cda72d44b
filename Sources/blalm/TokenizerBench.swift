// How fast the tokenizer trains and encodes, and how fast others do.

import ArgumentParser
import Files
import Foundation
import Pipeline
import Tokenization

extension BenchCommand {
  /// `blalm bench tokenizer`.
  struct Vocabulary: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "tokenizer",
      abstract: "Time the learning of a vocabulary on all cores and encoding on one.",
      discussion: """
        Others are timed on the same text where the Python that --python names has their packages: \
        gigatoken, rustbpe, tiktoken, tokenizers. Each runs in a process of its own. Learning is \
        timed by the clock, with reading the files; encoding by the seconds of the processor, with \
        finding the documents and making room for the ids. "Cold" begins with an empty cache of \
        words. Peak memory is that of a new process that learns once, beyond what it held before: \
        the program or Python with the package; rustbpe and tokenizers take their documents from \
        Python, which do not count.
        """
    )

    @Argument(help: "Text files; blank lines part documents.", completion: .file())
    var files: [String]

    @Option(help: "The number of ids.")
    var vocabularySize = 16_384

    @Option(help: "How often to measure; the best counts.")
    var rounds = 3

    @Option(help: "The Python whose packages to time.")
    var python = "python3"

    @Flag(help: "Print one JSON object on standard output.")
    var json = false

    @Flag(help: .hidden)
    var memoryOnly = false

    func validate() throws {
      guard rounds >= 1 else { throw ValidationError("--rounds must be at least 1.") }
    }

    func run() throws {
      let benchmark = TokenizerBenchmark(files: files)
      if memoryOnly {
        forgetPeakMemory()
        let before = peakMemory()
        _ = try benchmark.train(vocabularySize: vocabularySize)
        if let before, let peak = peakMemory() { print(Double(peak - before) / 1e6) }
        return
      }
      var own = TokenizerFigure(name: "blalm")
      own.trainPeakMegabytes = try ownPeak()
      var tokenizer: Tokenizer?
      for _ in 0..<rounds {
        let trained = try benchmark.train(vocabularySize: vocabularySize)
        own.trainSeconds = min(own.trainSeconds ?? .infinity, trained.seconds)
        tokenizer = trained.tokenizer
      }
      guard let tokenizer else { return }
      let text = try benchmark.text()
      let megabytes = Double(text.count) / 1e6
      for _ in 0..<rounds {
        var encoder = TokenEncoder(tokenizer)
        let cold = benchmark.encode(text, with: &encoder)
        let warm = benchmark.encode(text, with: &encoder)
        own.coldMegabytesPerSecond = max(
          own.coldMegabytesPerSecond ?? 0,
          megabytes / cold.seconds
        )
        own.warmMegabytesPerSecond = max(
          own.warmMegabytesPerSecond ?? 0,
          megabytes / warm.seconds
        )
        own.tokens = warm.ids
      }
      show([own] + (try peers(text, tokenizer)), json: json, line: \.summary)
    }

    /// The peak memory of learning in a process of its own; `nil` where the system does not tell.
    private func ownPeak() throws -> Double? {
      let process = Process()
      process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
      process.arguments =
        ["bench", "tokenizer", "--memory-only", "--vocabulary-size", "\(vocabularySize)", "--"]
        + files
      let output = Pipe()
      process.standardOutput = output
      do { try process.run() } catch { return nil }
      let answer = try output.fileHandleForReading.readToEnd() ?? Data()
      process.waitUntilExit()
      return Double(String(decoding: answer, as: UTF8.self).filter { !$0.isNewline })
    }

    /// The figures of the packages that are there.
    private func peers(_ text: [UInt8], _ tokenizer: Tokenizer) throws -> [TokenizerFigure] {
      let folder = FileManager.default.temporaryDirectory
        .appending(path: "blalm-bench-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      try tokenizer.write(to: folder)
      try Data(text).write(to: URL(filePath: folder + "/text"))
      try Data(tokenizerPeers.utf8).write(to: URL(filePath: folder + "/peers.py"))
      var figures: [TokenizerFigure] = []
      for name in ["gigatoken", "rustbpe", "tiktoken", "tokenizers"] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
          [python, folder + "/peers.py", name, folder, "\(vocabularySize)", "\(rounds)"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { continue }
        let answer = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0,
          let line = answer.split(separator: 10).last,
          let figure = try? JSONDecoder().decode(TokenizerFigure.self, from: Data(line))
        else { continue }
        figures.append(figure)
      }
      return figures
    }
  }
}

/// What was measured of one tokenizer; `nil` for what it does not do.
private struct TokenizerFigure: Codable {
  var name: String
  var trainSeconds: Double?
  /// The peak memory of a new process that trains once, beyond what it held before.
  var trainPeakMegabytes: Double?
  var coldMegabytesPerSecond: Double?
  var warmMegabytesPerSecond: Double?
  /// The ids of the whole text.
  var tokens: Int?

  var summary: String {
    func figure(_ value: Double?, _ decimals: Int, _ unit: String) -> String {
      padded(value.map { rounded($0, decimals) + " " + unit } ?? "–", 12)
    }
    return padded(name, 12) + "train " + figure(trainSeconds, 2, "s") + "peak "
      + figure(trainPeakMegabytes, 0, "MB") + "encode cold "
      + figure(coldMegabytesPerSecond, 0, "MB/s")
      + "warm " + figure(warmMegabytesPerSecond, 0, "MB/s")
      + (tokens.map { grouped($0) + " ids" } ?? "")
  }
}

/// Makes the system count the peak of this process's memory anew, where it can.
private func forgetPeakMemory() {
  try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
}

/// The most bytes of memory that this process has held; `nil` where the system does not tell.
///
/// Not from `getrusage`, whose peak a process inherits from the one that started it.
private func peakMemory() -> Int? {
  guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
    let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
  else { return nil }
  return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
    .map { $0 * 1_024 }
}

/// Times one Python package and prints a figure in its last line.
///
/// Its arguments are the package's name, the folder with the text and the tokenizer, the number of ids
/// and the number of rounds.
private let tokenizerPeers = #"""
  import json, os, sys, time
  name, folder, size, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
  path = folder + "/text"
  megabytes = os.path.getsize(path) / 1e6
  figure = {"name": name}
  def peak():
      return next(int(line.split()[1]) * 1024 / 1e6 for line in open("/proc/self/status")
          if line.startswith("VmHWM:"))
  def forget_peak():
      with open("/proc/self/clear_refs", "w") as file: file.write("5")
      return peak()
  def train(work):
      for _ in range(rounds):
          before, start = forget_peak(), time.perf_counter()
          work()
          seconds = time.perf_counter() - start
          figure["trainSeconds"] = min(seconds, figure.get("trainSeconds", seconds))
          figure.setdefault("trainPeakMegabytes", peak() - before)
  def encode(make, work):
      for _ in range(rounds):
          tokenizer = make()
          for key in ("coldMegabytesPerSecond", "warmMegabytesPerSecond"):
              start = time.process_time()
              result = work(tokenizer)
              speed = megabytes / (time.process_time() - start)
              figure[key] = max(speed, figure.get(key, 0))
      return result
  os.environ["RAYON_NUM_THREADS"] = str(os.cpu_count())
  if name == "gigatoken":
      import gigatoken
      source = lambda: gigatoken.TextFileSource([path], separator=b"\n\n")
      train(lambda: gigatoken.train_bpe(source(), size, ["<|endoftext|>", "<|pad|>"]))
      result = encode(lambda: gigatoken.Tokenizer(folder + "/tokenizer.json"),
          lambda t: t.encode_files(source(), parallel=False))
      import awkward
      figure["tokens"] = int(awkward.count(result))
  else:
      texts = [d for d in open(path, "rb").read().decode("utf-8", "replace").split("\n\n") if d]
  if name == "rustbpe":
      import rustbpe
      gpt2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
      train(lambda: rustbpe.Tokenizer().train_from_iterator(iter(texts), size - 2, pattern=gpt2))
  if name == "tiktoken":
      import tiktoken
      file = json.load(open(folder + "/tokenizer.json"))
      alphabet = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
      characters = alphabet + [256 + i for i in range(68)]
      bytes_in_order = alphabet + [b for b in range(256) if b not in alphabet]
      byte = {chr(c): b for c, b in zip(characters, bytes_in_order)}
      specials = {t["content"]: t["id"] for t in file["added_tokens"]}
      ranks = {bytes(byte[c] for c in t): i for t, i in file["model"]["vocab"].items()
          if t not in specials}
      gpt2 = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"
      result = encode(lambda: tiktoken.Encoding("t", pat_str=gpt2, mergeable_ranks=ranks,
          special_tokens=specials), lambda t: [t.encode_ordinary(d) for d in texts])
      figure["tokens"] = sum(map(len, result))
  if name == "tokenizers":
      os.environ["TOKENIZERS_PARALLELISM"] = "true"
      from tokenizers import Tokenizer, models, pre_tokenizers, trainers
      rounds = 1
      def work():
          tokenizer = Tokenizer(models.BPE())
          tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
          tokenizer.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=size, min_frequency=2,
              special_tokens=["<|endoftext|>", "<|pad|>"], show_progress=False,
              initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
      train(work)
      os.environ["TOKENIZERS_PARALLELISM"] = "false"
      result = encode(lambda: Tokenizer.from_file(folder + "/tokenizer.json"),
          lambda t: [len(e.ids) for e in t.encode_batch_fast(texts, add_special_tokens=False)])
      figure["tokens"] = sum(result)
  print(json.dumps(figure))
  """#
