import Documents
import Files
import Foundation
import Rubrics
import TestSupport
import Testing

/// A model taught from made-up texts: the more words of the garden, the higher the score.
@Suite struct DistilledModelTests {
  static let garden = ["tulip", "spade", "compost", "seedling", "greenhouse", "pruning", "mulch"]
  static let office = ["invoice", "meeting", "ledger", "printer", "deadline", "memo", "tariff"]

  static func text(_ number: Int, score: Int) -> String {
    var numbers = SeededNumbers(UInt64(number))
    return (0..<60).map { place in
      let words = place % 5 < score ? garden : office
      return words[Int(numbers.next() % UInt64(words.count))]
    }.joined(separator: " ")
  }

  static func trained(
    _ settings: DistillationSettings,
    texts: Range<Int> = 0..<300
  ) throws -> DistilledModel {
    var training = DistilledTraining(settings, scale: 0...5)
    for number in texts {
      let score = number % 6
      training.add(
        DocumentID(source: "s", key: "\(number)"),
        Array(text(number, score: score).utf8),
        score: Double(score)
      )
    }
    let description = DistilledModel.Description(
      rubric: "r",
      rubricHash: "h",
      column: "r_judge",
      teacher: ""
    )
    return try training.model(description) {}
  }

  static var settings: DistillationSettings {
    var settings = DistillationSettings()
    settings.bits = 14
    return settings
  }

  @Test func `a model learns what goes with a score and says how well`() throws {
    let report = try Self.trained(Self.settings).description.report
    let agreement = try #require(report.heldOut)
    #expect(report.trainedTexts + agreement.texts == 300)
    #expect((40...80).contains(agreement.texts))
    #expect(try #require(agreement.quadraticWeightedKappa) > 0.9)
    #expect(try #require(agreement.spearman) > 0.9)
    #expect(try #require(report.meanAbsoluteError) < #require(report.meanAbsoluteErrorOfMean) / 2)
  }

  @Test func `scores without sense are not learnt`() throws {
    var training = DistilledTraining(Self.settings, scale: 0...5)
    var numbers = SeededNumbers(5)
    for number in 0..<400 {
      training.add(
        DocumentID(source: "s", key: "\(number)"),
        Array(Self.text(number, score: number % 6).utf8),
        score: Double(numbers.next() % 6)
      )
    }
    let description = DistilledModel.Description(
      rubric: "r",
      rubricHash: "h",
      column: "c",
      teacher: ""
    )
    let model = try training.model(description) {}
    #expect(abs(try #require(model.description.report.heldOut?.quadraticWeightedKappa)) < 0.35)
  }

  @Test func `a second training gives the same model, another seed another`() throws {
    let model = try Self.trained(Self.settings)
    #expect(try Self.trained(Self.settings) == model)
    var other = Self.settings
    other.seed = 2
    #expect(try Self.trained(other) != model)
  }

  @Test func `case, digits and white space do not matter, and earlier texts leave no trace`() throws
  {
    let model = try Self.trained(Self.settings)
    var scorer = DistilledScorer(model)
    let plain = Array("tulip 12 spade ledger".utf8)
    let score = scorer.score(plain.span)
    #expect(scorer.score(Array("\tTULIP  97\n\nSpade ledger ".utf8).span) == score)
    #expect(scorer.score(Array("memo memo tulip".utf8).span) != score)
    #expect(scorer.score(plain.span) == score)
    for strange in [[], [0xff, 0x00, 0xc3], Array("🌷".utf8)] as [[UInt8]] {
      #expect((0...5).contains(scorer.score(strange.span)))
    }
  }

  @Test func `a file gives the model back, and a judge that names it`() throws {
    let folder = try TemporaryFolder()
    let model = try Self.trained(Self.settings)
    let written = try DistilledModelFile.write(model, to: folder("m.judge"))
    let read = try DistilledModelFile(path: folder("m.judge"))
    #expect(read.model == model && read.digest == written.digest)
    let identity = DistilledJudge(read).localIdentity
    #expect(identity.kind == "distilled" && identity.model == "distilled from r_judge")
    #expect(identity.parameters.contains(read.digest.description))
  }

  @Test func `hostile files are refused by name`() throws {
    let folder = try TemporaryFolder()
    _ = try DistilledModelFile.write(Self.trained(Self.settings), to: folder("m.judge"))
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: folder("m.judge"))))
    func signed(_ bytes: [UInt8]) -> [UInt8] { bytes + SHA256.hash(bytes).bytes }
    let body = Array(bytes.dropLast(32))
    func changed(_ old: String, _ new: String) throws -> [UInt8] {
      // The same length, so that nothing else moves.
      let place = try #require(body.firstRange(of: Array(old.utf8)))
      return signed(body[..<place.lowerBound] + Array(new.utf8) + body[place.upperBound...])
    }
    var infinite = body
    infinite.replaceSubrange(infinite.count - 4..<infinite.count, with: [0, 0, 0x80, 0x7f])
    let cases: [(name: String, bytes: [UInt8], message: String)] = [
      ("empty", [], "too short"),
      ("magic", signed(Array("GGUFxxxx".utf8) + body.dropFirst(8)), "no judge's model"),
      ("version", signed(body[..<8] + [9] + body[9...]), "version 9"),
      ("cut", Array(bytes.dropLast(1)), "checksum"),
      ("flipped", bytes[..<5_000] + [bytes[5_000] ^ 1] + bytes[5_001...], "checksum"),
      ("header", signed(body[..<12] + [0xff, 0xff, 0xff, 0xff] + body[16...]), "header"),
      ("short header", signed(body[..<12] + [3, 0, 0, 0] + body[16...]), "header"),
      ("buckets", signed(Array(body.dropLast(5))), "buckets"),
      ("bits", try changed("\"bits\":14", "\"bits\":63"), "does not know"),
      ("scale", try changed("\"highest\":5", "\"highest\":0"), "no training gives"),
      ("infinite", signed(infinite), "no training gives"),
    ]
    for (name, bytes, message) in cases {
      let path = try folder.write("\(name).judge", bytes)
      let failure = #expect(throws: Failure.self) { try DistilledModelFile(path: path) }
      #expect(failure?.description.contains(message) == true, "\(name): \(failure as Any)")
      #expect(failure?.place.contains("\(name).judge") == true)
    }
  }
}
