/// A story of TinyStories as a JSON value: a string, or an object with the story in it.
import Documents
import Foundation

struct StoryValue {
  /// The story as UTF-8.
  var text: [UInt8]
  /// What the object says of it.
  var metadata: [String: MetadataValue] = [:]

  /// Reads a value; fails where it is neither a string nor an object with a string `story` or `text`.
  ///
  /// - Parameter json: Valid UTF-8.
  /// - Throws: `Malformed` where the bytes are not JSON.
  init?(json: [UInt8]) throws {
    var story: [UInt8]?
    var model: [UInt8]?
    var hasInstruction = false
    var scanner = JSONScanner(json)
    let isObject = try scanner.object { (name, value) throws(JSONScanner.Malformed) in
      if name.elementsEqual("story".utf8) || name.elementsEqual("text".utf8) {
        if case .text(let bytes) = try value.value() { story = bytes }
      } else if name.elementsEqual("source".utf8) {
        if case .text(let bytes) = try value.value() { model = bytes }
      } else if name.elementsEqual("instruction".utf8) {
        hasInstruction = true
      }
    }
    if !isObject {
      scanner = JSONScanner(json)
      if case .text(let bytes) = try scanner.value() { story = bytes }
    }
    guard let story else { return nil }
    text = story
    if let model { metadata["model"] = .text(String(decoding: model, as: UTF8.self)) }
    if hasInstruction, let row = try? JSONDecoder().decode(Row.self, from: Data(json)) {
      metadata["prompt"] = row.instruction.prompt.map { .text($0) }
      metadata["promptWords"] = row.instruction.words.map { .list($0.map { .text($0) }) }
      metadata["features"] = row.instruction.features.map { .list($0.map { .text($0) }) }
    }
  }

  /// The part of the publishers' object that says what the model was asked for.
  private struct Row: Decodable {
    struct Instruction: Decodable {
      var prompt: String?
      var words: [String]?
      var features: [String]?

      enum CodingKeys: String, CodingKey {
        case prompt = "prompt:"
        case words
        case features
      }
    }

    var instruction: Instruction
  }
}
