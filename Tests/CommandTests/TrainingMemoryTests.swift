import Foundation
import TestSupport
import Testing

/// What training holds and asks for, measured on the real program from outside.
@Suite struct TrainingMemoryTests {
  /// Stands before the C library's allocator and counts what is asked of it.
  static let counter = """
    #include <stdatomic.h>
    #include <stdio.h>
    #include <stdlib.h>
    extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t);
    extern void *__libc_realloc(void *, size_t), *__libc_memalign(size_t, size_t);
    static atomic_long all, large;
    static void count(size_t size) { all++; if (size >= 4096) large++; }
    void *malloc(size_t size) { count(size); return __libc_malloc(size); }
    void *calloc(size_t n, size_t size) { count(n * size); return __libc_calloc(n, size); }
    void *realloc(void *p, size_t size) { count(size); return __libc_realloc(p, size); }
    void *memalign(size_t a, size_t size) { count(size); return __libc_memalign(a, size); }
    void *aligned_alloc(size_t a, size_t size) { count(size); return __libc_memalign(a, size); }
    int posix_memalign(void **p, size_t a, size_t size) {
      count(size);
      *p = __libc_memalign(a, size);
      return *p ? 0 : 12;
    }
    __attribute__((destructor)) static void report(void) {
      const char *path = getenv("ALLOCATION_COUNTS");
      long a = all, l = large;
      FILE *file = path ? fopen(path, "w") : 0;
      if (file) { fprintf(file, "%ld %ld", a, l); fclose(file); }
    }
    """

  @Test(arguments: ["openblas", "onednn"], ["adamw", "muon"])
  func `a step after the first allocates no buffer`(library: String, optimizer: String) throws {
    let folder = try TemporaryFolder()
    let source = try folder.write("count.c", Self.counter)
    let compiler = Process()
    compiler.executableURL = URL(filePath: "/usr/bin/env")
    compiler.arguments = [
      "clang", "-shared", "-fPIC", "-O1", "-w", source, "-o", folder("count.so"),
    ]
    try compiler.run()
    compiler.waitUntilExit()
    #expect(compiler.terminationStatus == 0)
    func counts(steps: Int) throws -> (all: Int, large: Int) {
      let settings = ["batchWindows=4", "windowsPerPass=1", "optimizer=\(optimizer)"]
      let result = try Program.run(
        ["bench", "train", "--threads", "1", "--steps", "\(steps)", "--model", "contextLength=64"]
          + settings.flatMap { ["--training", $0] },
        environment: [
          "LD_PRELOAD": folder("count.so"), "ALLOCATION_COUNTS": folder("counts"),
          "BLALM_PRODUCTS": library,
        ]
      )
      #expect(result.status == 0, "\(result.errors)")
      let text = try String(contentsOfFile: folder("counts"), encoding: .utf8)
      let numbers = text.split(separator: " ").compactMap { Int($0) }
      return (try #require(numbers.first), try #require(numbers.last))
    }
    let steps = 32
    let (few, many) = (try counts(steps: 1), try counts(steps: 1 + steps))
    #expect(few.large > 100, "the buffers themselves are counted")
    // One thread, since which of several first meets a shape, and makes oneDNN's code for it, is
    // chance. The program's start itself varies by a dozen or two, so it takes many steps to tell one
    // allocation a step from none.
    #expect(many.large - few.large < steps)
    // Left is the closure that the threads are handed, once for the batch and once for each of Muon's
    // 32 matrices; oneDNN keeps small books of its own.
    let rounds = optimizer == "muon" ? 33 : 1
    if library == "openblas" { #expect(many.all - few.all < steps * (rounds + 1)) }
  }

  @Test(arguments: [
    [], ["recomputeActivations=true"],
    [
      "convolutionWidth=4", "featureMap=hedgehog", "slidingWindow=bounded", "slidingWindowMemory=4",
      "recomputeActivations=true",
    ],
  ])
  func `the plan's sum is the memory of the run`(options: [String]) throws {
    let trained = try TrainedWorkspace()
    let workspace = trained.path
    let ofTraining = options.filter { $0.hasPrefix("recompute") }
    let ofModel = options.filter { !$0.hasPrefix("recompute") }
    let settings = ["batchWindows=8", "windowsPerPass=4", "maximumSteps=3", "epochs=3"]
    let arguments =
      ["train", "--name", "planned", "-w", workspace, "--quiet"]
      + (["contextLength=256", "hiddenSize=256"] + ofModel).flatMap { ["--model", $0] }
      + (settings + ofTraining).flatMap { ["--training", $0] }
    let planned = try Program.run(arguments + ["--plan", "--json"])
    #expect(planned.status == 0, "\(planned.errors)")
    struct Plan: Decodable {
      struct Buffer: Decodable { var name: String, bytes: Int }
      var buffers: [Buffer], bufferBytes: Int, baseBytes: Int, words: Int, stepCount: Int
    }
    let plan = try JSONDecoder().decode(Plan.self, from: Data(planned.output.utf8))
    #expect(plan.bufferBytes == plan.buffers.reduce(0) { $0 + $1.bytes })
    #expect(!FileManager.default.fileExists(atPath: workspace + "/runs/planned"))

    let process = Process()
    process.executableURL = URL(filePath: Program.path)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    var peak = 0
    while process.isRunning {
      let path = "/proc/\(process.processIdentifier)/status"
      let status = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
      let words = line.split(whereSeparator: \.isWhitespace)
      if words.count > 1 { peak = max(peak, 1_024 * (Int(words[1]) ?? 0)) }
      Thread.sleep(forTimeInterval: 0.001)
    }
    #expect(process.terminationStatus == 0)
    let ratio = Double(peak - plan.baseBytes) / Double(plan.bufferBytes)
    #expect(abs(ratio - 1) < 0.1, "peak \(peak), base \(plan.baseBytes), sum \(plan.bufferBytes)")
    let report = try String(
      contentsOfFile: workspace + "/runs/planned/report.json",
      encoding: .utf8
    )
    #expect(report.contains("\"words\" : \(plan.words)"))
    #expect(report.contains("\"steps\" : \(plan.stepCount)"))
  }
}
