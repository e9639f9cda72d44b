// The tokenizer's commands: train, encode, decode, and the selection into token shards.

import ArgumentParser
import Files
import Foundation
import Pipeline
import Tokenization

/// `blalm tokenizer`: vocabularies.
struct TokenizerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizer",
    abstract: "Learn a vocabulary, and turn text into ids and back.",
    subcommands: [Train.self, Encode.self, Decode.self, Report.self]
  )

  /// `blalm tokenizer train`.
  struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Learn a byte-level BPE vocabulary from the train split of a selection.",
      discussion: "With --from a vocabulary that is there is taken instead of learning one."
    )

    @Option(help: "The number of ids to reach.")
    var vocabularySize = 4_096

    @Option(help: "The count below which a pair is not merged.")
    var minimumFrequency = 2

    @Option(help: "How text is cut: \(patternNames).", transform: pattern(named:))
    var pretokenizer: PretokenizerPattern?

    @Flag(
      inversion: .prefixedNo,
      help: "Read each document as after a blank. Default: on with gpt2, off with the others."
    )
    var prefixSpace: Bool?

    @Option(
      help: "A tokenizer.json, a folder, a vocab.json or a rank file of tiktoken to take.",
      completion: .file()
    )
    var from: String?

    @Option(help: "The tokenizer's name.")
    var name = "main"

    @Option(help: "The selection to learn from.")
    var selection = "main"

    @Option(
      parsing: .upToNextOption,
      help: "Text files to learn from instead of a selection; blank lines part documents.",
      completion: .file()
    )
    var files: [String] = []

    @Option(
      help: "SOURCE=N: how often each document of a source (or file name) counts. Repeatable."
    )
    var weight: [String] = []

    @OptionGroup var stage: StageOptions

    func validate() throws {
      guard files.isEmpty || from == nil else {
        throw ValidationError("--from takes a vocabulary and --files learns one: give one of them.")
      }
    }

    func run() throws {
      let settings = TokenizerSettings(
        name: name,
        selection: selection,
        trainer: BPETrainer.Settings(
          vocabularySize: vocabularySize,
          minimumFrequency: minimumFrequency,
          addPrefixSpace: prefixSpace ?? ((pretokenizer ?? .gpt2) == .gpt2),
          pretokenizer: pretokenizer ?? .gpt2,
          weights: try weights
        ),
        file: from,
        filePretokenizer: from == nil ? nil : pretokenizer
      )
      if !files.isEmpty {
        return try stage.run(mayCreate: true) {
          try $0.trainTokenizer(named: name, fromFiles: files, trainer: settings.trainer)
        }
      }
      try stage.run { try $0.trainTokenizer(settings) }
    }

    /// The weights by source.
    private var weights: [String: Int] {
      get throws {
        var weights: [String: Int] = [:]
        for text in weight {
          let parts = text.split(separator: "=", maxSplits: 1).map { String($0) }
          guard parts.count == 2, let number = Int(parts[1]) else {
            throw ValidationError("--weight takes SOURCE=N with a whole number, not \(text).")
          }
          weights[parts[0]] = number
        }
        return weights
      }
    }
  }

  /// `blalm tokenizer encode`.
  struct Encode: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Read text from standard input and print the ids of each line."
    )

    @Argument(help: "A tokenizer.json, or another tokenizer file.", completion: .file())
    var tokenizer: String

    @Flag(help: "Print the tokens' names instead of their ids.")
    var names = false

    @Flag(help: "Print behind each token its place in the line: bytes, then characters.")
    var offsets = false

    @Option(
      help: "What the name of a special token in the text is: \(policyNames).",
      transform: policy(named:)
    )
    var special = Tokenizer.SpecialTokenPolicy.text

    @Flag(help: "Surround each line with the special tokens of the tokenizer's template.")
    var template = false

    @Option(
      help: "How text is cut, where the file does not say it: \(patternNames).",
      transform: pattern(named:)
    )
    var pretokenizer: PretokenizerPattern?

    func run() throws {
      let tokenizer = try Tokenizer(importing: tokenizer, pretokenizer: pretokenizer)
      var encoder = TokenEncoder(tokenizer)
      var number = 0
      while let line = readLine() {
        number += 1
        let bytes = Array(line.utf8)
        let tokens: LocatedTokens
        do {
          tokens = try encoder.locatedTokens(bytes.span, specialTokens: special)
        } catch let failure as Failure {
          throw Failure(
            what: failure.what,
            place: "standard input:\(number), \(failure.place)",
            remedy: "choose --special text or --special allowed"
          )
        }
        var words = tokens.ids.map { names ? tokenizer.name(of: $0) : "\($0)" }
        if offsets {
          let characters = tokens.characterRanges(in: bytes.span)
          for index in words.indices {
            let (place, part) = (tokens.byteRanges[index], characters[index])
            words[index] +=
              "@\(place.lowerBound)-\(place.upperBound),\(part.lowerBound)-\(part.upperBound)"
          }
        }
        if template {
          let around = tokenizer.surrounding.map { ids in
            ids.map { names ? tokenizer.name(of: $0) : "\($0)" }
          }
          words = around[0] + words + around[1]
        }
        print(words.joined(separator: " "))
      }
    }
  }

  /// `blalm tokenizer decode`.
  struct Decode: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Read ids from standard input, a line a text, and print the texts."
    )

    @Argument(help: "A tokenizer.json, or another tokenizer file.", completion: .file())
    var tokenizer: String

    @Flag(help: "Print special tokens as their names.")
    var special = false

    @Flag(help: "Print bytes that are not UTF-8 as they are, not as U+FFFD.")
    var bytes = false

    @Option(
      help: "How text is cut, where the file does not say it: \(patternNames).",
      transform: pattern(named:)
    )
    var pretokenizer: PretokenizerPattern?

    func run() throws {
      let tokenizer = try Tokenizer(importing: tokenizer, pretokenizer: pretokenizer)
      var number = 0
      while let line = readLine() {
        number += 1
        let ids = try line.split(whereSeparator: \.isWhitespace).map { word in
          guard let id = UInt32(word), id < tokenizer.vocabularySize else {
            throw Failure(
              what: "`\(word)` is no id of this tokenizer",
              place: "standard input:\(number)",
              remedy: "give ids from 0 to \(tokenizer.vocabularySize - 1)"
            )
          }
          return id
        }
        let text =
          try
          (bytes
          ? tokenizer.decode(ids)
          : Array(tokenizer.decodedText(ids, keepsSpecialTokens: special).utf8))
        try writeToOutput(text + [10])
      }
    }
  }
}

/// `blalm tokenize`: a selection into token shards.
struct TokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize",
    abstract: "Turn a selection into token shards that training reads."
  )

  @Option(help: "The selection.")
  var selection = "main"

  @Option(help: "The tokenizer.")
  var tokenizer = "main"

  @OptionGroup var stage: StageOptions

  func run() throws {
    let settings = TokenizeSettings(selection: selection, tokenizer: tokenizer)
    try stage.run { try $0.tokenize(settings) }
  }
}

private let patternNames = PretokenizerPattern.allCases.map(\.rawValue).joined(separator: ", ")
private let policyNames = Tokenizer.SpecialTokenPolicy.allCases.map(\.rawValue)
  .joined(separator: ", ")

private func pattern(named name: String) throws -> PretokenizerPattern {
  guard let pattern = PretokenizerPattern(rawValue: name) else {
    throw ValidationError("`\(name)` is no pretokenizer; choose one of \(patternNames)")
  }
  return pattern
}

private func policy(named name: String) throws -> Tokenizer.SpecialTokenPolicy {
  guard let policy = Tokenizer.SpecialTokenPolicy(rawValue: name) else {
    throw ValidationError("`\(name)` is no such choice; choose one of \(policyNames)")
  }
  return policy
}
