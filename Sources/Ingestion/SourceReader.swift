public import Documents

/// A public source's file format: bytes become raw records, and raw records become documents.
///
/// The two halves are apart so that the first can run in file order on one thread while the second,
/// the costly one, runs for many records at once on all cores. Neither may keep state: the same
/// record always gives the same outcome.
public protocol SourceReader: Sendable {
  /// The version of this reader's rules; raised whenever the same bytes would give another text.
  var version: Int { get }

  /// The metadata whose integers the stage's report sums over all documents.
  ///
  /// An object's integers are summed by name; of a long list the report gives the greatest alone.
  var summedMetadata: [String] { get }

  /// The reasons of rejections after which the rest of a file is missing, of which a report warns.
  var reasonsToWarnOf: Set<String> { get }

  /// Cuts one input file into records, in file order.
  ///
  /// - Parameters:
  ///   - input: The file to read.
  ///   - body: Receives each record; what it throws ends the reading.
  /// - Throws: ``Failure`` where the file itself is damaged, empty or not in the format, naming the
  ///   path and the line or offset reached; what `body` throws.
  func forEachRecord(in input: InputFile, _ body: (RawRecord) throws -> Void) throws

  /// Makes the documents of one record, or says why there is none.
  ///
  /// - Parameter record: A record that ``forEachRecord(in:_:)`` produced.
  /// - Returns: Documents and rejections in record order; a record gives at least one of either.
  /// - Throws: ``Failure`` where the record shows that the file is damaged (invalid UTF-8).
  func outcomes(of record: RawRecord) throws -> [IngestOutcome]
}

extension SourceReader {
  /// Nothing is summed unless a reader says so.
  public var summedMetadata: [String] { [] }

  /// Of nothing, unless a reader says so.
  public var reasonsToWarnOf: Set<String> { [] }
}

/// A file given to a source, with the name under which its records are known.
public struct InputFile: Sendable, Equatable {
  /// Where to open it.
  public let path: String
  /// The path from the given folder's own name on, or the base name; independent of the machine.
  public let name: String

  /// Creates an input file.
  ///
  /// - Parameters:
  ///   - path: Where to open it.
  ///   - name: The machine-independent name.
  public init(path: String, name: String) {
    self.path = path
    self.name = name
  }
}

/// The bytes of one record before any rule has touched them.
public struct RawRecord: Sendable {
  /// The record's own bytes: a whole transcript, a page's wikitext, a story, a JSON line.
  public var bytes: [UInt8]
  /// Where it stands.
  public var origin: Origin
  /// The record's ordinal in its file, counted from 0; of a stretch, its first row's.
  public var ordinal: Int
  /// What the container says of it (title, page id, timestamp), by name.
  public var attributes: [String: String]
  /// The rows for which the record stands where its file is Parquet; the bytes are then empty.
  package private(set) var stretch: ParquetStretch?

  /// Creates a record.
  ///
  /// - Parameters:
  ///   - bytes: The record's bytes.
  ///   - origin: Where it stands.
  ///   - ordinal: Its ordinal in the file.
  ///   - attributes: What the container says of it.
  public init(
    bytes: [UInt8],
    origin: Origin,
    ordinal: Int,
    attributes: [String: String] = [:]
  ) {
    self.bytes = bytes
    self.origin = origin
    self.ordinal = ordinal
    self.attributes = attributes
  }

  /// Creates a record of several rows.
  package init(stretch: ParquetStretch, origin: Origin) {
    self.init(bytes: [], origin: origin, ordinal: stretch.firstRow)
    self.stretch = stretch
  }

  /// How many records this one stands for.
  package var count: Int { stretch?.rowCount ?? 1 }
  /// The bytes of the record, unpacked.
  package var size: Int { stretch?.size ?? bytes.count }
  /// The bytes that the record holds until it is made into documents.
  package var heldSize: Int { stretch?.heldSize ?? bytes.count }
}

/// What became of a record.
public enum IngestOutcome: Sendable {
  case document(Document)
  case rejection(Rejection)
}
