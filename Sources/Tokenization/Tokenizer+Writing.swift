import Files
import Foundation

/// The three files that Hugging Face `transformers` loads a tokenizer from.
///
/// The layout is that of `tokenizers` 0.23 and loads in `transformers` 4.51 and 5. The template
/// puts `<|endoftext|>` before a text and nothing behind it: scores of a first word need the token
/// in front, and reading times are taken at the last position, which an end token would occupy.
extension Tokenizer {
  /// The names of the files, in the order in which ``write(to:)`` writes them.
  package static let fileNames = [
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
  ]

  /// The bytes of `tokenizer.json`.
  package var tokenizerJSON: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.string("version", "1.0")
      json.null("truncation")
      json.null("padding")
      json.array("added_tokens") { json in
        for token in specialTokens { writeAddedToken(token, to: &json) }
      }
      json.null("normalizer")
      json.object("pre_tokenizer", writeByteLevel)
      json.object("post_processor", writeTemplate)
      json.object("decoder", writeByteLevel)
      json.object("model", writeModel)
    }
    return json.bytes
  }

  /// The bytes of `tokenizer_config.json`.
  ///
  /// `add_prefix_space` stands here too because `transformers` 4 otherwise turns it off.
  package var configurationJSON: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.flag("add_prefix_space", addPrefixSpace)
      json.object("added_tokens_decoder") { json in
        for token in specialTokens {
          json.object("\(token.id)") { json in
            json.string("content", token.name)
            json.flag("lstrip", false)
            json.flag("normalized", false)
            json.flag("rstrip", false)
            json.flag("single_word", false)
            json.flag("special", true)
          }
        }
      }
      writeRoles(to: &json)
      json.flag("clean_up_tokenization_spaces", false)
      json.array("model_input_names") { json in
        json.string(nil, "input_ids")
        json.string(nil, "attention_mask")
      }
      json.string("tokenizer_class", "PreTrainedTokenizerFast")
    }
    return json.bytes
  }

  /// The bytes of `special_tokens_map.json`.
  package var specialTokensMapJSON: [UInt8] {
    var json = JSONWriter()
    json.object { json in writeRoles(to: &json) }
    return json.bytes
  }

  /// Writes the three files into a folder, which is made where there is none.
  ///
  /// - Parameter folder: The folder's path.
  /// - Throws: ``Failure`` where a file cannot be written.
  public func write(to folder: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for (name, bytes) in zip(
        Self.fileNames,
        [tokenizerJSON, configurationJSON, specialTokensMapJSON]
      ) {
        try writeDurably(bytes, to: folder + "/" + name)
      }
    } catch {
      throw Failure(
        what: "the tokenizer cannot be written (\(error.localizedDescription))",
        place: folder,
        remedy: "check the path, the permissions and the free space"
      )
    }
  }

  private func writeRoles(to json: inout JSONWriter) {
    json.string("bos_token", Self.endOfTextName)
    json.string("eos_token", Self.endOfTextName)
    json.string("unk_token", Self.endOfTextName)
    json.string("pad_token", Self.paddingName)
  }

  private func writeAddedToken(_ token: SpecialToken, to json: inout JSONWriter) {
    json.object { json in
      json.integer("id", Int(token.id))
      json.string("content", token.name)
      json.flag("single_word", false)
      json.flag("lstrip", false)
      json.flag("rstrip", false)
      json.flag("normalized", false)
      json.flag("special", true)
    }
  }

  private func writeByteLevel(_ json: inout JSONWriter) {
    json.string("type", "ByteLevel")
    json.flag("add_prefix_space", addPrefixSpace)
    json.flag("trim_offsets", true)
    json.flag("use_regex", true)
  }

  private func writeTemplate(_ json: inout JSONWriter) {
    func special(_ json: inout JSONWriter) {
      json.object { json in
        json.object("SpecialToken") { json in
          json.string("id", Self.endOfTextName)
          json.integer("type_id", 0)
        }
      }
    }
    func sequence(_ name: String, _ json: inout JSONWriter) {
      json.object { json in
        json.object("Sequence") { json in
          json.string("id", name)
          json.integer("type_id", 0)
        }
      }
    }
    json.string("type", "TemplateProcessing")
    json.array("single") { json in
      special(&json)
      sequence("A", &json)
    }
    json.array("pair") { json in
      special(&json)
      sequence("A", &json)
      special(&json)
      sequence("B", &json)
    }
    json.object("special_tokens") { json in
      json.object(Self.endOfTextName) { json in
        json.string("id", Self.endOfTextName)
        json.array("ids") { json in json.integer(nil, Int(endOfText)) }
        json.array("tokens") { json in json.string(nil, Self.endOfTextName) }
      }
    }
  }

  private func writeModel(_ json: inout JSONWriter) {
    json.string("type", "BPE")
    for name in ["dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"] {
      json.null(name)
    }
    json.flag("fuse_unk", false)
    json.flag("byte_fallback", false)
    json.flag("ignore_merges", false)
    json.object("vocab") { json in
      for id in 0..<UInt32(vocabularySize) { json.integer(name(of: id), Int(id)) }
    }
    json.array("merges") { json in
      for merge in merges {
        json.array { json in
          json.string(nil, name(of: merge.left))
          json.string(nil, name(of: merge.right))
        }
      }
    }
  }
}
