import Files
import Foundation
import Modeling
import TestSupport
import Testing

@Suite struct SafetensorsTests {
  private let layout = ParameterLayout(packing: [
    ("b.weight", [2, 3], .muon), ("scalar", [], .adam), ("a", [1], .adamWithDecay),
  ])
  private let values: [Float] = [1, 2, 3, 4, 5, -6.5, 7, 0.25]

  private var buffer: ParameterBuffer {
    var buffer = ParameterBuffer(zerosFor: layout)
    buffer.values = values
    return buffer
  }

  /// Made by safetensors 0.8.0 for Python:
  /// `save({"b.weight": [[1,2,3],[4,5,-6.5]], "a": [0.25], "scalar": 7}, {"format": "pt"})`,
  /// all float32.
  private let fixture = """
    0AAAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCJ9LCJhIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUi\
    OlsxXSwiZGF0YV9vZmZzZXRzIjpbMCw0XX0sImIud2VpZ2h0Ijp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsyLDNd\
    LCJkYXRhX29mZnNldHMiOls0LDI4XX0sInNjYWxhciI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbXSwiZGF0YV9v\
    ZmZzZXRzIjpbMjgsMzJdfX0gAACAPgAAgD8AAABAAABAQAAAgEAAAKBAAADQwAAA4EA=
    """

  @Test func `the bytes are those of the Python library`() throws {
    try withFolder { folder in
      let path = folder + "/tiny.safetensors"
      try Safetensors.write(buffer, to: path)
      #expect(try Data(contentsOf: URL(filePath: path)).base64EncodedString() == fixture)
      #expect(try Safetensors.read(layout, from: path) == buffer)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["tiny.safetensors"])
    }
  }

  @Test func `own strings come back, however odd`() throws {
    try withFolder { folder in
      let path = folder + "/tiny.safetensors"
      let metadata = ["step": "20", "odd \"\\\n\u{1}": "caf\u{e9}\t\u{1f600}"]
      try Safetensors.write(buffer, metadata: metadata, to: path)
      let found = try Safetensors.metadata(from: path)
      #expect(found == metadata.merging(["format": "pt"]) { $1 })
    }
  }

  @Test func `a layout beyond all memory is refused by its shape`() throws {
    try withFolder { folder in
      let path = folder + "/tiny.safetensors"
      try Safetensors.write(buffer, to: path)
      let huge = ParameterLayout(packing: [("a", [1 << 40, 1 << 10], .muon)])
      let error = #expect(throws: Failure.self) { try Safetensors.read(huge, from: path) }
      #expect(error?.what.contains("shape") == true)
    }
  }

  @Test func `several buffers share a file under their prefixes`() throws {
    try withFolder { folder in
      let path = folder + "/moments.safetensors"
      let second = ParameterBuffer(zerosFor: layout.filter { $0.rule != .muon })
      try Safetensors.write(
        sections: [.init(prefix: "x.", buffer: buffer), .init(prefix: "a.", buffer: second)],
        to: path
      )
      let found = try Safetensors.read(
        sections: [("x.", layout), ("a.", second.layout)],
        from: path
      )
      #expect(found == [buffer, second])
    }
  }

  /// Runs where a Python with numpy and safetensors is at hand.
  @Test(.enabled(if: pythonHasSafetensors))
  func `Python reads what is written`() throws {
    try withFolder { folder in
      let path = folder + "/tiny.safetensors"
      try Safetensors.write(buffer, metadata: ["name": "nano"], to: path)
      let program = """
        import sys
        from safetensors import safe_open
        with safe_open(sys.argv[1], "np") as f:
            print(f.metadata()["name"], {k: f.get_tensor(k).tolist() for k in sorted(f.keys())})
        """
      let expected =
        "nano {'a': [0.25], 'b.weight': [[1.0, 2.0, 3.0], [4.0, 5.0, -6.5]], 'scalar': 7.0}\n"
      #expect(runPython(["-c", program, path]) == expected)
    }
  }

