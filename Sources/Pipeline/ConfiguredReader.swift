// The sources that can be read, by name, each with its reader and the reader's options.
//
// Adding a source: its reader in Ingestion, one case in `SourceFormat`, one line here.

import Files
public import Ingestion
public import Settings

/// The formats that `blalm ingest` knows, named as the sources that serve them.
public enum SourceFormat: String, Sendable, CaseIterable {
  case childes
  case wikipedia
  case tinystories
  case finewebEdu = "fineweb-edu"
  case gutenberg
  case cosmopedia
  case babylm
  case text
  case jsonl
  case csv
  case parquet

  /// Finds a format by name.
  ///
  /// - Parameters:
  ///   - name: What the user wrote.
  ///   - place: Where, for the message.
  /// - Throws: ``Failure`` with the nearest known name.
  public init(named name: String, place: String) throws {
    guard let format = SourceFormat(rawValue: name) else {
      let known = SourceFormat.allCases.map(\.rawValue)
      throw Failure(
        .usage,
        what: "`\(name)` is no known source format",
        place: place,
        remedy: nearestName(to: name, among: known).map { "did you mean `\($0)`?" }
          ?? "name one of \(known.joined(separator: ", ")) with `format:`"
      )
    }
    self = format
  }

  /// The extensions by which a folder's files are found; a compression's may follow.
  public var fileExtensions: [String] {
    switch self {
    case .childes: CHATReader.extensions
    case .wikipedia: WikipediaReader.extensions
    case .tinystories: TinyStoriesReader.extensions
    case .finewebEdu: FineWebEduReader.extensions
    case .gutenberg: GutenbergReader.extensions
    case .cosmopedia: CosmopediaReader.extensions
    case .babylm: BabyLMReader.extensions
    case .text: PlainTextReader.extensions
    case .jsonl: JSONLinesReader.extensions
    case .csv: CSVReader.extensions
    case .parquet: ParquetReader.extensions
    }
  }
}

/// A reader with its options, and the options as they enter the stage's fingerprint.
public struct ConfiguredReader: Sendable {
  /// The reader.
  public let reader: any SourceReader
  /// The options as JSON with sorted keys.
  public let options: String

  /// Makes the reader of a format.
  ///
  /// - Parameters:
  ///   - format: The format.
  ///   - source: The source's name, part of every document's identity.
  ///   - given: What differs from the reader's defaults, or `nil`.
  /// - Throws: ``Failure`` with the line of an option that cannot be understood.
  public init(_ format: SourceFormat, source: String, options given: Setting?) throws {
    func read<Options: Codable>(_ defaults: Options) throws -> Options {
      try given?.decode(over: defaults) ?? defaults
    }
    switch format {
    case .childes:
      let options = try read(CHATReader.Options())
      reader = CHATReader(source: source, options: options)
      self.options = canonicalJSON(options)
    case .wikipedia:
      let options = try read(WikipediaReader.Options())
      reader = WikipediaReader(source: source, options: options)
      self.options = canonicalJSON(options)
    case .tinystories:
      let options = try read(TinyStoriesReader.Options())
      reader = TinyStoriesReader(source: source, options: options)
      self.options = canonicalJSON(options)
    case .finewebEdu:
      let options = try read(FineWebEduReader.Options())
      reader = FineWebEduReader(source: source, options: options)
      self.options = canonicalJSON(options)
    case .gutenberg:
      let options = try read(GutenbergReader.Options())
      reader = GutenbergReader(source: source, options: options)
      self.options = canonicalJSON(options)
    case .cosmopedia:
      let options = try read(CosmopediaReader.Options())
      reader = CosmopediaReader(source: source, options: options)
      self.options = canonicalJSON(options)
    case .babylm:
      let options = try read(BabyLMReader.Options())
      reader = BabyLMReader(source: source, options: options)
      self.options = canonicalJSON(options)
    case .text:
      let options = try read(PlainTextReader.Options())
      reader = PlainTextReader(source: source, options: options)
      self.options = canonicalJSON(options)
    case .jsonl:
      let options = try read(JSONLinesReader.Options())
      reader = JSONLinesReader(source: source, options: options)
      self.options = canonicalJSON(options)
    case .csv:
      let options = try read(CSVReader.Options())
      reader = CSVReader(source: source, options: options)
      self.options = canonicalJSON(options)
    case .parquet:
      let options = try read(ParquetReader.Options())
      reader = ParquetReader(source: source, options: options)
      self.options = canonicalJSON(options)
    }
  }
}
