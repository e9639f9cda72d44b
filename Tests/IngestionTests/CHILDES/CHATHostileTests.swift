import Documents
import Files
import Ingestion
import TestSupport
import Testing

/// Inputs made to exhaust memory, time or trust; each ends in a rejection or a failure that says so.
@Suite struct CHATHostileTests {
  let reader = CHATReader(options: CHATReader.Options(labels: .none))

  /// What became of the transcripts of one file: texts of documents, reasons of rejections.
  func outcomes(ofFile path: String, name: String) throws -> [String] {
    var result: [String] = []
    try reader.forEachRecord(in: InputFile(path: path, name: name)) { record in
      for outcome in try reader.outcomes(of: record) {
        switch outcome {
        case .document(let document): result.append("\(document.key): \(document.text)")
        case .rejection(let rejection):
          let line = rejection.origin.line.map { ":\($0)" } ?? ""
          result.append("\(rejection.origin.file)\(line): \(rejection.reason)")
        }
      }
    }
    return result
  }

  func outcomes(of bytes: [UInt8], name: String) throws -> [String] {
    try withTemporaryFolder { folder in
      try outcomes(ofFile: try write(bytes, to: name, in: folder), name: name)
    }
  }

  /// The outcomes of a file, and the processor seconds that they took.
  func measuredOutcomes(of bytes: [UInt8]) throws -> (outcomes: [String], seconds: Double) {
    var result: [String] = []
    let seconds = try processorSeconds { result = try outcomes(of: bytes, name: "x.cha") }
    return (result, seconds)
  }

  @Test func `a file of 100 MB with one line is rejected`() throws {
    var bytes = Array("@UTF8\n*CHI:\t".utf8)
    bytes += [UInt8](repeating: UInt8(ascii: "a"), count: 100_000_000)
    let (outcomes, seconds) = try measuredOutcomes(of: bytes)
    #expect(outcomes == ["x.cha: transcriptTooLong"])
    #expect(seconds < 5)
  }

  @Test func `a line of 60 MB is rejected and the rest goes on`() throws {
    var bytes = Array("@UTF8\n*CHI:\tyes .\n*CHI:\t".utf8)
    for _ in 0..<12_000_000 { bytes += [0x77, 0x6f, 0x72, 0x64, 0x20] }
    bytes += Array(".\n*MOT:\tgood .\n".utf8)
    let (outcomes, seconds) = try measuredOutcomes(of: bytes)
    #expect(outcomes == ["x.cha: yes.\ngood.", "x.cha:3: utteranceTooLong"])
    #expect(seconds < 5)
  }

  @Test(arguments: [("<", "> [/]"), ("[= ", "]"), ("<a [: ", "]>"), ("[", "]"), ("‹", "›")])
  func `10,000 nested brackets are rejected`(open: String, close: String) throws {
    let count = 10_000
    let tier =
      String(repeating: open, count: count) + "word" + String(repeating: close, count: count)
    let text = "@UTF8\n*CHI:\tyes .\n*CHI:\t\(tier) .\n*MOT:\tgood .\n"
    let (outcomes, seconds) = try measuredOutcomes(of: Array(text.utf8))
    #expect(outcomes == ["x.cha: yes.\ngood.", "x.cha:3: nestingTooDeep"])
    #expect(seconds < 2)
  }

  @Test func `headers and speakers without number cost no more than their bytes`() throws {
    var text = "@UTF8\n@Languages:\t" + String(repeating: "eng, ", count: 10_000) + "\n"
    for index in 0..<100_000 {
      text +=
        "@ID:\teng|own|P\(index)|||||Child|||\n@H\(index):\tx\n*S\(index):\tyes .\n%t\(index):\tx\n"
    }
    let (outcomes, seconds) = try measuredOutcomes(of: Array(text.utf8))
    #expect(outcomes.count == 1 && outcomes[0].utf8.count { $0 == 0x0a } == 99_999)
    #expect(seconds < 10)
  }

