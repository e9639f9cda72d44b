// A trained model continues prompts.

import Documents
import Files
import Modeling
import Storage
import Tokenization
import Training

/// A generated text.
public struct GeneratedText: Sendable, Equatable, Codable {
  /// What ended a text.
  public enum End: String, Sendable, Codable {
    /// The model wrote the document's end.
    case endOfText
    /// A stop string came.
    case stopString
    /// As many tokens were written as were asked for.
    case tokens
    /// Somebody asked to stop.
    case interrupted
  }

  /// The text that was continued; after a text that was saved, what that held back and what was
  /// appended to it.
  public let prompt: String
  /// The continuation.
  public let text: String
  /// The tokens of the prompt, a new text's opening `<|endoftext|>` included.
  public let promptTokens: Int
  /// The tokens generated.
  public let tokens: Int
  /// What ended the text.
  public let end: End

  /// The text, where nobody asked to stop.
  ///
  /// - Returns: This value.
  /// - Throws: ``Interrupted`` where somebody did.
  func whole() throws -> GeneratedText {
    if end == .interrupted { throw Interrupted() }
    return self
  }
}

extension StageContext {
  /// Continues a prompt with a run's newest checkpoint, as a stage: the text is kept in the ledger.
  ///
  /// - Parameters:
  ///   - settings: What to generate.
  ///   - run: The run's name.
  /// - Returns: The report, with prompt and text in its details.
  /// - Throws: ``Failure``; ``Interrupted``.
  public func generate(_ settings: GenerationSettings, run: String) throws -> StageReport {
    try settings.validate()
    let trained = try fingerprint(of: "train \(run)", remedy: "run `blalm train` first")
    let name = "generate \(run)"
    let identity = StageIdentity(
      name: name,
      version: 2,
      inputs: [trained],
      settings: canonicalJSON(settings)
    )
    return try self.run(identity, outputs: []) { _ in
      let generated = try openGenerator(run: run).continuePrompt(settings, stop: stop) { _ in }
      return StageReport(
        stage: name,
        input: generated.promptTokens,
        output: generated.tokens,
        words: WordCount.words(in: generated.text),
        details: [
          "prompt": .text(settings.prompt), "text": .text(generated.text),
          "end": .text(generated.end.rawValue),
        ]
      )
    }
  }

  /// Opens a run's newest checkpoint for generating.
  ///
  /// - Parameter run: The run's name.
  /// - Returns: The generator.
  /// - Throws: ``Failure`` where the run or its tokenizer is missing.
  public func openGenerator(run: String) throws -> TextGenerator {
    try checkName(run, of: "run")
    let trained = try TrainedModel(directory: workspace.path(of: "runs/\(run)"))
    return TextGenerator(
      trained: trained,
      tokenizer: try tokenizer(withHash: trained.configuration.tokenizer, for: run)
    )
  }

  /// The workspace's tokenizer whose file has a hash; runs name their tokenizer by it.
  private func tokenizer(withHash hash: String, for run: String) throws -> Tokenizer {
    guard let name = try workspace.index.tokenizer(withHash: hash) else {
      throw Failure(
        what: "the run's tokenizer is no longer in the workspace",
        place: "run `\(run)`",
        remedy: "train the run again with the tokenizer that is there now"
      )
    }
    return try openTokenizer(name)
  }
}
