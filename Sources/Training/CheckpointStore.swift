// Checkpoints: a folder each, with all that a run needs to go on bit for bit. A folder is written
// under a temporary name and renamed when whole; the last few are kept.

private import Documents
import Files
internal import Foundation
private import Kernels
internal import Modeling

/// What a checkpoint says of the run, as its `state.json`.
struct CheckpointState: Codable, Equatable {
  /// The steps done.
  var step = 0
  /// What has been seen.
  var ledger = WordLedger()
  /// The first step's loss.
  var firstLoss: Double?
  /// The last step's loss.
  var lastLoss: Double?
  /// The seconds of training so far.
  var seconds = 0.0
  /// The bytes of `log.jsonl` that belong to these steps.
  var logByteCount = 0
  /// The SHA-256 of each of the checkpoint's other files, by name; empty in those of older versions.
  var files: [String: String] = [:]

  init() {}

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    step = try values.decode(Int.self, forKey: .step)
    ledger = try values.decode(WordLedger.self, forKey: .ledger)
    firstLoss = try values.decodeIfPresent(Double.self, forKey: .firstLoss)
    lastLoss = try values.decodeIfPresent(Double.self, forKey: .lastLoss)
    seconds = try values.decode(Double.self, forKey: .seconds)
    logByteCount = try values.decode(Int.self, forKey: .logByteCount)
    files = try values.decodeIfPresent([String: String].self, forKey: .files) ?? [:]
  }
}

extension CheckpointState {
  /// Whether the numbers can be those of a run, so that none overflows later.
  fileprivate var isPlausible: Bool {
    let counts = 0...(1 << 52)
    return counts.contains(step) && counts.contains(logByteCount) && seconds >= 0
      && ledger.epochs.count <= 1 << 20
      && ledger.epochs.allSatisfy { counts.contains($0.words) && counts.contains($0.tokens) }
      && ledger.epochs.reduce(0.0) { $0 + Double($1.words + $1.tokens) } < 0x1p52
  }
}

/// A checkpoint in memory.
struct Checkpoint {
  var state: CheckpointState
  var parameters: ParameterBuffer
  var first: ParameterBuffer
  var keptSecond: ParameterBuffer
}

/// What reading the newest checkpoint gave.
struct FoundCheckpoint<Value> {
  /// What was read.
  var value: Value
  /// Why newer checkpoints were passed over, the newest first.
  var passedOver: [String]
}

/// The folder `checkpoints` of a run.
struct CheckpointStore {
  private static let prefix = "step-"
  private static let hashedFiles = ["model.safetensors", "optimizer.safetensors"]

  private let folder: String
  private let keptCount: Int

  /// Names the folder; nothing is read or written, so that a run may be read while it goes on.
  ///
  /// - Parameters:
  ///   - folder: The folder.
  ///   - keptCount: How many of the last checkpoints stay when one is written.
  init(folder: String, keptCount: Int = 2) {
    self.folder = folder
    self.keptCount = keptCount
  }

  /// Makes the folder and removes what a kill left half written; only for the run that holds the lock.
  func prepare() throws {
    let files = FileManager.default
    try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for name in try files.contentsOfDirectory(atPath: folder) where name.hasSuffix(partialSuffix) {
      try files.removeItem(atPath: "\(folder)/\(name)")
    }
  }

  /// The names of the checkpoints, the oldest first; none where there is no folder yet.
  func names() throws -> [String] {
    guard FileManager.default.fileExists(atPath: folder) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { stepNumber($0) != nil }
      .sorted { (stepNumber($0) ?? 0) < (stepNumber($1) ?? 0) }
  }

  private func stepNumber(_ name: String) -> Int? {
    guard name.hasPrefix(Self.prefix), name.utf8.count >= 11 else { return nil }
    let digits = name.dropFirst(Self.prefix.count)
    return digits.utf8.allSatisfy { (48...57).contains($0) } ? Int(digits) : nil
  }

  private func name(of step: Int) -> String {
    let digits = String(step)
    return Self.prefix + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }

  /// Writes a checkpoint durably, then removes those before the last few; a failure leaves nothing of it.
  func write(_ state: CheckpointState, parameters: ParameterBuffer, optimizer: Optimizer) throws {
    try replaceFolder("\(folder)/\(name(of: state.step))") { partial in
      try writeFiles(of: state, parameters: parameters, optimizer: optimizer, in: partial)
    }
    for name in try names().dropLast(keptCount) {
      try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    }
  }

  private func writeFiles(
    of state: CheckpointState,
    parameters: ParameterBuffer,
    optimizer: Optimizer,
    in partial: String
  ) throws {
    try Safetensors.write(
      parameters,
      metadata: ["step": String(state.step), "words": String(state.ledger.words)],
      to: partial + "/model.safetensors"
    )
    try Safetensors.write(
      sections: [
        .init(prefix: "first.", buffer: optimizer.first),
        .init(prefix: "second.", buffer: optimizer.keptSecond),
      ],
      to: partial + "/optimizer.safetensors"
    )
    var state = state
    for name in Self.hashedFiles {
      state.files[name] = try hexadecimalSHA256(ofFile: "\(partial)/\(name)")
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    try writeDurably(Array(encoder.encode(state)), to: partial + "/state.json")
  }

  /// Writes the parameters alone, to be kept for good: what the model was after so many words.
  func writeMilestone(
    _ milestone: ExposureMilestone,
    parameters: ParameterBuffer,
    words: Int
  ) throws {
    let path = "\(folder)/\(milestone.name)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try Safetensors.write(
      parameters,
      metadata: ["words": String(words)],
      to: path + "/model.safetensors"
    )
  }