  @Test func `a file of nothing but stray lines is rejected whole`() throws {
    let text = "@UTF8\n*CHI:\tyes .\n" + String(repeating: "what is this\n", count: 100_000)
    #expect(try outcomes(of: Array(text.utf8), name: "x.cha") == ["x.cha: tooManyFaults"])
  }

  @Test func `a member whose name leads out of the archive is rejected`() throws {
    let outcomes = try outcomes(of: Self.unsafe, name: "x.zip")
    #expect(outcomes.count == 5)
    #expect(outcomes.filter { $0.hasSuffix(": unsafeMemberName") }.count == 4)
    #expect(outcomes.contains("Own/two.cha: yes."))
    #expect(outcomes.contains("x.zip!../one.cha: unsafeMemberName"))
  }

  @Test func `a member that unpacks to more than a transcript is rejected`() throws {
    #expect(
      try outcomes(of: Self.vast, name: "x.zip")
        == ["Own/one.cha: yes.", "x.zip!Own/big.cha: transcriptTooLong", "Own/two.cha: yes."]
    )
  }

  @Test func `a zip bomb is a failure that says so`() throws {
    var failure: Failure?
    let seconds = try processorSeconds {
      do {
        _ = try outcomes(of: Self.bomb, name: "x.zip")
      } catch let refused as Failure {
        failure = refused
      }
    }
    #expect(failure?.what.contains("200 times its size") == true)
    #expect(seconds < 10)
  }

  // The archives were made with Python 3.11's zipfile, the large members with bzip2.

  /// A good transcript, and four whose names lead out of the archive.
  static let unsafe = bytes(
    base64: """
      UEsDBBQAAAAIAAAAIVhtRD4zIAAAAB4AAAAKAAAALi4vb25lLmNoYXMIDXGz4HJwSk3PzOPScvbwtOKsTC1W0ONycM
      1L4QIAUEsDBBQAAAAIAAAAIVhtRD4zIAAAAB4AAAALAAAAT3duL3R3by5jaGFzCA1xs+BycEpNz8zj0nL28LTirEwt
      VtDjcnDNS+ECAFBLAwQUAAAACAAAACFYbUQ+MyAAAAAeAAAACgAAAC90aHJlZS5jaGFzCA1xs+BycEpNz8zj0nL28L
      TirEwtVtDjcnDNS+ECAFBLAwQUAAAACAAAACFYbUQ+MyAAAAAeAAAAEgAAAE93bi8uLi8uLi9mb3VyLmNoYXMIDXGz
      4HJwSk3PzOPScvbwtOKsTC1W0ONycM1L4QIAUEsDBBQAAAAIAAAAIVhtRD4zIAAAAB4AAAAPAAAAT3duXC4uXGZpdm
      UuY2hhcwgNcbPgcnBKTc/M49Jy9vC04qxMLVbQ43JwzUvhAgBQSwECFAMUAAAACAAAACFYbUQ+MyAAAAAeAAAACgAA
      AAAAAAAAAAAAgAEAAAAALi4vb25lLmNoYVBLAQIUAxQAAAAIAAAAIVhtRD4zIAAAAB4AAAALAAAAAAAAAAAAAACAAU
      gAAABPd24vdHdvLmNoYVBLAQIUAxQAAAAIAAAAIVhtRD4zIAAAAB4AAAAKAAAAAAAAAAAAAACAAZEAAAAvdGhyZWUu
      Y2hhUEsBAhQDFAAAAAgAAAAhWG1EPjMgAAAAHgAAABIAAAAAAAAAAAAAAIAB2QAAAE93bi8uLi8uLi9mb3VyLmNoYV
      BLAQIUAxQAAAAIAAAAIVhtRD4zIAAAAB4AAAAPAAAAAAAAAAAAAACAASkBAABPd25cLi5cZml2ZS5jaGFQSwUGAAAA
      AAUABQAmAQAAdgEAAAAA
      """
  )

  /// Two good transcripts, and between them one of 64 MiB and a byte.
  static let vast = bytes(
    base64: """
      UEsDBC4AAAAMAAAAIVhtRD4zSwAAAB4AAAALAAAAT3duL29uZS5jaGFCWmg5MUFZJlNZEpqMUwAABl+AADBAEQBQW2
      AGAAahCCAgACKGhoNBoxCgAxGmmjSiCJqNdcB5FA9n2WjZFZgb4u5IpwoSAlNRimBQSwMELgAAAAwAAAAhWHiaCwxQ
      AAAAAQAABAsAAABPd24vYmlnLmNoYUJaaDkxQVkmU1kOCeLfAV+OQADAAAAIIAAwgE1GQqAlqQqAlzFBWSZTWT1wlV
      EAonPAAOAAAAggADDMBSmmqKiE2BKiE8XckU4UJAhY1DvAUEsDBC4AAAAMAAAAIVhtRD4zSwAAAB4AAAALAAAAT3du
      L3R3by5jaGFCWmg5MUFZJlNZEpqMUwAABl+AADBAEQBQW2AGAAahCCAgACKGhoNBoxCgAxGmmjSiCJqNdcB5FA9n2W
      jZFZgb4u5IpwoSAlNRimBQSwECLgMuAAAADAAAACFYbUQ+M0sAAAAeAAAACwAAAAAAAAAAAAAAgAEAAAAAT3duL29u
      ZS5jaGFQSwECLgMuAAAADAAAACFYeJoLDFAAAAABAAAECwAAAAAAAAAAAAAAgAF0AAAAT3duL2JpZy5jaGFQSwECLg
      MuAAAADAAAACFYbUQ+M0sAAAAeAAAACwAAAAAAAAAAAAAAgAHtAAAAT3duL3R3by5jaGFQSwUGAAAAAAMAAwCrAAAA
      YQEAAAAA
      """
  )

  /// Four transcripts of 48 MiB of zeros in less than a kilobyte.
  static let bomb = bytes(
    base64: """
      UEsDBC4AAAAMAAAAIVjGLEPdTgAAAAAAAAMJAAAAT3duLzAuY2hhQlpoOTFBWSZTWQ4J4t8BX45AAMAAAAggADCATU
      ZCoCWpCoCXMUFZJlNZ2ibZtwAh9EAAwAAACCAAMIApGzSKqDRRVQcXckU4UJDGNRwJUEsDBC4AAAAMAAAAIVjGLEPd
      TgAAAAAAAAMJAAAAT3duLzEuY2hhQlpoOTFBWSZTWQ4J4t8BX45AAMAAAAggADCATUZCoCWpCoCXMUFZJlNZ2ibZtw
      Ah9EAAwAAACCAAMIApGzSKqDRRVQcXckU4UJDGNRwJUEsDBC4AAAAMAAAAIVjGLEPdTgAAAAAAAAMJAAAAT3duLzIu
      Y2hhQlpoOTFBWSZTWQ4J4t8BX45AAMAAAAggADCATUZCoCWpCoCXMUFZJlNZ2ibZtwAh9EAAwAAACCAAMIApGzSKqD
      RRVQcXckU4UJDGNRwJUEsDBC4AAAAMAAAAIVjGLEPdTgAAAAAAAAMJAAAAT3duLzMuY2hhQlpoOTFBWSZTWQ4J4t8B
      X45AAMAAAAggADCATUZCoCWpCoCXMUFZJlNZ2ibZtwAh9EAAwAAACCAAMIApGzSKqDRRVQcXckU4UJDGNRwJUEsBAi
      4DLgAAAAwAAAAhWMYsQ91OAAAAAAAAAwkAAAAAAAAAAAAAAIABAAAAAE93bi8wLmNoYVBLAQIuAy4AAAAMAAAAIVjG
      LEPdTgAAAAAAAAMJAAAAAAAAAAAAAACAAXUAAABPd24vMS5jaGFQSwECLgMuAAAADAAAACFYxixD3U4AAAAAAAADCQ
      AAAAAAAAAAAAAAgAHqAAAAT3duLzIuY2hhUEsBAi4DLgAAAAwAAAAhWMYsQ91OAAAAAAAAAwkAAAAAAAAAAAAAAIAB
      XwEAAE93bi8zLmNoYVBLBQYAAAAABAAEANwAAADUAQAAAAA=
      """
  )
}
