import Files
import Foundation
import Ingestion
import Testing

/// The files of apache/parquet-testing, which are not part of the project, against pyarrow.
///
/// Skips where ../shared/data or pyarrow is absent; `BLALM_PYTHON` names a Python that has pyarrow.
@Suite struct ParquetRealFilesTests {
  static let folder = sharedData.path + "/parquet"
  static let hasFiles = FileManager.default.fileExists(atPath: folder)
  static let python = ProcessInfo.processInfo.environment["BLALM_PYTHON"] ?? "python3"
  static let hasPyarrow = (try? run(["-c", "import pyarrow"])) != nil

  struct PeerValues: Decodable {
    var columns: [String: [String]]?
    var error: String?
  }

  static func run(_ arguments: [String]) throws -> Data {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [python] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableRuntimeMismatch) }
    return data
  }

  static func files(_ part: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder + "/" + part)
      .filter { $0.hasSuffix(".parquet") || $0.hasSuffix(".parquet.encrypted") }.sorted()
      .map { folder + "/" + part + "/" + $0 }
  }

  /// What refuses a whole file of `data`, in the words of its failure.
  static let refusals = [
    "encrypt": "encryption", "external_key_material": "encryption",
    "corrupt-checksum": "a page does not have its checksum",
  ]

  @Test(.enabled(if: hasFiles && hasPyarrow, "needs ../shared/data and pip install pyarrow"))
  func `every sound file reads as with pyarrow or is refused with a reason`() throws {
    let paths = try Self.files("data")
    #expect(paths.count > 80)
    let script = ParquetFixture.path("parquet_peer.py")
    let peer = try JSONDecoder()
      .decode([String: PeerValues].self, from: Self.run([script] + paths))
    for path in paths {
      let name = String(path.dropFirst(Self.folder.count + 1))
      do {
        let (values, refusals) = try ParquetFixture.read(path)
        for (column, values) in values {
          var expected = peer[path]?.columns?[column]
          // pyarrow lets the year 290000 wrap around where Spark's own arithmetic does not; the
          // file's notes state 9089380393200000000 microseconds.
          if name == "data/int96_from_spark.parquet" {
            expected?[5] = ParquetFixture.notation(.text("+290000-12-30T23:00:00"))
          }
          #expect(values == expected, "\(name), \(column)")
        }
        let reasons = refusals.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        print(
          "\(name): \(values.count) columns as pyarrow reads them"
            + (reasons.isEmpty ? "" : "; refused \(reasons.joined(separator: ", "))")
        )
      } catch let failure as Failure {
        let expected = Self.refusals.first { name.contains($0.key) }?.value
        #expect(expected.map { failure.what.contains($0) } == true, "\(name): \(failure)")
        #expect(peer[path]?.columns == nil, "\(name)")
        print("\(name): refused: \(failure.what)")
      }
    }
  }

  @Test(.enabled(if: hasFiles, "needs ../shared/data"))
  func `every damaged file is refused`() throws {
    let paths = try Self.files("bad_data")
    #expect(paths.count == 8)
    for path in paths {
      let name = String(path.dropFirst(Self.folder.count + 1))
      do {
        let (values, refusals) = try ParquetFixture.read(path)
        if name.hasSuffix("ARROW-GH-43605.parquet") {
          // Its notes say no more than that the places in its dictionary take 0 bits. That crashed
          // one reader, but breaks no rule: the format (Encodings.md, RLE_DICTIONARY) states the
          // greatest width alone, 32, and a dictionary of one entry needs none. Polars wrote it, and
          // pyarrow reads the same values.
          #expect(values == ["min_fl": [String](repeating: "0", count: 21_186)])
          print("\(name): sound, 21186 zeros as pyarrow reads them")
        } else {
          // Its only column is of a kind that is not read.
          #expect(values.isEmpty && !refusals.isEmpty, "\(name)")
          print("\(name): refused: \(refusals)")
        }
      } catch let failure as Failure {
        print("\(name): refused: \(failure.what)")
      }
    }
  }
}
