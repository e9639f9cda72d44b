// The formulas of readability as their authors published them. Citations in full: Readability.md.

/// A formula of readability.
///
/// W words, S sentences, Y syllables, L letters, C letters and digits, P words of 3 syllables or
/// more, F the words that are hard for Gunning, N words of more than 6 letters, D words outside the
/// list of Dale and Chall, U words outside Spache's, each once in a hundred.
public enum ReadabilityFormula: String, Sendable, CaseIterable {
  /// 206.835 − 1.015 W/S − 84.6 Y/W (Flesch 1948).
  case fleschReadingEase
  /// 0.39 W/S + 11.8 Y/W − 15.59 (Kincaid et al. 1975).
  case fleschKincaidGrade
  /// 0.4 (W/S + 100 F/W) (Gunning 1952).
  case gunningFog
  /// 1.0430 √(30 P/S) + 3.1291 (McLaughlin 1969).
  case smogGrade
  /// 0.0588 × 100 L/W − 0.296 × 100 S/W − 15.8 (Coleman and Liau 1975).
  case colemanLiauIndex
  /// 4.71 C/W + 0.5 W/S − 21.43 (Smith and Senter 1967).
  case automatedReadabilityIndex
  /// r = (W + 2 P)/S; r/2 above 20, else r/2 − 1 (O'Hayre 1966).
  case linsearWrite
  /// W/S + 100 N/W (Björnsson 1968).
  case lix
  /// N/S (Anderson 1983).
  case rix
  /// 0.1579 × 100 D/W + 0.0496 W/S + 3.6365 (Dale and Chall 1948).
  case daleChall1948
  /// 64 − 0.95 × 100 D/W − 0.69 W/S (Chall and Dale 1995).
  case daleChall1995
  /// 0.141 W/S + 0.086 × 100 U/W + 0.839 (Spache 1953).
  case spache1953
  /// 0.121 W/S + 0.082 × 100 U/W + 0.659 (Spache 1974).
  case spache1974

  /// What a user reads of the formula: one sentence with the unit and the source.
  public var summary: String {
    switch self {
    case .fleschReadingEase:
      "Flesch Reading Ease, higher is easier, 100 easy, 0 hard (Flesch 1948); from 100 words."
    case .fleschKincaidGrade:
      "Flesch–Kincaid grade, a US school grade (Kincaid et al. 1975); from 100 words."
    case .gunningFog: "Gunning Fog index, a US school grade (Gunning 1952); from 100 words."
    case .smogGrade: "SMOG grade, a US school grade (McLaughlin 1969); from 30 sentences."
    case .colemanLiauIndex:
      "Coleman–Liau index, a US school grade from letters (Coleman and Liau 1975); from 100 words."
    case .automatedReadabilityIndex:
      "Automated Readability Index, a US school grade from characters (Smith and Senter 1967)."
    case .linsearWrite:
      "Linsear Write, a US school grade over the whole text (O'Hayre 1966); from 100 words."
    case .lix: "LIX: words a sentence and the percentage of words over 6 letters (Björnsson 1968)."
    case .rix: "RIX: words over 6 letters a sentence (Anderson 1983)."
    case .daleChall1948:
      "Dale–Chall raw score of 1948 on the user's list daleChall, its constant always added; from 100 words."
    case .daleChall1995:
      "New Dale–Chall cloze score of 1995 on the user's list daleChall, higher is easier; from 100 words."
    case .spache1953: "Spache grade of 1953 on the user's list spache; from 100 words."
    case .spache1974: "Spache grade, revised 1974, on the user's list spache; from 100 words."
    }
  }

  /// The fewest words that the formula says something of: its authors' sample, where they name one.
  public var leastWords: Int {
    switch self {
    case .smogGrade, .automatedReadabilityIndex, .lix, .rix: 1
    default: 100
    }
  }

  /// The fewest sentences that the formula says something of.
  public var leastSentences: Int { self == .smogGrade ? 30 : 1 }

  /// The formula's value, or why there is none.
  ///
  /// - Parameter counts: The counts of a text.
  /// - Returns: A finite number, or the reason.
  public func value(_ counts: ReadabilityCounts) -> MetricValue {
    if counts.words == 0 || counts.sentences == 0 { return .missing("no words") }
    if counts.sentences < leastSentences { return .missing("fewer than 30 sentences") }
    if counts.words < leastWords { return .missing("fewer than 100 words") }
    guard let score = score(counts) else {
      switch self {
      case .daleChall1948, .daleChall1995: return .missing("no word list daleChall")
      default: return .missing("no word list spache")
      }
    }
    return .real(score)
  }

