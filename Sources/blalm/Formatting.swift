// Numbers and reports for people, the same whatever the locale.

import Documents
import Foundation
import Pipeline

/// A whole number with commas between groups of three digits.
func grouped(_ value: Int) -> String {
  let digits = String(value.magnitude)
  var result = ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.count - index) % 3 == 0 { result.append(",") }
    result.append(digit)
  }
  return (value < 0 ? "-" : "") + result
}

/// A number of things: `1 word`, `2,000 words`.
func counted(_ value: Int, _ thing: String) -> String {
  grouped(value) + " " + thing + (value == 1 ? "" : "s")
}

/// A number with a fixed count of decimals.
func rounded(_ value: Double, _ decimals: Int) -> String {
  String(format: "%.\(decimals)f", value)
}

/// Pads on the right to a width, for columns.
func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}

extension StageReport {
  /// The report as one line and a line for each thing to know.
  var summary: String {
    var line = padded(stage, 27) + " " + padded(status.rawValue, 12)
    line += "\(grouped(input)) in, \(grouped(output)) out, \(grouped(words)) words"
    line += ", \(rounded(seconds, 1)) s"
    var lines = [line]
    for (reason, count) in rejected.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
      lines.append("    \(grouped(count)) not kept: \(reason)")
    }
    let shown = details.filter { !StageReport.detailsForStages.contains($0.key) }
    for (name, value) in shown.sorted(by: { $0.key < $1.key }) {
      guard case .object(let members) = value else {
        lines.append("    \(name): \(value.summary)")
        continue
      }
      lines.append("    \(name):\(members.isEmpty ? " none" : "")")
      for (member, value) in members.sorted(by: { $0.key < $1.key }) {
        lines.append("      \(member): \(value.summary)")
      }
    }
    return lines.joined(separator: "\n")
  }
}

extension MetadataValue {
  /// The value for people.
  var summary: String {
    switch self {
    case .text(let text): text
    case .integer(let value): grouped(value)
    case .number(let value): rounded(value, 3)
    case .flag(let value): value ? "yes" : "no"
    case .list(let values): values.map(\.summary).joined(separator: ", ")
    case .object(let values):
      values.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value.summary))" }
        .joined(separator: ", ")
    }
  }
}