  @Test(arguments: [
    (##"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"##, 4, "\"b.weight\" is missing"),
    (entries(a: ##""dtype":"BF16","shape":[1],"data_offsets":[0,4]"##), 32, "type BF16"),
    (entries(a: ##""dtype":"F32","shape":[2],"data_offsets":[0,4]"##), 32, "shape [2], not [1]"),
    (entries(a: ##""dtype":"F32","shape":[1],"data_offsets":[0,8]"##), 32, "overlaps"),
    (entries(a: ##""dtype":"F32","shape":[1],"data_offsets":[0,2]"##), 32, "gap"),
    (entries(a: ##""dtype":"F32","shape":[1],"data_offsets":[4,0]"##), 32, "not a range"),
    (entries(a: ##""dtype":"F32","shape":[1],"data_offsets":[-4,0]"##), 32, "not a range"),
    (entries(a: ##""dtype":"F32","shape":[1]"##), 32, "tensor \"a\": no data_offsets"),
    (entries(a: ##""dtype":"F32","shape":[1],"data_offsets":[0,1e300]"##), 32, "cannot be read"),
    (entries(a: ##""dtype":"F32","shape":"x","data_offsets":[0,4]"##), 32, "\"a\""),
    (entries(a: valid), 28, "passes the end"),
    (entries(a: valid), 36, "4 bytes after the last tensor"),
    (
      entries(a: valid, more: ##","z":{"dtype":"F32","shape":[0],"data_offsets":[32,32]}"##), 32,
      "\"z\" is not part"
    ),
    (##"{"##, 32, "header cannot be read"),
    (##"[1]"##, 32, "header cannot be read"),
    (String(repeating: "[", count: 100_000), 32, "header cannot be read"),
  ])
  func `a hostile file is refused by name`(header: String, dataCount: Int, message: String) throws {
    try withFolder { folder in
      let path = folder + "/hostile.safetensors"
      let json = Array(header.utf8)
      var bytes = (0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) } + json
      bytes += [UInt8](repeating: 0, count: dataCount)
      try Data(bytes).write(to: URL(filePath: path))
      let error = #expect(throws: Failure.self) {
        try Safetensors.read(layout, from: path)
      }
      #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
      #expect(error?.place == path)
    }
  }

  /// A header of which any byte was changed is the same to JSON or refused; it never traps, and no
  /// buffer of another shape comes back.
  @Test func `whatever byte of a header changes, the file is read or refused`() throws {
    try withFolder { folder in
      let path = folder + "/tiny.safetensors"
      try Safetensors.write(buffer, metadata: ["step": "3"], to: path)
      let whole = try Data(contentsOf: URL(filePath: path))
      let length = Int(whole[0]) + 256 * Int(whole[1])
      var refusals = 0
      for place in 0..<8 + length {
        let bytes = [whole[place] ^ 1, whole[place] ^ 0x80, 0, 0x22, 0x2c, 0x2d, 0x39, 0x5d, 0xff]
        for byte in bytes where byte != whole[place] {
          var changed = whole
          changed[place] = byte
          try changed.write(to: URL(filePath: path))
          do {
            #expect(try Safetensors.read(layout, from: path).layout == layout)
          } catch let failure as Failure {
            refusals += 1
            #expect(failure.place == path)
          }
        }
      }
      #expect(refusals > 1_000)
    }
  }

  @Test(arguments: [[UInt8](), [1, 2, 3], [UInt8](repeating: 255, count: 40)])
  func `a file too short for its header is refused`(bytes: [UInt8]) throws {
    try withFolder { folder in
      let path = folder + "/short.safetensors"
      try Data(bytes).write(to: URL(filePath: path))
      #expect(throws: Failure.self) { try Safetensors.read(layout, from: path) }
    }
  }

  @Test func `a folder, a missing file and a missing folder are refused`() throws {
    try withFolder { folder in
      for path in [folder, folder + "/none"] {
        #expect(throws: Failure.self) { try Safetensors.read(layout, from: path) }
      }
      #expect(throws: Failure.self) {
        try Safetensors.write(buffer, to: folder + "/none/x.safetensors")
      }
    }
  }

  private static let valid = ##""dtype":"F32","shape":[1],"data_offsets":[0,4]"##

  private static func entries(a: String, more: String = "") -> String {
    ##"{"a":{\##(a)},"b.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[4,28]},"##
      + ##""scalar":{"dtype":"F32","shape":[],"data_offsets":[28,32]}\##(more)}"##
  }
}

private let pythonHasSafetensors =
  runPython(["-c", "import numpy, safetensors; print(1)"]) == "1\n"

/// Runs `python3`, or the one that `BLALM_PYTHON` names; `nil` where it fails.
private func runPython(_ arguments: [String]) -> String? {
  let process = Process()
  let python = ProcessInfo.processInfo.environment["BLALM_PYTHON"] ?? "python3"
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = [python] + arguments
  let output = Pipe()
  process.standardOutput = output
  process.standardError = FileHandle.nullDevice
  guard (try? process.run()) != nil else { return nil }
  let bytes = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return process.terminationStatus == 0 ? String(decoding: bytes, as: UTF8.self) : nil
}

private func withFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.path + "/blalm-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try body(folder)
}
