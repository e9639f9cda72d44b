// The dollars of one run: how many are spent, and how many the requests under way may still cost.
//
// Every request asks before it is sent, questions asked again and questions about the endpoint
// included. What it may cost is held back until it is known what it has cost. Pure arithmetic, for the
// test and for whoever holds the lock.

/// The tokens of a request.
package struct TokenCount: Sendable, Equatable {
  /// The tokens read.
  package var input: Int
  /// The tokens written.
  package var output: Int

  /// Creates a count.
  ///
  /// - Parameters:
  ///   - input: The tokens read.
  ///   - output: The tokens written.
  package init(input: Int, output: Int) {
    self.input = input
    self.output = output
  }

  /// No tokens.
  package static let none = TokenCount(input: 0, output: 0)
}

/// The right to send one request, which is to be settled once.
package struct RequestRight: Sendable {
  /// The tokens that it was asked for.
  package let bound: TokenCount
  /// The dollars that are held back for it.
  fileprivate let held: Double
}

/// What a request that asks for the right to be sent is told.
package enum RequestAdmission: Sendable {
  /// It may be sent.
  case go(RequestRight)
  /// It may be sent once others are settled, if at all.
  case wait
  /// The run is over for it.
  case over
}

/// The dollars of one run.
package struct RequestBudget: Sendable {
  /// The dollars that are spent.
  package private(set) var spent = 0.0
  /// Whether a request was refused because its dollars would pass the limit.
  package private(set) var isExhausted = false

  private var price: PriceTable.Price?
  private var mostCost = Double.infinity
  private var held = 0.0
  private var underWay = 0
  /// Whether some request has shown what requests cost.
  private var hasLearnt = false
  /// How often over the tokens read were more than estimated, at the worst.
  private var inputExcess = 1.0
  /// The longest answer that was longer than it was to be, in tokens.
  private var longestExcess = 0

  /// Creates a budget without a limit.
  package init() {}

  /// Sets the limit.
  ///
  /// - Parameters:
  ///   - mostCost: The dollars to spend at most.
  ///   - price: What tokens cost, or `nil` where it is not known; then nothing is counted.
  package mutating func limit(to mostCost: Double, price: PriceTable.Price?) {
    self.mostCost = mostCost
    self.price = price
  }

  /// The dollars that a request may cost, after what others have shown.
  package func cost(atMost bound: TokenCount) -> Double {
    guard let price else { return 0 }
    return price.cost(
      input: Int(min(Double(bound.input) * inputExcess, 1e15)),
      output: max(bound.output, longestExcess)
    )
  }

  /// Whether a request could go now.
  package func hasRoom(for bound: TokenCount) -> Bool {
    spent + held + cost(atMost: bound) <= mostCost
  }

  /// Holds back what a request may cost.
  ///
  /// Under a limit the first request goes alone: it shows whether the endpoint writes more than it
  /// is asked for, before many do.
  ///
  /// - Parameter bound: The tokens that it may take.
  /// - Returns: Whether it may go.
  package mutating func admit(_ bound: TokenCount) -> RequestAdmission {
    let cost = cost(atMost: bound)
    if spent + cost > mostCost {
      isExhausted = true
      return .over
    }
    if underWay > 0, cost > 0, mostCost.isFinite, !hasLearnt || spent + held + cost > mostCost {
      return .wait
    }
    underWay += 1
    held += cost
    return .go(RequestRight(bound: bound, held: cost))
  }

  /// Enters what a request has cost.
  ///
  /// - Parameters:
  ///   - right: Its right.
  ///   - used: The tokens that it has taken; none where it was not served.
  package mutating func settle(_ right: RequestRight, used: TokenCount) {
    underWay -= 1
    // Sums of many small numbers leave a rest that would count as somebody's.
    held = underWay == 0 ? 0 : held - right.held
    guard used != .none else { return }
    hasLearnt = true
    spent += price?.cost(input: used.input, output: used.output) ?? 0
    inputExcess = max(inputExcess, Double(used.input) / Double(max(right.bound.input, 1)))
    if used.output > right.bound.output { longestExcess = max(longestExcess, used.output) }
  }
}
