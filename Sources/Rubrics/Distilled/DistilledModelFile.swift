// A distilled model's file: what begins it, a header of JSON, the buckets, and a SHA-256 over it all.
//
//   bytes 0 to 7    "BLALMJDG"
//   8 to 11         the format's version, little-endian like every number here
//   12 to 15        the length of the header
//   then            the header: JSON
//   then            one byte a bucket: its importance
//   then            one 32-bit float a bucket: its weight
//   the last 32     the SHA-256 of all before
//
// Whatever a file holds, reading it gives a model whose scores are finite and on its scale, or a
// failure that says what is wrong.

public import Documents
import Files
import Foundation

/// A distilled model with the digest of the file that holds it.
public struct DistilledModelFile: Sendable {
  private static let magic = Array("BLALMJDG".utf8)
  private static let version: UInt32 = 1
  private static let largestHeader = 1_000_000
  private static let bits = 10...22

  /// The model.
  public let model: DistilledModel
  /// The SHA-256 of the file but its last 32 bytes.
  public let digest: SHA256.Digest

  private struct Header: Codable {
    let description: DistilledModel.Description
    let lowest: Int
    let highest: Int
    let bits: Int
    let features: Int
    let intercept: Double
    let ordinal: OrdinalScale
  }

  /// Writes a model, whole or not at all.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - path: The file, which is replaced where there is one.
  /// - Returns: The file.
  /// - Throws: ``Failure`` where it cannot be written.
  package static func write(_ model: DistilledModel, to path: String) throws -> DistilledModelFile {
    let header = Header(
      description: model.description,
      lowest: model.scale.lowerBound,
      highest: model.scale.upperBound,
      bits: model.bits,
      features: featureVersion,
      intercept: model.intercept,
      ordinal: model.ordinal
    )
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let json = try? encoder.encode(header) else {
      preconditionFailure("the model holds a number that is not finite")
    }
    var bytes = magic
    append(version, to: &bytes)
    append(UInt32(json.count), to: &bytes)
    bytes += json
    bytes += model.importances
    for weight in model.weights { append(weight.bitPattern, to: &bytes) }
    let digest = SHA256.hash(bytes)
    bytes += digest.bytes
    try writeDurably(bytes, to: path)
    return DistilledModelFile(model: model, digest: digest)
  }

  private init(model: DistilledModel, digest: SHA256.Digest) {
    self.model = model
    self.digest = digest
  }

  /// Reads a model.
  ///
  /// - Parameter path: The file.
  /// - Throws: ``Failure`` where there is none, or it is not a whole model of this format.
  public init(path: String) throws {
    func refusal(_ what: String) -> Failure {
      Failure(
        what: what,
        place: path,
        remedy: "name a model of `blalm score train`, or train it again"
      )
    }
    let file = try BinaryFile(path: path)
    let most = 16 + DistilledModelFile.largestHeader + 5 << DistilledModelFile.bits.upperBound + 32
    guard file.size >= 16 + 32 else { throw refusal("the file is too short for a judge's model") }
    guard file.size <= most else { throw refusal("the file is too long for a judge's model") }
    let bytes = try file.bytes(at: 0, count: file.size)
    guard bytes.starts(with: DistilledModelFile.magic) else {
      throw refusal("the file is no judge's model: it does not begin with BLALMJDG")
    }
    let version = number(bytes, 8)
    guard version == DistilledModelFile.version else {
      throw refusal("the file has version \(version) of the format, and this program reads 1")
    }
    let end = bytes.count - 32
    digest = SHA256.hash(Array(bytes[..<end]))
    guard digest.bytes == Array(bytes[end...]) else {
      throw refusal("the file is damaged: its checksum is another")
    }
    let headerEnd = 16 + Int(number(bytes, 12))
    guard headerEnd <= end,
      let header = try? JSONDecoder().decode(Header.self, from: Data(bytes[16..<headerEnd]))
    else { throw refusal("the header cannot be read") }
    guard header.features == featureVersion, DistilledModelFile.bits.contains(header.bits) else {
      throw refusal("the model reads texts in a way that this program does not know")
    }
    let buckets = 1 << header.bits
    guard end == headerEnd + 5 * buckets else {
      throw refusal("the file does not hold \(buckets) buckets as its header says")
    }
    var weights: [Float] = []
    weights.reserveCapacity(buckets)
    for bucket in 0..<buckets {
      weights.append(Float(bitPattern: number(bytes, headerEnd + buckets + 4 * bucket)))
    }
    let limits = -1_000...1_000
    let cuts = header.ordinal.cuts
    guard limits.contains(header.lowest), limits.contains(header.highest),
      header.lowest < header.highest, limits.contains(header.ordinal.lowest),
      cuts.count <= 2_000, cuts.allSatisfy({ abs($0) <= 1e6 }), abs(header.intercept) <= 1e6,
      header.ordinal.width > 0,
      zip(cuts, cuts.dropFirst()).allSatisfy({ $0 <= $1 }),
      weights.allSatisfy({ abs($0) <= 1e6 })
    else { throw refusal("the model holds numbers that no training gives") }
    model = DistilledModel(
      description: header.description,
      scale: header.lowest...header.highest,
      bits: header.bits,
      intercept: header.intercept,
      ordinal: header.ordinal,
      importances: Array(bytes[headerEnd..<headerEnd + buckets]),
      weights: weights
    )
  }
}

private func append(_ number: UInt32, to bytes: inout [UInt8]) {
  for shift in [0, 8, 16, 24] as [UInt32] {
    bytes.append(UInt8(truncatingIfNeeded: number >> shift))
  }
}

private func number(_ bytes: [UInt8], _ place: Int) -> UInt32 {
  UInt32(bytes[place]) | UInt32(bytes[place + 1]) << 8 | UInt32(bytes[place + 2]) << 16
    | UInt32(bytes[place + 3]) << 24
}
