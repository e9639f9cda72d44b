import Documents
import Files

/// Reads CHAT transcripts, the format of CHILDES and the other TalkBank corpora (`.cha`).
///
/// One transcript is one document, one utterance one line. The text is what the speakers meant to
/// say, as ordinary writing, under the rules of <doc:Ingestion>; raising ``version`` accompanies any
/// change to them. Dependent tiers are passed over. It does not validate: TalkBank's own tools do.
public struct CHATReader: SourceReader {
  /// What a recipe may set.
  public struct Options: Codable, Equatable, Sendable {
    /// Whether and how a line names its speaker.
    public enum Labels: String, Codable, Sendable, CaseIterable {
      /// The speaker's code, a colon and a space: `MOT: sit down.`
      case code
      /// Nothing.
      case none
    }

    /// How a line names its speaker.
    public var labels: Labels
    /// The least number of words of an utterance, its label not counted; shorter ones are left out.
    public var minimumWords: Int
    /// The encoding of the transcripts.
    public var encoding: TextEncoding

    /// Creates options.
    ///
    /// - Parameters:
    ///   - labels: How a line names its speaker.
    ///   - minimumWords: The least number of words of an utterance.
    ///   - encoding: The encoding of the transcripts.
    public init(labels: Labels = .code, minimumWords: Int = 0, encoding: TextEncoding = .utf8) {
      self.labels = labels
      self.minimumWords = minimumWords
      self.encoding = encoding
    }
  }

  /// The extensions of this source's files.
  public static let extensions = ["cha", "zip"]

  /// The version of the rules.
  public let version = 1
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

  /// Hands over the transcripts of a zip archive, or the one that a file is.
  ///
  /// - Parameters:
  ///   - input: A `.cha` file, plain or compressed, or a zip archive of such files.
  ///   - body: Receives each transcript.
  /// - Throws: ``Failure`` where the file is empty or damaged or the archive holds no transcript;
  ///   what `body` throws.
  public func forEachRecord(
    in input: InputFile,
    _ body: (RawRecord) throws -> Void
  ) throws {
    guard isZip(try firstBytes(ofFile: input.path)) else {
      let bytes = try wholeFile(input.path)
      return try body(RawRecord(bytes: bytes, origin: Origin(file: input.name), ordinal: 0))
    }
    var ordinal = 0
    try forEachMember(ofZip: input.path) { name, bytes in
      guard name.lowercased().hasSuffix(".cha") else { return }
      let origin = Origin(file: "\(input.name)!\(name)")
      try body(
        RawRecord(bytes: bytes, origin: origin, ordinal: ordinal, attributes: ["member": name])
      )
      ordinal += 1
    }
    if ordinal == 0 {
      throw Failure(
        what: "the archive holds no transcript (.cha)",
        place: input.path,
        remedy: "give an archive as TalkBank serves it, or leave this one out"
      )
    }
  }

  /// Makes a transcript's document.
  ///
  /// - Parameter record: A transcript.
  /// - Returns: The document, or the one reason why there is none.
  /// - Throws: ``Failure`` where the transcript is not valid in the stated encoding.
  /// - Complexity: Linear in the bytes.
  public func outcomes(of record: RawRecord) throws -> [IngestOutcome] {
    let bytes = try TextHygiene.decoded(
      record.bytes,
      encoding: options.encoding,
      origin: record.origin
    )
    var transcript = CHATTranscript(options: options)
    transcript.read(bytes.span)
    func rejected(_ reason: String, _ detail: String = "") -> [IngestOutcome] {
      [.rejection(Rejection(reason: reason, origin: record.origin, detail: detail))]
    }
    guard transcript.isCHAT else {
      return rejected("not a CHAT transcript", "no @UTF8, @Begin or main tier was found")
    }
    guard transcript.utteranceCount > 0 else { return rejected("no utterances") }
    guard !transcript.text.isEmpty else {
      return rejected("no words", "\(transcript.utteranceCount) utterances, none with words")
    }
    let text = TextHygiene.withoutControls(transcript.text)
    let path =
      record.attributes["member"]
      ?? InputFile(path: "", name: record.origin.file)
      .uncompressedName
    let document = Document(
      source: source,
      key: transcriptKey(path: path, corpus: transcript.headers.corpus),
      text: String(decoding: text, as: UTF8.self),
      license: "CC-BY-NC-SA-3.0",
      origin: record.origin,
      metadata: transcript.metadata
    )
    return [.document(document)]
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

func isZip(_ magic: [UInt8]) -> Bool {
  magic.starts(with: [0x50, 0x4b, 3, 4]) || magic.starts(with: [0x50, 0x4b, 5, 6])
}

/// A transcript's bytes; the bound keeps a file of compressed zeros from filling the memory.
private func wholeFile(_ path: String, limit: Int = 1 << 30) throws -> [UInt8] {
  var bytes: [UInt8] = []
  try forEachChunk(ofFile: path) { chunk in
    append(chunk, to: &bytes)
    guard bytes.count > limit else { return }
    throw Failure(
      what: "the transcript is longer than \(limit) bytes",
      place: path,
      remedy: "check that the file is a transcript"
    )
  }
  return bytes
}
