import Documents
import Ingestion
import Pipeline
import Synchronization
import Testing

@Suite struct ReadAheadTests {
  /// Yields `count` records of `size` bytes for each file, and fails in the file named `broken`.
  struct NumberReader: SourceReader {
    struct Broken: Error, Equatable { let file: String }

    let version = 1
    let count: Int
    let size: Int

    func forEachRecord(in input: InputFile, _ body: (RawRecord) throws -> Void) throws {
      for ordinal in 0..<count {
        if input.name.hasPrefix("broken"), ordinal == count / 2 { throw Broken(file: input.name) }
        try body(
          RawRecord(
            bytes: [UInt8](repeating: 1, count: size),
            origin: Origin(file: input.name),
            ordinal: ordinal
          )
        )
      }
    }

    func outcomes(of record: RawRecord) throws -> [IngestOutcome] { [] }
  }

  func files(_ names: [String]) -> [InputFile] {
    names.map { InputFile(path: "/nowhere/" + $0, name: $0) }
  }

  @Test(arguments: [(1, 3_000_000, 9), (20_000, 10, 7), (0, 1, 5), (3, 1, 100), (5, 20_000_000, 3)])
  func `records come in the files' order, whatever the batches`(
    count: Int,
    size: Int,
    fileCount: Int
  ) throws {
    let names = (0..<fileCount).map { "f\($0)" }
    var found: [String] = []
    var batches = 0
    try forEachBatchAhead(of: files(names), with: NumberReader(count: count, size: size)) {
      batch,
      _ in
      #expect(!batch.isEmpty)
      batches += 1
      found += batch.map { "\($0.origin.file) \($0.ordinal)" }
    }
    #expect(found == names.flatMap { name in (0..<count).map { "\(name) \($0)" } })
    // Small files share a batch; large ones are cut.
    if count == 3 { #expect(batches == 1) }
    if size == 20_000_000 { #expect(batches == count * fileCount) }
  }

  @Test func `the first broken file in order is the one that is reported`() {
    let reader = NumberReader(count: 10, size: 1)
    for names in [
      ["a", "broken1", "broken2"], ["broken1", "broken2", "a"], ["a", "b", "broken1"],
    ] {
      #expect(throws: NumberReader.Broken(file: "broken1")) {
        try forEachBatchAhead(of: files(names), with: reader) { _, _ in }
      }
    }
  }

  @Test func `a caller that gives up ends the reading threads`() {
    struct Stop: Error {}
    for _ in 0..<20 {
      #expect(throws: Stop.self) {
        try forEachBatchAhead(
          of: files(["a", "b", "c"]),
          with: NumberReader(count: 100, size: 1_000_000)
        ) { _, _ in throw Stop() }
      }
    }
  }

  @Test func `the worker pool keeps the order and throws the first error`() throws {
    struct Odd: Error, Equatable { let number: Int }
    let numbers = Array(0..<1_003)
    #expect(try WorkerPool.map(numbers) { $0 * 2 } == numbers.map { $0 * 2 })
    #expect(try WorkerPool.map([Int]()) { $0 } == [])
    #expect(throws: Odd(number: 500)) {
      try WorkerPool.map(numbers) { number in
        if number >= 500 { throw Odd(number: number) }
        return number
      }
    }
  }
}
