// Scores from outside, to compare a judge with: JSON Lines or CSV with the fields `id` and `score`.
//
// Not a reader of sources: ids are those of documents of the workspace, and a file that cannot be
// understood is refused as a whole, since figures over a part of it would not be what was asked for.

public import Documents
import Files
import Foundation

/// Scores by document, from a file.
public struct GoldScores: Sendable {
  private static let largestFile = 1 << 28

  /// The scores.
  public let scores: [DocumentID: Double]

  private struct Line: Decodable {
    let id: String
    let score: Double
  }

  /// Reads a file.
  ///
  /// - Parameter path: A file whose name ends in `.csv`, with a line of names first, or of JSON Lines.
  /// - Throws: ``Failure`` with the line that cannot be read.
  public init(path: String) throws {
    let file = try BinaryFile(path: path)
    guard file.size <= GoldScores.largestFile else {
      throw Failure(
        .usage,
        what: "the file has more than \(GoldScores.largestFile) bytes",
        place: path,
        remedy: "keep the fields `id` and `score` alone"
      )
    }
    let bytes = try file.bytes(at: 0, count: file.size)
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    var names: [String]?
    var scores: [DocumentID: Double] = [:]
    for (index, line) in lines.enumerated() {
      let text = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespaces)
      if text.isEmpty { continue }
      func refusal(_ what: String) -> Failure {
        Failure(
          .usage,
          what: what,
          place: "\(path), line \(index + 1)",
          remedy: "write one document a line, its `id` of 32 hexadecimal digits and its `score`"
        )
      }
      var entry: (id: String, score: Double?)?
      if path.hasSuffix(".csv") {
        let fields = text.split(separator: ",", omittingEmptySubsequences: false).map {
          $0.trimmingCharacters(in: .whitespaces)
        }
        guard let known = names else {
          names = fields
          continue
        }
        guard let id = known.firstIndex(of: "id"), let score = known.firstIndex(of: "score") else {
          throw refusal("the first line does not name the fields `id` and `score`")
        }
        guard fields.count == known.count, !text.contains("\"") else {
          throw refusal("the line does not have \(known.count) fields without quotation marks")
        }
        entry = (fields[id], Double(fields[score]))
      } else {
        entry = (try? JSONDecoder().decode(Line.self, from: Data(line))).map { ($0.id, $0.score) }
      }
      guard let entry, let id = DocumentID(entry.id), let score = entry.score, score.isFinite else {
        throw refusal("there is no document's id with a score")
      }
      guard scores.updateValue(score, forKey: id) == nil else {
        throw refusal("the document \(id) is there twice")
      }
    }
    self.scores = scores
  }
}