  /// Reads the newest checkpoint that is whole; passes over broken ones while an older one serves.
  ///
  /// - Returns: The checkpoint with the faults of newer ones, or `nil` where none was ever written.
  /// - Throws: `Failure` where there are checkpoints and none is whole, with the newest's fault.
  func latest(
    layout: ParameterLayout,
    second: ParameterLayout
  ) throws -> FoundCheckpoint<Checkpoint>? {
    try newest { try read($0, step: $1, layout, second) }
  }

  /// Reads the parameters alone of the newest checkpoint in which they are whole.
  ///
  /// - Returns: The parameters and the step, with the faults of newer checkpoints; `nil` where none was
  ///   ever written.
  /// - Throws: `Failure` where there are checkpoints and none is whole, with the newest's fault.
  func latestParameters(
    layout: ParameterLayout
  ) throws -> FoundCheckpoint<(parameters: ParameterBuffer, step: Int)>? {
    try newest { path, step in
      let state = try readState(path, step: step)
      return (try readParameters(layout, path, state), step)
    }
  }

  /// Reads something of the newest checkpoint of which it can be read.
  ///
  /// - Parameter read: Reads from a checkpoint's folder and step; what it throws is passed over while
  ///   an older checkpoint serves.
  /// - Returns: What was read, or `nil` where no checkpoint was ever written.
  /// - Throws: The fault of the newest checkpoint, where none can be read.
  private func newest<Value>(
    _ read: (_ path: String, _ step: Int) throws -> Value
  ) throws -> FoundCheckpoint<Value>? {
    var faults: [any Error] = []
    for name in try names().reversed() {
      guard let step = stepNumber(name) else { continue }
      do {
        let value = try read("\(folder)/\(name)", step)
        return FoundCheckpoint(value: value, passedOver: faults.map { "\($0)" })
      } catch {
        faults.append(error)
      }
    }
    if let newest = faults.first { throw newest }
    return nil
  }

  private func read(
    _ path: String,
    step: Int,
    _ layout: ParameterLayout,
    _ second: ParameterLayout
  ) throws -> Checkpoint {
    let state = try readState(path, step: step)
    let parameters = try readParameters(layout, path, state)
    let name = "optimizer.safetensors"
    try checkHash(of: name, in: path, state)
    let moments = try Safetensors.read(
      sections: [("first.", layout), ("second.", second)],
      from: "\(path)/\(name)"
    )
    for buffer in moments { try checkFinite(buffer, path) }
    return Checkpoint(
      state: state,
      parameters: parameters,
      first: moments[0],
      keptSecond: moments[1]
    )
  }

  private func readState(_ path: String, step: Int) throws -> CheckpointState {
    let state: CheckpointState
    do {
      let data = try Data(contentsOf: URL(filePath: path + "/state.json"))
      state = try JSONDecoder().decode(CheckpointState.self, from: data)
    } catch {
      throw Failure(
        what: "the checkpoint is broken: \(error)",
        place: path,
        remedy: "remove the folder; the run goes on from an older one or from the start"
      )
    }
    guard state.step == step else { throw broken("state.json tells of step \(state.step)", path) }
    guard state.isPlausible else {
      throw broken("state.json holds numbers that no run can have", path)
    }
    return state
  }

  private func readParameters(
    _ layout: ParameterLayout,
    _ path: String,
    _ state: CheckpointState
  ) throws -> ParameterBuffer {
    let name = "model.safetensors"
    try checkHash(of: name, in: path, state)
    let parameters = try Safetensors.read(layout, from: "\(path)/\(name)")
    try checkFinite(parameters, path)
    return parameters
  }

  /// Holds a file against the hash that was saved; checkpoints of older versions have none.
  private func checkHash(of name: String, in path: String, _ state: CheckpointState) throws {
    guard let expected = state.files[name] else { return }
    let found: String
    do {
      found = try hexadecimalSHA256(ofFile: "\(path)/\(name)")
    } catch {
      throw broken("\(name) cannot be read: \(error.localizedDescription)", path)
    }
    guard found == expected else {
      throw broken("\(name) is not what was saved: its SHA-256 differs", path)
    }
  }

  private func checkFinite(_ buffer: ParameterBuffer, _ path: String) throws {
    guard let tensor = firstNonFiniteTensor(of: buffer) else { return }
    throw broken("tensor \"\(tensor)\" holds a number that is not finite", path)
  }

  private func broken(_ what: String, _ path: String) -> Failure {
    Failure(what: what, place: path, remedy: "remove the folder")
  }
}

/// The SHA-256 of a file, in hexadecimal digits.
func hexadecimalSHA256(ofFile path: String) throws -> String {
  // In pieces: a file mapped whole would stand in the memory of the run beside its buffers.
  let file = try FileHandle(forReadingFrom: URL(filePath: path))
  defer { try? file.close() }
  var hash = SHA256()
  while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {
    hash.update(piece.span)
  }
  return hash.finish().description
}

/// The name of the first tensor with a number that is not finite.
func firstNonFiniteTensor(of buffer: ParameterBuffer) -> String? {
  buffer.layout.tensors.first { !sumOfSquares(buffer.values, range: $0.range).isFinite }?.name
}
