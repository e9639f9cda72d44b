// The named sizes. The three that begin with `paper-` are the paper's submissions and its baseline.

extension ModelConfiguration {
  /// The named sizes, from the one that trains in a minute to the paper's.
  public enum Preset: String, Sendable, Codable, CaseIterable {
    case nano
    case small
    case base
    /// The paper's size without options.
    case paper
    /// The submission to STRICT-SMALL: with the short convolution.
    case paperStrictSmall = "paper-strict-small"
    /// The submission to STRICT: with a sliding window, bounded.
    case paperStrict = "paper-strict"
    /// The Transformer that the paper compares with, two blocks deeper.
    case paperTransformer = "paper-transformer"
  }

  /// The configuration of a preset.
  ///
  /// - Parameters:
  ///   - preset: The named size.
  ///   - vocabularySize: The tokenizer's size; `nil` takes the preset's own.
  public init(preset: Preset, vocabularySize: Int? = nil) {
    switch preset {
    case .nano:
      self.init(
        hiddenSize: 128,
        blockCount: 4,
        headCount: 4,
        feedForwardSize: 384,
        vocabularySize: vocabularySize ?? 4_096,
        contextLength: 256
      )
    case .small:
      self.init(
        hiddenSize: 512,
        blockCount: 8,
        headCount: 8,
        feedForwardSize: 1_408,
        vocabularySize: vocabularySize ?? 16_384,
        contextLength: 512
      )
    case .base:
      self.init(
        hiddenSize: 768,
        blockCount: 12,
        headCount: 12,
        feedForwardSize: 2_048,
        vocabularySize: vocabularySize ?? 16_384,
        contextLength: 512
      )
    case .paper, .paperStrictSmall, .paperStrict, .paperTransformer:
      self.init(
        hiddenSize: 1_024,
        blockCount: preset == .paperTransformer ? 26 : 24,
        headCount: 16,
        feedForwardSize: 1_536,
        vocabularySize: vocabularySize ?? 15_000,
        contextLength: 512,
        tiesOutput: false
      )
    }
    switch preset {
    case .paperStrictSmall: convolutionWidth = 4
    case .paperStrict: slidingWindow = .bounded
    case .paperTransformer: mixer = .attention
    default: break
    }
  }
}
