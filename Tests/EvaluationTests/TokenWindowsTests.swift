import Evaluation
import Testing

@Suite struct TokenWindowsTests {
  @Test(arguments: [(0, 0), (1, 0), (2, 1), (5, 1), (6, 2), (9, 2), (10, 3), (13, 3)])
  func `windows of four inputs cover a stream`(tokenCount: Int, windowCount: Int) {
    let windows = TokenWindows(tokenCount: tokenCount, contextLength: 4)
    #expect(windows.count == windowCount)
    let targets = (0..<windows.count).flatMap { windows.tokens(ofWindow: $0).dropFirst() }
    #expect(targets == Array(1..<max(1, tokenCount)))
    #expect(windows.targetCount == targets.count)
    let seen = (0..<windows.count).flatMap { Array(windows.seen(inWindow: $0)) }
    #expect(seen == (windowCount == 0 ? [] : Array(0..<tokenCount)))
  }
}
