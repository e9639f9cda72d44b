// What a selection's folder says of itself to people and to the Hugging Face hub: README.md.
//
// The front matter is what the hub and `datasets` read (hub documentation, "Dataset Cards" and "Data
// files Configuration"); its values are quoted wherever YAML could read them as anything but text.

import Curation
import Documents
import Files

/// The dataset card of a selection.
struct DatasetCard {
  private let manifest: SelectionManifest

  /// Describes a selection.
  ///
  /// - Parameter manifest: Its manifest.
  init(_ manifest: SelectionManifest) {
    self.manifest = manifest
  }

  /// The card.
  var text: String {
    (frontMatter + [""] + summary + sourceTable + making + missing + loading)
      .joined(separator: "\n") + "\n"
  }

  private var title: String { manifest.selection.output.title ?? manifest.selection.name }

  private var splits: [Split] { Split.allCases.filter { manifest.splits[$0.rawValue] != nil } }

  private var frontMatter: [String] {
    let licenses = sortedSet(manifest.licenses.keys.map(hubLicense))
    var lines = ["---", "pretty_name: \(quoted(title))", "language:"]
    lines += sortedSet(manifest.sources.map { hubLanguage($0.language) }).map { "- \(quoted($0))" }
    lines.append("license:")
    lines += licenses.map { "- \(quoted($0))" }
    lines += ["task_categories:", "- text-generation", "size_categories:", "- \(sizeCategory)"]
    lines += ["tags:", "- babylm", "- blalm"]
    lines += ["configs:", "- config_name: default", "  data_files:"]
    for split in splits {
      lines += ["  - split: \(hubName(split))", "    path: \(split.rawValue).jsonl"]
    }
    return lines + ["---"]
  }

  private var summary: [String] {
    let sums = splits.map { split in
      let sums = manifest.splits[split.rawValue] ?? SelectionManifest.Sums()
      return "\(grouped(sums.words)) words in \(grouped(sums.documents)) documents for "
        + "\(hubName(split))"
    }
    return [
      "# \(title)", "",
      "A corpus for training small language models: \(sums.joined(separator: ", ")). "
        + "A word is what Python's `str.split()` yields.", "",
    ]
  }

  private var sourceTable: [String] {
    var lines = ["## Sources", ""]
    let names = splits.map { "words (\(hubName($0)))" }
    lines.append(row(["source", "category"] + names + ["licence"]))
    lines.append(row(Array(repeating: "---", count: names.count + 3)))
    for source in manifest.sources {
      let words = splits.map { split in
        let file = manifest.files.first { $0.source == source.name && $0.split == split }
        return grouped(file?.words ?? 0)
      }
      let licenses = source.licenses.keys.sorted().joined(separator: ", ")
      lines.append(row([source.name, source.category] + words + [licenses]))
    }
    return lines + [
      "",
      "Each document keeps the licence under which its source serves it, in the column `license`.",
      "",
    ]
  }

  private var making: [String] {
    let settings = manifest.selection
    var lines = [
      "## How it was made", "",
      "By blalm \(manifest.blalm), from the files that `manifest.json` lists with their SHA-256. "
        + "Documents were taken in the order `\(settings.order)` with the seed \(settings.seed); "
        + "the last of each source is cut at the end of a sentence where its share of words was met.",
      "",
    ]
    for source in manifest.sources {
      let files = source.inputs.count == 1 ? "1 file" : "\(grouped(source.inputs.count)) files"
      lines.append("- `\(source.name)`: \(files) in the format `\(source.format)`")
    }
    return lines + [""]
  }

  private var missing: [String] {
    guard !manifest.notDone.isEmpty else { return [] }
    return [
      "## Not done", "", "Steps of the recipe that this corpus follows which were left out:", "",
    ] + manifest.notDone.map { "- \($0)" } + [""]
  }

  private var loading: [String] {
    [
      "## Loading", "", "```python", "from datasets import load_dataset", "",
      "corpus = load_dataset(\"path/to/this/folder\")", "```", "",
      "The rows have the columns of BabyBabelLM: `text`, `doc-id` (SHA-256 of the text), `category`, "
        + "`data-source`, `script`, `age-estimate`, `license`, `misc` (JSON: our own identity of the "
        + "document and what its source says of it), `num-tokens` (words), `language`. The same "
        + "texts stand in `<source>.<split>` as plain text, a blank line between documents.",
    ]
  }

  /// The hub's size category for a number of rows.
  private var sizeCategory: String {
    let rows = manifest.splits.values.reduce(0) { $0 + $1.documents }
    let bounds = [
      (1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"),
      (10_000_000, "1M<n<10M"), (100_000_000, "10M<n<100M"),
    ]
    return bounds.first { rows < $0.0 }?.1 ?? "100M<n<1B"
  }
}

/// The split's name on the hub.
private func hubName(_ split: Split) -> String {
  switch split {
  case .train: "train"
  case .dev: "validation"
  case .test: "test"
  }
}

/// The hub's identifier of a licence; `other` for one that it does not list.
private func hubLicense(_ license: String) -> String {
  switch license {
  case "CC-BY-NC-SA-3.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CC-BY-4.0", "CC0-1.0", "Apache-2.0",
    "MIT", "CDLA-Sharing-1.0":
    license.lowercased()
  case "ODC-By-1.0": "odc-by"
  default: "other"
  }
}

/// The hub prefers ISO 639-1 where a language has such a code.
private func hubLanguage(_ language: String) -> String { language == "eng" ? "en" : language }

private func sortedSet(_ values: [String]) -> [String] { Set(values).sorted() }

/// A YAML scalar in double quotes.
///
/// It is JSON's with more escapes: YAML does not take what cannot be printed, and folds its line breaks
/// (YAML 1.1, sections 4.1 and 4.2).
private func quoted(_ text: String) -> String {
  var line: [UInt8] = []
  appendJSONString(Array(text.utf8), to: &line)
  var scalars = String.UnicodeScalarView()
  for scalar in String(decoding: line, as: UTF8.self).unicodeScalars {
    switch scalar.value {
    case 0x7f...0x9f, 0x2028, 0x2029, 0xfeff, 0xfffe, 0xffff:
      let digits = String(scalar.value, radix: 16)
      scalars += ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).unicodeScalars
    default: scalars.append(scalar)
    }
  }
  return String(scalars)
}

/// A row of a Markdown table.
private func row(_ cells: [String]) -> String {
  "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
}

/// A number with commas between thousands.
private func grouped(_ number: Int) -> String {
  var groups: [String] = []
  var rest = String(number)
  while rest.count > 3 {
    groups.insert(String(rest.suffix(3)), at: 0)
    rest.removeLast(3)
  }
  return ([rest] + groups).joined(separator: ",")
}
