/// The special tokens of two published vocabularies, whose rank files leave them out.
///
/// A file is taken for one of them by its pretokenizer and its number of ranks alone. Names and ids
/// are those of tiktoken's `cl100k_base` (`tiktoken_ext/openai_public.py`) and of Llama 3
/// (`llama/tokenizer.py` of meta-llama/llama3); later models of that family name some of the
/// reserved ones otherwise.
enum PublishedRanks {
  /// The special tokens of a vocabulary.
  ///
  /// - Parameters:
  ///   - pretokenizer: How its texts are cut.
  ///   - rankCount: The number of its ranks.
  /// - Returns: Names and ids, first the one that begins documents; none for an unknown vocabulary.
  static func specialTokens(
    _ pretokenizer: PretokenizerPattern,
    rankCount: Int
  ) -> [(name: String, id: Int)] {
    switch (pretokenizer, rankCount) {
    case (.cl100k, 100_256): gpt4
    case (.llama3, 128_000): llama3.enumerated().map { ($1, rankCount + $0) }
    default: []
    }
  }

  private static let gpt4 = [
    (name: Tokenizer.endOfTextName, id: 100_257), ("<|fim_prefix|>", 100_258),
    ("<|fim_middle|>", 100_259), ("<|fim_suffix|>", 100_260), ("<|endofprompt|>", 100_276),
  ]

  private static let llama3 =
    ["<|begin_of_text|>", "<|end_of_text|>"] + reserved(0...3)
    + ["<|start_header_id|>", "<|end_header_id|>"] + reserved(4...4) + ["<|eot_id|>"]
    + reserved(5...250)

  private static func reserved(_ numbers: ClosedRange<Int>) -> [String] {
    numbers.map { "<|reserved_special_token_\($0)|>" }
  }
}
