// What a selection says of itself to others: the labels of its public rows, and what was not done.

import Files

/// What a selection's files say beside its texts.
public struct OutputSettings: Sendable, Codable, Equatable {
  /// What BabyBabelLM's columns say of every document of a source.
  public struct Labels: Sendable, Codable, Equatable {
    /// The category, or `nil` for the format's own.
    public var category: String?
    /// The language as ISO 639-3.
    public var language: String
    /// The script as ISO 15924.
    public var script: String

    /// Creates labels.
    ///
    /// - Parameters:
    ///   - category: The category, or `nil` for the format's own.
    ///   - language: The language as ISO 639-3.
    ///   - script: The script as ISO 15924.
    public init(category: String? = nil, language: String = "eng", script: String = "Latn") {
      self.category = category
      self.language = language
      self.script = script
    }

    /// The categories of BabyBabelLM (Jumelet and others, 2025); `padding-` may begin others.
    static let categories = [
      "child-directed-speech", "child-available-speech", "child-books", "child-wiki", "child-news",
      "educational", "simplified-text", "subtitles", "qed", "padding",
    ]

    /// Checks that labels are such as BabyBabelLM takes.
    ///
    /// - Parameter place: Where they are written.
    /// - Throws: ``Failure``.
    func validate(at place: String) throws {
      if let category, !Labels.categories.contains(category), !category.hasPrefix("padding-") {
        throw Failure(
          .usage,
          what: "`\(category)` is no category of BabyBabelLM",
          place: place,
          remedy: "name one of \(Labels.categories.joined(separator: ", ")), or one that begins "
            + "with `padding-`"
        )
      }
      func isCode(_ code: String, _ count: Int) -> Bool {
        code.utf8.count == count
          && code.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) }
      }
      guard isCode(language, 3), language == language.lowercased(), isCode(script, 4) else {
        throw Failure(
          .usage,
          what: "`\(language)` in `\(script)` is no language in a script",
          place: place,
          remedy: "give an ISO 639-3 code such as `eng`, and an ISO 15924 code such as `Latn`"
        )
      }
    }
  }

  /// The corpus' name on its card, or `nil` for the selection's.
  public var title: String?
  /// Steps of a published recipe that this corpus leaves out, one plain sentence each.
  public var notDone: [String]
  /// The labels of sources that differ from the defaults, by the source's name.
  public var labels: [String: Labels]

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - title: The corpus' name on its card.
  ///   - notDone: Steps of a published recipe that this corpus leaves out.
  ///   - labels: The labels of sources that differ from the defaults.
  public init(title: String? = nil, notDone: [String] = [], labels: [String: Labels] = [:]) {
    self.title = title
    self.notDone = notDone
    self.labels = labels
  }
}

extension SourceFormat {
  /// The category of BabyBabelLM that fits the source that serves the format.
  var category: String {
    switch self {
    case .childes: "child-directed-speech"
    case .wikipedia: "padding-wikipedia"
    case .tinystories: "child-books"
    case .finewebEdu, .cosmopedia: "educational"
    case .gutenberg: "child-books"
    case .babylm, .text, .jsonl, .csv, .parquet: "padding"
    }
  }
}
