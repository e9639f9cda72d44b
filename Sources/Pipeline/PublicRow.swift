// A document as a row of the public BabyBabelLM schema, in JSON Lines.
//
// The columns, their order and types are those of the data sets that the project publishes
// (babylm-org/multilingual-babylm, src/hf_uploader.py): nine strings and the number of words.

import Documents
import Foundation
import Storage

/// What a source says of all its rows.
struct PublicLabels: Sendable {
  let category: String
  let source: String
  let language: String
  let script: String
}

/// A document as a row of the public schema.
struct PublicRow {
  let id: DocumentID
  /// The kept text.
  let text: [UInt8]
  /// The metadata as the shard has it.
  let metadata: [UInt8]
  let words: Int
  let labels: PublicLabels

  /// The licence, as a JSON string.
  var license: ArraySlice<UInt8> {
    jsonValue(of: "license", in: metadata) ?? Array("\"unknown\"".utf8)[...]
  }

  /// The target child's age in whole months where the source knows it, such as `27 months`.
  var ageEstimate: String {
    let months = jsonValue(of: "targetChildAgeMonths", in: metadata)
      .flatMap { Double(String(decoding: $0, as: UTF8.self)) }
    return months.map { "\(Int($0)) months" } ?? "n/a"
  }

  /// Appends the row as one line.
  ///
  /// `doc-id` is the SHA-256 of the text, as in BabyBabelLM; our own identity and where the document
  /// comes from are in `misc`, a JSON object as text.
  func append(to line: inout [UInt8]) {
    line += "{\"text\":".utf8
    appendJSONString(text, to: &line)
    line += ",\"doc-id\":\"".utf8
    line += SHA256.hash(text).description.utf8
    line += "\"".utf8
    for (name, value) in [
      ("category", labels.category), ("data-source", labels.source), ("script", labels.script),
      ("age-estimate", ageEstimate),
    ] {
      line += ",\"\(name)\":".utf8
      appendJSONString(Array(value.utf8), to: &line)
    }
    line += ",\"license\":".utf8
    line += license
    line += ",\"misc\":".utf8
    let misc = Array("{\"id\":\"\(id)\",\"metadata\":".utf8) + metadata + [UInt8(ascii: "}")]
    appendJSONString(misc, to: &line)
    line += ",\"num-tokens\":\(words),\"language\":".utf8
    appendJSONString(Array(labels.language.utf8), to: &line)
    line += "}\n".utf8
  }
}
