// Budgets of several sources when some have fewer words than they are asked for.

/// The budgets of sources that give a total: each source's number of words, or its share of it.
///
/// - Parameters:
///   - shares: For each source its share of the total, or `nil` where it has a number of its own.
///   - total: The total.
/// - Returns: The words of each share; shares that add up to 1 give words that add up to the total.
public func words(ofShares shares: [Double?], total: Int) -> [Int?] {
  var sum = 0.0
  var given = 0
  return shares.map { share in
    guard let share else { return nil }
    sum += share
    let end = min(total, Int((sum * Double(total)).rounded()))
    defer { given = end }
    return end - given
  }
}

/// Spreads the words that some sources lack over those that have more than they are asked for.
///
/// Each takes in proportion to its own budget; one that then lacks words passes them on, until all
/// are spread or nobody has more.
///
/// - Parameters:
///   - wanted: Each source's budget, or `nil` where it takes all it has.
///   - available: Each source's words to train on.
/// - Returns: Budgets that no source falls short of.
public func spreadShortfall(of wanted: [Int?], over available: [Int]) -> [Int?] {
  var budgets = wanted
  while true {
    var missing = 0
    var open: [(source: Int, weight: Double)] = []
    for (source, budget) in budgets.enumerated() {
      guard let budget, let weight = wanted[source] else { continue }
      if budget > available[source] {
        missing += budget - available[source]
        budgets[source] = available[source]
      } else if budget < available[source] {
        open.append((source, Double(weight)))
      }
    }
    let weights = open.reduce(0) { $0 + $1.weight }
    guard missing > 0, weights > 0 else { return budgets }
    var sum = 0.0
    var given = 0
    for (source, weight) in open {
      sum += weight
      let end = source == open.last?.source ? missing : Int(sum / weights * Double(missing))
      budgets[source] = (budgets[source] ?? 0) + end - given
      given = end
    }
  }
}
