import Documents
import Files

/// Reads CHAT transcripts, the format of CHILDES and the other TalkBank corpora, and TalkBank XML.
///
/// One transcript is one document, one utterance one line. What of an utterance is text is decided by
/// a named ``CHATTextPolicy``; <doc:CHILDES> has the table of constructs. Dependent tiers are passed
/// over. An utterance with a fault is a counted rejection, and the rest of its transcript goes on. It
/// does not validate: TalkBank's own tools do.
public struct CHATReader: SourceReader {
  /// The extensions of this source's files.
  public static let extensions = ["cha", "xml", "zip"]

  /// The version of the rules.
  public let version = 3
  /// The recipe's name for the source.
  public let source: String
  /// What the recipe sets.
  public let options: Options

  /// Creates a reader.
  ///
  /// - Parameters:
  ///   - source: The recipe's name for the source.
  ///   - options: What the recipe sets.
  public init(source: String = "childes", options: Options = Options()) {
    self.source = source
    self.options = options
  }

  /// The counts that add up over transcripts.
  public var summedMetadata: [String] { CHATTranscriptText.summedMetadata }

  /// Hands over the transcripts of a zip archive, or the one that a file is.
  ///
  /// - Parameters:
  ///   - input: A `.cha` or `.xml` file, plain or compressed, or a zip archive of such files.
  ///   - body: Receives each transcript.
  /// - Throws: ``Failure`` where the file is damaged, or the archive is empty, holds no transcript or
  ///   unpacks to more than is plausible; what `body` throws.
  public func forEachRecord(
    in input: InputFile,
    _ body: (RawRecord) throws -> Void
  ) throws {
    let origin = Origin(file: input.name)
    let isArchive = input.name.lowercased().hasSuffix(".zip")
    if !isArchive, try sizeOfReadableFile(input.path) == 0 {
      // One empty transcript among many is no reason to read none.
      return try body(RawRecord(bytes: [], origin: origin, ordinal: 0))
    }
    guard isZip(try firstBytes(ofFile: input.path)) else {
      guard let bytes = try wholeFile(input.path, limit: CHATLimits.transcriptBytes) else {
        return try body(faultyRecord(.transcriptTooLong, origin: origin, ordinal: 0))
      }
      return try body(RawRecord(bytes: bytes, origin: origin, ordinal: 0))
    }
    var ordinal = 0
    try forEachMember(
      ofZip: input.path,
      memberLimit: CHATLimits.transcriptBytes,
      expansionLimit: CHATLimits.archiveExpansion,
      isWanted: { name in
        let name = name.lowercased()
        return name.hasSuffix(".cha") || name.hasSuffix(".xml")
      },
      { name, bytes in
        let origin = Origin(file: "\(input.name)!\(name)")
        let fault: CHATFault? =
          bytes == nil ? .transcriptTooLong : leadsOut(name) ? .unsafeMemberName : nil
        if let fault {
          try body(faultyRecord(fault, origin: origin, ordinal: ordinal))
        } else {
          try body(
            RawRecord(
              bytes: bytes ?? [],
              origin: origin,
              ordinal: ordinal,
              attributes: ["member": name]
            )
          )
        }
        ordinal += 1
      }
    )
    if ordinal == 0 {
      throw Failure(
        what: "the archive holds no transcript (.cha or .xml)",
        place: input.path,
        remedy: "give an archive as TalkBank serves it, or leave this one out"
      )
    }
  }

  /// Makes a transcript's document.
  ///
  /// - Parameter record: A transcript.
  /// - Returns: The document, or the reason why there is none, and a rejection for every line whose
  ///   text could not be used.
  /// - Throws: ``Failure`` where the options say `strict` and anything is faulty.
  /// - Complexity: Linear in the bytes.
  public func outcomes(of record: RawRecord) throws -> [IngestOutcome] {
    if let fault = record.attributes["fault"].flatMap(CHATFault.init(rawValue:)) {
      return [try rejection(fault, of: record)]
    }
    if isXML(record.bytes.span) { return try outcomesOfXML(record) }
    guard let (bytes, encoding) = try decoded(record) else {
      return [try rejection(.notUTF8, of: record)]
    }
    var transcript = CHATTranscript(options: options)
    transcript.read(bytes.span)
    guard transcript.isCHAT else { return [try rejection(.notTranscript, of: record)] }
    return try outcomes(
      of: transcript.result,
      record: record,
      dependentTiers: transcript.dependentTiers,
      container: ["format": .text("chat"), "encoding": .text(encoding.rawValue)]
    )
  }

  private func outcomesOfXML(_ record: RawRecord) throws -> [IngestOutcome] {
    let transcript = TalkBankXML(options: options)
    if let (fault, line, detail) = try transcript.read(record.bytes.span, name: record.origin.file)
    {
      return [try rejection(fault, of: record, line: line, detail: detail)]
    }
    return try outcomes(
      of: transcript.result,
      record: record,
      dependentTiers: transcript.dependentTiers,
      container: ["format": .text("xml")]
    )
  }

