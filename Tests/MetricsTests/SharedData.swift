import Foundation
import TestSupport

/// Real text for development, beside the project; absent elsewhere, and then tests that read it skip.
enum SharedData {
  static let path = URL(filePath: Program.root).appending(path: "../shared/data").standardized.path
  static let isThere = FileManager.default.fileExists(atPath: path)

  /// Stories, web pages and conversation, one document each; at most some 4 MB.
  static func texts() throws -> [String] {
    var texts: [String] = []
    let stories = try Data(
      contentsOf: URL(filePath: path + "/tinystories/gusjengis_tinystories_sample_2MiB.txt")
    )
    texts += String(decoding: stories, as: UTF8.self).components(separatedBy: "<|endoftext|>")
    let pages = try Data(contentsOf: URL(filePath: path + "/fineweb-edu/DERIVED_150docs.jsonl"))
    for line in pages.split(separator: 0x0a) {
      let page = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
      if let text = page?["text"] as? String { texts.append(text) }
    }
    let talk = try Data(contentsOf: URL(filePath: path + "/babylm/switchboard.train"))
    texts.append(String(decoding: talk, as: UTF8.self))
    return texts.filter { !$0.allSatisfy(\.isWhitespace) }
  }
}
