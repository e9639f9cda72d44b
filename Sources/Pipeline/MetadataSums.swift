package import Documents

/// The sums over a source's documents of the metadata that its reader names.
///
/// Whole numbers are added up; of an object of whole numbers, such as the templates that pages lost,
/// each name is. The report gives a short list of names whole, and of a long one the greatest.
package struct MetadataSums {
  /// A list of names up to this long is given whole, as that of a reader's rules is.
  private static let wholeList = 40
  /// The names that the report gives of a longer one.
  private static let shownNames = 20

  private var numbers: [String: Int] = [:]
  private var named: [String: [String: Int]] = [:]

  /// Nothing summed yet.
  package init() {}

  /// Adds a document's metadata, already cut to what is summed.
  package mutating func add(_ metadata: [String: MetadataValue]) {
    for (name, value) in metadata {
      switch value {
      case .integer(let number): numbers[name, default: 0] += number
      case .object(let members):
        for case (let member, .integer(let number)) in members {
          named[name, default: [:]][member, default: 0] += number
        }
      default: continue
      }
    }
  }

  /// The sums as a report's details.
  package var details: [String: MetadataValue] {
    var details = numbers.mapValues { MetadataValue.integer($0) }
    for (name, sums) in named {
      let greatest = sums.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        .prefix(sums.count <= Self.wholeList ? sums.count : Self.shownNames)
      details[name] = .object(
        Dictionary(uniqueKeysWithValues: greatest.map { ($0.key, .integer($0.value)) })
      )
    }
    return details
  }
}
