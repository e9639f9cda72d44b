// A text under way as a file: safetensors, so that other programs can look at the network's state,
// with what else belongs to the text in its metadata. A digest over all of it tells a damaged file,
// and the model's own digest another model's.

import Documents
import Files
import Foundation
import Modeling
import Tokenization
import Training

/// What a file holds beside the tensors.
private struct SavedText: Codable {
  var settings: GenerationSettings
  var end: GeneratedText.End?
  var sampler: Sampler.Memory
  /// Drawn and not yet read.
  var unread: [UInt32]
  /// Held back, in bytes.
  var held: [UInt8]
  var stepCount: Int
}

extension TextGenerator {
  private static let kind = "blalm text in progress"
  private static let version = "1"

  /// Writes a text to a file, whole or not at all.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - path: The file; one that is there is replaced.
  /// - Throws: ``Failure`` where it cannot be written.
  public func save(_ text: TextInProgress, to path: String) throws {
    var memory = SavedText(
      settings: text.settings,
      end: text.end,
      sampler: text.sampler.memory,
      unread: text.unread,
      held: text.filter.held,
      stepCount: text.decoding.stepCount
    )
    memory.settings.prompt = ""
    let tensors = text.decoding.tensors(trained.model)
    let json = canonicalJSON(memory)
    let model = modelDigest
    try Safetensors.write(
      tensors,
      metadata: [
        "kind": Self.kind, "version": Self.version, "model": model, "text": json,
        "sha256": digest(model, json, tensors),
      ],
      to: path
    )
  }

  /// Reads a text that ``save(_:to:)`` wrote.
  ///
  /// - Parameter path: The file.
  /// - Returns: The text.
  /// - Throws: ``Failure`` where the file is missing, damaged, of another kind or of another model.
  public func open(_ path: String) throws -> TextInProgress {
    let metadata = try Safetensors.metadata(from: path)
    guard metadata["kind"] == Self.kind else {
      throw Failure(
        what: "is not a text that was saved",
        place: path,
        remedy: "name a file that `blalm generate --save-state` wrote"
      )
    }
    guard metadata["version"] == Self.version else {
      throw Failure(
        what: "the saved text has a version that this program does not know",
        place: path,
        remedy: "continue it with the program that saved it"
      )
    }
    guard let model = metadata["model"], model == modelDigest else {
      throw Failure(
        what: "the text was saved with another model than step \(trained.step) of this run",
        place: path,
        remedy: "continue it with the checkpoint that it was saved with, or begin it anew"
      )
    }
    let tensors = try Safetensors.read(DecodingState.layout(trained.model), from: path)
    guard let json = metadata["text"], metadata["sha256"] == digest(model, json, tensors) else {
      throw damaged("its SHA-256 differs", path)
    }
    guard tensors.values.allSatisfy(\.isFinite) else {
      throw damaged("it holds a number that is not finite", path)
    }
    guard let saved = try? JSONDecoder().decode(SavedText.self, from: Data(json.utf8)),
      (try? saved.settings.validate()) != nil, 0...(1 << 52) ~= saved.stepCount,
      !saved.unread.isEmpty, saved.end != .tokens,
      saved.unread.allSatisfy({ Int($0) < tokenizer.vocabularySize })
    else { throw damaged("it holds what no text can have", path) }
    return TextInProgress(
      settings: saved.settings,
      decoding: DecodingState(trained.model, tensors: tensors, stepCount: saved.stepCount),
      memory: saved.sampler,
      unread: saved.unread,
      held: saved.held,
      end: saved.end
    )
  }

  private func damaged(_ what: String, _ path: String) -> Failure {
    Failure(
      what: "the saved text is damaged: \(what)",
      place: path,
      remedy: "begin the text anew, or bring the file back"
    )
  }

  /// The SHA-256 of configuration, tokenizer and parameters.
  private var modelDigest: String {
    var hash = SHA256()
    hash.update(canonicalJSON(trained.configuration.model))
    hash.update(trained.configuration.tokenizer)
    update(&hash, trained.parameters.values)
    return hash.finish().description
  }

  private func digest(_ model: String, _ json: String, _ tensors: ParameterBuffer) -> String {
    var hash = SHA256()
    hash.update(model)
    hash.update(json)
    update(&hash, tensors.values)
    return hash.finish().description
  }
}

/// Takes numbers into a hash, as their little-endian bytes, a few at a time.
private func update(_ hash: inout SHA256, _ values: [Float]) {
  let values = values.span
  var bytes = [UInt8](repeating: 0, count: 65_536)
  var first = 0
  while first < values.count {
    let count = min(values.count - first, bytes.count / 4)
    var span = bytes.mutableSpan
    for index in 0..<count {
      let bits = values[first + index].bitPattern
      for byte in 0..<4 { span[4 * index + byte] = UInt8(truncatingIfNeeded: bits >> (8 * byte)) }
    }
    hash.update(bytes.span.extracting(0..<4 * count))
    first += count
  }
}
