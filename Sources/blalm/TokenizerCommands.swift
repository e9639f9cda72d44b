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
      abstract: "Learn a byte-level BPE vocabulary from the train split of a selection."
    )

    @Option(help: "The number of ids to reach.")
    var vocabularySize = 4_096

    @Option(help: "The count below which a pair is not merged.")
    var minimumFrequency = 2

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

    func run() throws {
      let settings = TokenizerSettings(
        name: name,
        selection: selection,
        trainer: BPETrainer.Settings(
          vocabularySize: vocabularySize,
          minimumFrequency: minimumFrequency,
          weights: try weights
        )
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

    @Argument(help: "A tokenizer.json.", completion: .file(extensions: ["json"]))
    var tokenizer: String

    @Flag(help: "Print the tokens' names instead of their ids.")
    var names = false

    func run() throws {
      let tokenizer = try Tokenizer(contentsOf: tokenizer)
      var encoder = TokenEncoder(tokenizer)
      while let line = readLine() {
        var ids: [UInt32] = []
        encoder.encode(Array(line.utf8).span, into: &ids)
        print(
          ids.map { names ? tokenizer.name(of: $0) : "\($0)" }.joined(separator: " ")
        )
      }
    }
  }

  /// `blalm tokenizer decode`.
  struct Decode: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Read ids from standard input, a line a text, and print the texts."
    )

    @Argument(help: "A tokenizer.json.", completion: .file(extensions: ["json"]))
    var tokenizer: String

    func run() throws {
      let tokenizer = try Tokenizer(contentsOf: tokenizer)
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
        try writeToOutput(try tokenizer.decode(ids) + [10])
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
