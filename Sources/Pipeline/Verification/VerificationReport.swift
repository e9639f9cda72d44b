import Storage

/// Something in a workspace that is not as the index, the ledger or a manifest says.
public struct Finding: Sendable, Encodable, Equatable {
  /// What repair acts on.
  enum Damage: Sendable, Hashable {
    /// The index itself.
    case index
    /// The shards of a source, or its rows.
    case source(String)
    /// What a stage made, but for a source.
    case made(StageProduct)
    /// What a stage of another kind wrote.
    case stage(String)
    /// Answers of a judge.
    case answers(judge: Int)
    /// A column of scores.
    case scores(column: String)
    /// A file or folder that nothing refers to, relative to the workspace.
    case leftover(String)
  }

  private enum CodingKeys: CodingKey {
    case what
    case place
    case remedy
    case count
  }

  /// What is wrong, as one clause without a full stop.
  public let what: String
  /// Where: the file, with offset, line or document of the first case.
  public let place: String
  /// What to do, as one imperative clause without a full stop.
  public let remedy: String
  /// How often, in this file.
  public internal(set) var count: Int
  let damage: Damage
}

/// What a stage makes under a name of its own: a folder, and rows of the index.
struct StageProduct: Sendable, Hashable {
  /// The kinds, by the folder of the workspace that holds them.
  enum Kind: String, Sendable, CaseIterable {
    case selections
    case tokenizers
    case tokens
  }

  let kind: Kind
  let name: String

  /// The folder, relative to the workspace.
  var folder: String { "\(kind.rawValue)/\(name)" }

  /// The stage, as the ledger names it.
  var stage: String {
    switch kind {
    case .selections: "select \(name)"
    case .tokenizers: "tokenizer \(name)"
    case .tokens: "tokenize \(name)"
    }
  }

  /// The table of the rows that the stage makes.
  var table: CorpusIndex.StageTable {
    switch kind {
    case .selections: .selection
    case .tokenizers: .tokenizer
    case .tokens: .tokenRange
    }
  }
}

/// What verification looked at and found.
public struct VerificationReport: Sendable, Encodable {
  /// What was looked at of one kind.
  public struct Part: Sendable, Encodable, Equatable {
    /// What: `source childes`, `selection main`, `tokenizer main`, `tokens main--main`.
    public let name: String
    /// Counts by name: documents, words, bytes, frames, files.
    public let counts: [String: Int]
  }

  /// The folder.
  public let workspace: String
  /// Whether nothing is wrong.
  public var isSound: Bool { findings.isEmpty }
  /// What is wrong.
  public internal(set) var findings: [Finding] = []
  /// What is not wrong but worth knowing: stages that an interruption left undone, files that blalm
  /// did not make.
  public internal(set) var notes: [String] = []
  /// What was looked at.
  public internal(set) var parts: [Part] = []
  /// The bytes read from files.
  public internal(set) var bytesRead = 0
  /// The bytes of the documents' texts among them, decompressed.
  public internal(set) var textBytes = 0
  /// How long it took.
  public internal(set) var seconds = 0.0

  private enum CodingKeys: CodingKey {
    case workspace
    case isSound
    case findings
    case notes
    case parts
    case bytesRead
    case textBytes
    case seconds
  }

  init(workspace: String) { self.workspace = workspace }

  /// Encodes the report with ``isSound``.
  ///
  /// - Parameter encoder: The encoder to write to.
  /// - Throws: What the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(workspace, forKey: .workspace)
    try container.encode(isSound, forKey: .isSound)
    try container.encode(findings, forKey: .findings)
    try container.encode(notes, forKey: .notes)
    try container.encode(parts, forKey: .parts)
    try container.encode(bytesRead, forKey: .bytesRead)
    try container.encode(textBytes, forKey: .textBytes)
    try container.encode(seconds, forKey: .seconds)
  }

  /// The report as one JSON object with sorted keys.
  public var json: String { canonicalJSON(self) }
}
