// How fast the tokenizer trains and encodes.

import ArgumentParser
import Foundation
import Pipeline
import Tokenization

extension BenchCommand {
  /// `blalm bench tokenizer`.
  struct Tokenizers: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "tokenizer",
      abstract: "Time the learning of a vocabulary and the encoding of a text on one core."
    )

    @Argument(help: "Text files.", completion: .file())
    var files: [String]

    @Option(help: "The number of ids.")
    var vocabularySize = 16_384

    func run() throws {
      let text = try files.flatMap { [UInt8](try Data(contentsOf: URL(filePath: $0))) }
      let benchmark = TokenizerBenchmark(text)
      print("\(text.count) bytes, \(benchmark.documents.count) documents")
      var tokenizer: Tokenizer?
      for _ in 0..<3 {
        let trained = try benchmark.train(vocabularySize: vocabularySize, threads: 2)
        print("train \(trained.seconds) count \(trained.countSeconds)")
        tokenizer = trained.tokenizer
      }
      guard let tokenizer else { return }
      var ids: [UInt32] = []
      let megabytes = Double(text.count) / 1e6
      for _ in 0..<3 {
        var encoder = TokenEncoder(tokenizer)
        for name in ["cold", "warm", "warm"] {
          let seconds = benchmark.encode(with: &encoder, into: &ids)
          print(name, megabytes / seconds, ids.count)
        }
      }
    }
  }
}
