import Files
import Foundation

/// The three files that Hugging Face `transformers` loads a tokenizer from.
///
/// The layout is that of `tokenizers` 0.23 and loads in `transformers` 4.51 and 5. The template of
/// a trained vocabulary puts `<|endoftext|>` before a text and nothing behind it: scores of a first word need the token
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
        for token in addedTokens { writeAddedToken(token, to: &json) }
      }
      json.value("normalizer", normalizerJSON)
      writePretokenizer(to: &json)
      json.value("post_processor", template.json)
      json.object("decoder") { json in writeByteLevel(&json, usesExpression: true) }
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
        for token in addedTokens {
          json.object("\(token.id)") { json in
            json.string("content", token.name)
            json.flag("lstrip", token.stripsLeft)
            json.flag("normalized", token.isNormalized)
            json.flag("rstrip", token.stripsRight)
            json.flag("single_word", token.isSingleWord)
            json.flag("special", token.isSpecial)
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
    json.string("bos_token", name(of: endOfText))
    json.string("eos_token", name(of: endOfText))
    json.string("unk_token", name(of: endOfText))
    json.string("pad_token", name(of: padding))
  }

  private func writeAddedToken(_ token: AddedToken, to json: inout JSONWriter) {
    json.object { json in
      json.integer("id", Int(token.id))
      json.string("content", token.name)
      json.flag("single_word", token.isSingleWord)
      json.flag("lstrip", token.stripsLeft)
      json.flag("rstrip", token.stripsRight)
      json.flag("normalized", token.isNormalized)
      json.flag("special", token.isSpecial)
    }
  }

  /// GPT-2's pattern is `ByteLevel`'s own; before the others a step of its own cuts.
  private func writePretokenizer(to json: inout JSONWriter) {
    json.object("pre_tokenizer") { json in
      guard pretokenizer != .gpt2 else {
        writeByteLevel(&json, usesExpression: true)
        return
      }
      json.string("type", "Sequence")
      json.array("pretokenizers") { json in
        json.object { json in
          if let expression = pretokenizer.expression {
            json.string("type", "Split")
            json.object("pattern") { json in json.string("Regex", expression) }
            json.string("behavior", "Isolated")
            json.flag("invert", false)
          } else {
            json.string("type", "Digits")
            json.flag("individual_digits", true)
          }
        }
        json.object { json in
          writeByteLevel(&json, usesExpression: pretokenizer.expression == nil)
        }
      }
    }
  }

  private func writeByteLevel(_ json: inout JSONWriter, usesExpression: Bool) {
    json.string("type", "ByteLevel")
    json.flag("add_prefix_space", addPrefixSpace)
    json.flag("trim_offsets", true)
    json.flag("use_regex", usesExpression)
  }

  private func writeModel(_ json: inout JSONWriter) {
    json.string("type", "BPE")
    for name in ["dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"] {
      json.null(name)
    }
    json.flag("fuse_unk", false)
    json.flag("byte_fallback", false)
    json.flag("ignore_merges", ignoresMerges)
    json.object("vocab") { json in
      for id in modelIDs { json.integer(name(of: id), Int(id)) }
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
