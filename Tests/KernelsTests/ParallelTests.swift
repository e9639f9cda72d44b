import Foundation
import Kernels
import Testing

@Suite struct ParallelTests {
  @Test(arguments: [1, 2, 5])
  func `every element is worked on once, whatever the number of threads`(threads: Int) {
    let pool = Parallel(threadCount: threads)
    for count in [0, 1, 3, 64] {
      var values = [Int](repeating: 1, count: count)
      for _ in 0..<50 { pool.forEach(&values) { index, value in value += index } }
      #expect(values == (0..<count).map { 1 + 50 * $0 })
    }
  }

  @Test func `two threads work at the same time`() {
    let pool = Parallel(threadCount: 2)
    let both = DispatchSemaphore(value: 0)
    let gate = DispatchSemaphore(value: 0)
    var met = [false, false]
    pool.forEach(&met) { index, value in
      (index == 0 ? both : gate).signal()
      value = (index == 0 ? gate : both).wait(timeout: .now() + 20) == .success
    }
    #expect(met == [true, true])
  }
}