  private func outcomes(
    of transcript: CHATTranscriptText,
    record: RawRecord,
    dependentTiers: [String: Int],
    container: [String: MetadataValue]
  ) throws -> [IngestOutcome] {
    if transcript.hasTooManyFaults { return [try rejection(.tooManyFaults, of: record)] }
    if let exclusion = transcript.exclusion {
      return [.rejection(makeRejection(exclusion, of: record))]
    }
    let faults = try transcript.faults.map { faulty in
      try rejection(faulty.fault, of: record, line: faulty.line)
    }
    guard transcript.utteranceCount > 0 else {
      return [.rejection(makeRejection(.noUtterances, of: record))] + faults
    }
    guard !transcript.text.isEmpty else {
      let detail = "\(transcript.utteranceCount) utterances, none with words under these options"
      return [.rejection(makeRejection(.noWords, of: record, detail: detail))] + faults
    }
    let path =
      record.attributes["member"]
      ?? InputFile(path: "", name: record.origin.file)
      .uncompressedName
    let key = transcriptKey(path: path, corpus: transcript.headers.corpus)
    var metadata = transcript.metadata.merging(container) { first, _ in first }
    metadata["path"] = .text(key)
    if !dependentTiers.isEmpty {
      metadata["dependentTiers"] = .object(dependentTiers.mapValues { .integer($0) })
    }
    let document = Document(
      source: source,
      key: key,
      text: String(decoding: transcript.text, as: UTF8.self),
      license: "CC-BY-NC-SA-3.0",
      origin: record.origin,
      metadata: metadata
    )
    return [.document(document)] + faults
  }

  /// A transcript's bytes as valid UTF-8, and the encoding that they were in.
  private func decoded(_ record: RawRecord) throws -> ([UInt8], TextEncoding)? {
    if options.encoding == .utf8 {
      if isValidUTF8(record.bytes.span) { return (record.bytes, .utf8) }
      guard !options.strict, record.bytes.starts(with: Array("@UTF8".utf8)) else { return nil }
    }
    let bytes = try TextHygiene.decoded(
      record.bytes,
      encoding: .windows1252,
      origin: record.origin
    )
    return (bytes, .windows1252)
  }

  // MARK: Rejections

  /// A rejection of something faulty, which `strict` makes a failure.
  private func rejection(
    _ fault: CHATFault,
    of record: RawRecord,
    line: Int? = nil,
    detail: String = ""
  ) throws -> IngestOutcome {
    let rejection = makeRejection(fault, of: record, line: line, detail: detail)
    guard !options.strict else {
      throw Failure(
        what: "\(rejection.detail) (\(fault.rawValue))",
        place: rejection.origin.line.map { "\(record.origin.file):\($0)" } ?? record.origin.file,
        remedy: "mend the transcript, or leave out `strict` to count such lines as rejections"
      )
    }
    return .rejection(rejection)
  }

  private func makeRejection(
    _ fault: CHATFault,
    of record: RawRecord,
    line: Int? = nil,
    detail: String = ""
  ) -> Rejection {
    Rejection(
      reason: fault.rawValue,
      origin: Origin(file: record.origin.file, line: line ?? record.origin.line),
      detail: detail.isEmpty ? fault.explanation : detail
    )
  }

  /// A record that stands for one that was not read.
  private func faultyRecord(_ fault: CHATFault, origin: Origin, ordinal: Int) -> RawRecord {
    RawRecord(
      bytes: [],
      origin: origin,
      ordinal: ordinal,
      attributes: ["fault": fault.rawValue]
    )
  }
}

/// A transcript's path from its corpus on, so that a zip, the folder unpacked from it and a folder
/// of many corpora give the same key.
///
/// The corpus is the first folder on the path that the transcript's own `@ID` lines name, whatever
/// the case of its letters; where there is none the whole path is the key.
func transcriptKey(path: String, corpus: String?) -> String {
  let parts = path.split(separator: "/").filter { $0 != "." && $0 != ".." }
  let corpus = corpus?.lowercased()
  let start = parts.dropLast().firstIndex { $0.lowercased() == corpus } ?? 0
  return parts[start...].joined(separator: "/")
}

/// Whether an archive member's name would leave the folder that it is unpacked to.
private func leadsOut(_ name: String) -> Bool {
  name.hasPrefix("/") || name.contains("\\")
    || name.split(separator: "/").contains { $0 == ".." }
}

func isZip(_ magic: [UInt8]) -> Bool {
  magic.starts(with: [0x50, 0x4b, 3, 4]) || magic.starts(with: [0x50, 0x4b, 5, 6])
}

/// Whether the first character is the one that only XML begins with.
private func isXML(_ bytes: Span<UInt8>) -> Bool {
  var index = bytes.count >= 3 && bytes[0] == 0xef && bytes[1] == 0xbb ? 3 : 0
  while index < bytes.count, bytes[index] <= 0x20 { index += 1 }
  return index < bytes.count && bytes[index] == UInt8(ascii: "<")
}

private func isValidUTF8(_ bytes: Span<UInt8>) -> Bool {
  (try? UTF8Span(validating: bytes)) != nil
}

/// A file's bytes, or `nil` where they are more than the limit; so compressed zeros cannot fill the
/// memory.
private func wholeFile(_ path: String, limit: Int) throws -> [UInt8]? {
  struct TooLong: Error {}
  var bytes: [UInt8] = []
  do {
    try forEachChunk(ofFile: path) { chunk in
      guard bytes.count + chunk.count <= limit else { throw TooLong() }
      append(chunk, to: &bytes)
    }
  } catch is TooLong {
    return nil
  }
  return bytes
}
