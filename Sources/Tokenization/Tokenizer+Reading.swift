import Documents
import Files
import Foundation

/// Reads a `tokenizer.json`: byte-level BPE, as blalm, Hugging Face and most models of today have it.
extension Tokenizer {
  /// The largest tokenizer file that is read, in bytes.
  static let largestFile = 256 << 20

  /// Reads a tokenizer.
  ///
  /// - Parameter path: A path that ends in `.json`, or the folder that holds a `tokenizer.json`.
  /// - Throws: ``Failure`` where the file is missing, damaged, contradicts itself, or asks for what
  ///   blalm does not do; the message names the part.
  public init(contentsOf path: String) throws {
    let file = path.hasSuffix(".json") ? path : path + "/tokenizer.json"
    try self.init(json: try Self.bytes(ofFile: file), path: file)
  }

  /// Reads the bytes of a `tokenizer.json`.
  ///
  /// - Parameters:
  ///   - bytes: The file's bytes.
  ///   - path: What to call the file in messages.
  /// - Throws: ``Failure`` as ``init(contentsOf:)``.
  package init(json bytes: [UInt8], path: String) throws {
    let refusals = FileRefusals(path: path)
    self = try refusals.translating("tokenizer.json") {
      try FileRefusals.checkUTF8(bytes)
      let file = try TokenizerFile(bytes)
      try file.checkSupport()
      let (pattern, addPrefixSpace) = try file.pretokenization()
      let normalizer = try Normalizer.reading(file.normalizer)
      let vocabulary = try Vocabulary(file, refusals)
      let template = try Template(file.postProcessor, vocabularySize: vocabulary.spellings.count)
      let endOfText = vocabulary.addedTokens.first {
        $0.isSpecial && $0.name == Self.endOfTextName
      }
      guard let endOfText = endOfText?.id ?? template.prefix.first else {
        throw refusals.damaged(
          "no token begins a document: neither \(Self.endOfTextName) among the special tokens "
            + "nor a template with one"
        )
      }
      let tokenizer = Tokenizer(
        vocabulary,
        pretokenizer: pattern,
        addPrefixSpace: addPrefixSpace,
        ignoresMerges: file.ignoresMerges,
        normalizer: normalizer,
        normalizerJSON: file.normalizer,
        endOfText: endOfText,
        template: template
      )
      if let (one, other) = tokenizer.normalizedMatcher.twins {
        throw refusals.damaged(
          "the added tokens \"\(one.name)\" and \"\(other.name)\" are one once normalized"
        )
      }
      if let token = tokenizer.normalizedMatcher.nameless {
        throw refusals.damaged("the added token \"\(token.name)\" is nothing once normalized")
      }
      return tokenizer
    }
    hash = SHA256.hash(bytes)
  }

  /// The bytes of a tokenizer file, whose size is bounded.
  static func bytes(ofFile file: String) throws -> [UInt8] {
    do {
      let attributes = try FileManager.default.attributesOfItem(
        atPath: URL(filePath: file).resolvingSymlinksInPath().path()
      )
      let size = (attributes[.size] as? NSNumber)?.intValue ?? 0
      guard attributes[.type] as? FileAttributeType == .typeRegular, size <= largestFile else {
        throw Failure(
          what: "this is no file of at most \(largestFile >> 20) MiB",
          place: file,
          remedy: "give the path of a tokenizer file"
        )
      }
      return Array(try Data(contentsOf: URL(filePath: file), options: .alwaysMapped))
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(
        what: "the tokenizer cannot be read (\(error.localizedDescription))",
        place: file,
        remedy: "run `blalm tokenizer train`, or give the path of a tokenizer.json"
      )
    }
  }
}

/// Words the refusals of one file.
struct FileRefusals {
  let path: String

  /// A file that contradicts itself.
  func damaged(_ what: String) -> Failure {
    Failure(what: what, place: path, remedy: "train the tokenizer again, or fetch the file anew")
  }

  /// Does a reading and words what goes wrong.
  func translating<Result>(_ kind: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as JSONParser.Malformed {
      throw damaged("this is not a readable \(kind) (\(error.what) at byte \(error.offset))")
    } catch let error as UnsupportedPart {
      throw Failure(
        what: "blalm does not do what the file asks for: \(error.name)",
        place: path,
        remedy: "use a byte-level BPE tokenizer; the guide to tokenizer files lists what is read"
      )
    }
  }

  static func checkUTF8(_ bytes: [UInt8]) throws {
    do {
      _ = try UTF8Span(validating: bytes.span)
    } catch {
      throw JSONParser.Malformed(what: "broken UTF-8", offset: error.byteOffsets.lowerBound)
    }
  }
}
