// What a run was started with, as its `config.json`; a resumed run must find the same.

import Files
internal import Foundation
private import Kernels
public import Modeling
internal import Tokenization

/// The model, the settings and the data of a run: all that decides its result.
public struct RunConfiguration: Sendable, Equatable, Codable {
  /// A token shard as the run saw it.
  public struct Shard: Sendable, Equatable, Codable {
    /// The path of its `.bin` file, from the run's folder where one leads there.
    public var path: String
    /// The number of ids.
    public var tokens: Int
    /// The SHA-256 of the `.bin` file, in hexadecimal digits.
    public var sha256: String
  }

  /// The shape of the network.
  public var model: ModelConfiguration
  /// How it is trained.
  public var settings: TrainingSettings
  /// The SHA-256 of the `tokenizer.json` that made the shards, in hexadecimal digits.
  public var tokenizer: String
  /// What it is trained on.
  public var train: Shard
  /// What it is measured on.
  public var dev: Shard?
  /// The library of large matrix products, which decides the last bits; `nil` in runs of older
  /// versions.
  public var products: String?

  /// Reads the `config.json` of a run.
  ///
  /// - Parameter directory: The run's folder.
  /// - Throws: `Failure` where there is none or it cannot be read.
  public init(directory: String) throws {
    let path = directory + "/config.json"
    guard FileManager.default.fileExists(atPath: path) else {
      throw Failure(
        what: "there is no run: it has no config.json",
        place: directory,
        remedy: "train it with `blalm train`, or name another run"
      )
    }
    do {
      self = try JSONDecoder().decode(
        RunConfiguration.self,
        from: Data(contentsOf: URL(filePath: path))
      )
      try model.validate()
    } catch {
      throw Failure(
        what: "cannot be read: \(error)",
        place: path,
        remedy: "bring the file back, or start a new run under another name"
      )
    }
  }

  init(
    model: ModelConfiguration,
    settings: TrainingSettings,
    tokenizer: String,
    train: Shard,
    dev: Shard?,
    products: String
  ) {
    self.model = model
    self.settings = settings
    self.tokenizer = tokenizer
    self.train = train
    self.dev = dev
    self.products = products
  }

  /// Writes the file where it is missing, and refuses to go on under another one.
  func claim(directory: String) throws {
    let path = directory + "/config.json"
    guard FileManager.default.fileExists(atPath: path) else {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try writeDurably(Array(encoder.encode(self)), to: path)
      return
    }
    let there = try RunConfiguration(directory: directory)
    let parts: [(String, Bool)] = [
      ("model", there.model == model),
      ("settings", there.settings.decisive == settings.decisive),
      ("tokenizer", there.tokenizer == tokenizer),
      ("train", there.train.sha256 == train.sha256), ("dev", there.dev?.sha256 == dev?.sha256),
    ]
    if let different = parts.first(where: { !$0.1 })?.0 {
      throw Failure(
        what: "the run was started with another value of \"\(different)\"",
        place: path,
        remedy: "start a new run under another name, or bring back what it was started with"
      )
    }
    if let library = there.products, library != products {
      throw Failure(
        what: "the run was started with matrix products by \(library), and \(products ?? "none") "
          + "rounds otherwise; it would not go on to the bit",
        place: path,
        remedy: "set \(ProductLibrary.variable)=\(library), or start a new run under another name"
      )
    }
  }
}

extension RunConfiguration.Shard {
  /// Describes a shard; reads the whole `.bin` file once for its hash.
  init(_ shard: TokenShardReader, path: String, from directory: String) throws {
    let file = path + ".bin"
    self.init(
      path: relativePath(of: file, from: directory),
      tokens: shard.tokenCount,
      sha256: try hexadecimalSHA256(ofFile: file)
    )
  }
}

/// A path as seen from a folder, so that a workspace can be moved as a whole.
private func relativePath(of file: String, from folder: String) -> String {
  let target = URL(filePath: file).standardizedFileURL.pathComponents
  let start = URL(filePath: folder).standardizedFileURL.pathComponents
  let shared = zip(target, start).prefix { $0 == $1 }.count
  guard shared > 1 else { return target.dropFirst().reduce("") { $0 + "/" + $1 } }
  let up = [String](repeating: "..", count: start.count - shared)
  return (up + target[shared...]).joined(separator: "/")
}
