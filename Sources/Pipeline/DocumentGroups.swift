// Documents grouped by a column of `corpus`, for reports.

import Documents

/// The groups that the values of a column make.
///
/// Text and few distinct numbers group by value. A child's age groups by years, a grade level by
/// whole grades, any other column of numbers by fifths of the documents.
struct DocumentGroups: Sendable {
  /// The column's name.
  let column: String
  /// The group of each document that has a value, in the groups' order.
  private var places: [DocumentID: Int] = [:]
  private var labels: [String] = []

  /// More distinct numbers than this are grouped by ranges.
  private static let mostValues = 20

  /// Groups documents.
  ///
  /// - Parameters:
  ///   - column: The column's name.
  ///   - values: The documents' values; one without a value is absent.
  init(column: String, values: [DocumentID: MetadataValue]) {
    self.column = column
    let numbers = values.values.compactMap(\.asNumber)
    let isNumeric = numbers.count == values.count && !numbers.isEmpty
    let named: [DocumentID: (order: Double, label: String)]
    if isNumeric, column == "targetChildAgeMonths" {
      named = values.mapValues { value in
        let year = ((value.asNumber ?? 0) / 12).rounded(.down)
        return (year, "\(whole(year * 12)) to \(whole(year * 12 + 11)) months")
      }
    } else if isNumeric, column == "fleschKincaidGrade" {
      named = values.mapValues { value in
        let grade = (value.asNumber ?? 0).rounded(.down)
        return grade < 0
          ? (-1, "below grade 0")
          : grade > 20 ? (21, "above grade 20") : (grade, "grade \(whole(grade))")
      }
    } else if isNumeric, Set(numbers).count > Self.mostValues {
      let borders = fifths(of: numbers)
      named = values.mapValues { value in
        let number = value.asNumber ?? 0
        let place = borders.dropFirst().dropLast().count { number >= $0 }
        return (Double(place), "\(borders[place]) to \(borders[place + 1])")
      }
    } else if isNumeric {
      named = values.mapValues { ($0.asNumber ?? 0, $0.label) }
    } else {
      named = values.mapValues { (0, $0.label) }
    }
    let order = Set(named.values.map { GroupName(order: $0.order, label: $0.label) }).sorted()
    labels = order.map(\.label)
    let ranks = Dictionary(uniqueKeysWithValues: zip(order, order.indices))
    places = named.compactMapValues { ranks[GroupName(order: $0.order, label: $0.label)] }
  }

  /// The group of a document; documents without a value come last.
  func place(of document: DocumentID) -> Int { places[document] ?? labels.count }

  /// What a group is called.
  func label(of place: Int) -> String { place < labels.count ? labels[place] : "no value" }
}

/// A group's name and what it is sorted by.
private struct GroupName: Hashable, Comparable {
  var order: Double
  var label: String

  static func < (left: GroupName, right: GroupName) -> Bool {
    (left.order, left.label) < (right.order, right.label)
  }
}

/// A whole number without its decimals.
private func whole(_ value: Double) -> String { Int(exactly: value).map { "\($0)" } ?? "\(value)" }

/// The smallest number, the four that part the numbers into fifths, and the largest; distinct.
private func fifths(of numbers: [Double]) -> [Double] {
  let sorted = numbers.sorted()
  var borders: [Double] = []
  for part in 0...5 {
    let value = sorted[(sorted.count - 1) * part / 5]
    if borders.last != value { borders.append(value) }
  }
  return borders
}

extension MetadataValue {
  /// The number, where it is one.
  fileprivate var asNumber: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The value as a group's name.
  fileprivate var label: String {
    switch self {
    case .text(let text): text
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .flag(let value): "\(value)"
    case .list, .object: "a list"
    }
  }
}
