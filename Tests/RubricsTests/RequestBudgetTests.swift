import Rubrics
import Testing

@Suite struct RequestBudgetTests {
  static let bound = TokenCount(input: 100, output: 400)

  static func budget(_ mostCost: Double) -> RequestBudget {
    var budget = RequestBudget()
    budget.limit(to: mostCost, price: PriceTable.Price(input: 1e6, output: 1e6))
    return budget
  }

  static func right(_ admission: RequestAdmission) -> RequestRight? {
    if case .go(let right) = admission { right } else { nil }
  }

  static func isWait(_ admission: RequestAdmission) -> Bool {
    if case .wait = admission { true } else { false }
  }

  @Test func `what requests may cost is held back until they are settled`() throws {
    var budget = RequestBudgetTests.budget(1_600)
    let bound = RequestBudgetTests.bound
    let first = try #require(RequestBudgetTests.right(budget.admit(bound)))
    // It goes alone.
    #expect(RequestBudgetTests.isWait(budget.admit(bound)))
    budget.settle(first, used: TokenCount(input: 100, output: 200))
    #expect(budget.spent == 300)
    let second = try #require(RequestBudgetTests.right(budget.admit(bound)))
    let third = try #require(RequestBudgetTests.right(budget.admit(bound)))
    #expect(RequestBudgetTests.isWait(budget.admit(bound)) && !budget.hasRoom(for: bound))
    budget.settle(second, used: .none)
    #expect(budget.spent == 300 && budget.hasRoom(for: bound) && !budget.isExhausted)
    budget.settle(third, used: TokenCount(input: 100, output: 900))
    #expect(budget.spent == 1_300)
    // There is no other whose money could come free.
    guard case .over = budget.admit(bound) else {
      Issue.record("a request without money")
      return
    }
    #expect(budget.isExhausted)
  }

  @Test func `what passes its bound is expected of the next`() throws {
    var budget = RequestBudgetTests.budget(1e9)
    let bound = RequestBudgetTests.bound
    let first = try #require(RequestBudgetTests.right(budget.admit(bound)))
    #expect(budget.cost(atMost: bound) == 500)
    budget.settle(first, used: TokenCount(input: 250, output: 3_000))
    #expect(budget.cost(atMost: bound) == 3_250)
    let second = try #require(RequestBudgetTests.right(budget.admit(bound)))
    budget.settle(second, used: TokenCount(input: 10, output: 10))
    #expect(budget.cost(atMost: bound) == 3_250)
    #expect(budget.cost(atMost: TokenCount(input: .max, output: 1)).isFinite)
  }

  @Test func `what costs nothing waits for nobody`() {
    var budget = RequestBudget()
    budget.limit(to: 0, price: PriceTable.Price(input: 0, output: 0))
    for _ in 0..<10 {
      #expect(RequestBudgetTests.right(budget.admit(RequestBudgetTests.bound)) != nil)
    }
    var unlimited = RequestBudget()
    for _ in 0..<10 {
      #expect(RequestBudgetTests.right(unlimited.admit(RequestBudgetTests.bound)) != nil)
    }
  }
}