  /// The formula itself, whatever the length of the text; nil without words, sentences or the list.
  ///
  /// - Parameter counts: The counts of a text.
  /// - Returns: The score.
  public func score(_ counts: ReadabilityCounts) -> Double? {
    guard counts.words > 0, counts.sentences > 0 else { return nil }
    let words = Double(counts.words)
    let sentences = Double(counts.sentences)
    let sentenceLength = words / sentences
    let wordSyllables = Double(counts.syllables) / words
    switch self {
    case .fleschReadingEase: return 206.835 - 1.015 * sentenceLength - 84.6 * wordSyllables
    case .fleschKincaidGrade: return 0.39 * sentenceLength + 11.8 * wordSyllables - 15.59
    case .gunningFog: return 0.4 * (sentenceLength + 100 * Double(counts.fogWords) / words)
    case .smogGrade:
      return 1.0430 * (30 * Double(counts.polysyllables) / sentences).squareRoot() + 3.1291
    case .colemanLiauIndex:
      return 0.0588 * (100 * Double(counts.letters) / words) - 0.296 * (100 * sentences / words)
        - 15.8
    case .automatedReadabilityIndex:
      return 4.71 * Double(counts.lettersAndDigits) / words + 0.5 * sentenceLength - 21.43
    case .linsearWrite:
      let rate = (words + 2 * Double(counts.polysyllables)) / sentences
      return rate > 20 ? rate / 2 : rate / 2 - 1
    case .lix: return sentenceLength + 100 * Double(counts.longWords) / words
    case .rix: return Double(counts.longWords) / sentences
    case .daleChall1948:
      return counts.unfamiliarWords.map {
        0.1579 * (100 * Double($0) / words) + 0.0496 * sentenceLength + 3.6365
      }
    case .daleChall1995:
      return counts.unfamiliarWords.map {
        64 - 0.95 * (100 * Double($0) / words) - 0.69 * sentenceLength
      }
    case .spache1953:
      return counts.spacheWords.map {
        0.141 * sentenceLength + 0.086 * (100 * Double($0) / words) + 0.839
      }
    case .spache1974:
      return counts.spacheWords.map {
        0.121 * sentenceLength + 0.082 * (100 * Double($0) / words) + 0.659
      }
    }
  }

  /// The formula with a text's counts in it, such as `0.39 × 120/10 + 11.8 × 150/120 − 15.59`.
  ///
  /// - Parameter counts: The counts of a text.
  /// - Returns: The formula, ready to be worked out by hand.
  public func working(_ counts: ReadabilityCounts) -> String {
    let (w, s, p) = (counts.words, counts.sentences, counts.polysyllables)
    let unfamiliar = counts.unfamiliarWords.map(String.init) ?? "?"
    let unique = counts.spacheWords.map(String.init) ?? "?"
    return switch self {
    case .fleschReadingEase: "206.835 − 1.015 × \(w)/\(s) − 84.6 × \(counts.syllables)/\(w)"
    case .fleschKincaidGrade: "0.39 × \(w)/\(s) + 11.8 × \(counts.syllables)/\(w) − 15.59"
    case .gunningFog: "0.4 × (\(w)/\(s) + 100 × \(counts.fogWords)/\(w))"
    case .smogGrade: "1.0430 × √(30 × \(p)/\(s)) + 3.1291"
    case .colemanLiauIndex: "5.88 × \(counts.letters)/\(w) − 29.6 × \(s)/\(w) − 15.8"
    case .automatedReadabilityIndex:
      "4.71 × \(counts.lettersAndDigits)/\(w) + 0.5 × \(w)/\(s) − 21.43"
    case .linsearWrite:
      w + 2 * p > 20 * s
        ? "(\(w) + 2 × \(p))/\(s)/2" : "(\(w) + 2 × \(p))/\(s)/2 − 1"
    case .lix: "\(w)/\(s) + 100 × \(counts.longWords)/\(w)"
    case .rix: "\(counts.longWords)/\(s)"
    case .daleChall1948: "15.79 × \(unfamiliar)/\(w) + 0.0496 × \(w)/\(s) + 3.6365"
    case .daleChall1995: "64 − 95 × \(unfamiliar)/\(w) − 0.69 × \(w)/\(s)"
    case .spache1953: "0.141 × \(w)/\(s) + 8.6 × \(unique)/\(w) + 0.839"
    case .spache1974: "0.121 × \(w)/\(s) + 8.2 × \(unique)/\(w) + 0.659"
    }
  }
}
