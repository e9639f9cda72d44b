import Dispatch
import Foundation
import Synchronization

/// Where the corpus side's rules run on all cores: a bounded, ordered map.
package enum WorkerPool {
  /// The cores that the system lets this process use.
  static let width = max(1, ProcessInfo.processInfo.activeProcessorCount)

  /// Applies a pure function to every item at once and returns the results in the items' order.
  ///
  /// - Parameters:
  ///   - items: The items; about the same work each, or many more than cores.
  ///   - transform: The function; called from several threads.
  /// - Returns: The results in order.
  /// - Throws: The error of the first item, in order, whose call threw.
  package static func map<Item: Sendable, Output: Sendable>(
    _ items: [Item],
    _ transform: @Sendable (Item) throws -> Output
  ) throws -> [Output] {
    guard items.count > 1, width > 1 else { return try items.map(transform) }
    // More pieces than cores even out pieces of unequal work.
    let pieces = min(items.count, width * 8)
    let results = Mutex([Result<[Output], any Error>?](repeating: nil, count: pieces))
    DispatchQueue.concurrentPerform(iterations: pieces) { piece in
      let range = items.count * piece / pieces..<items.count * (piece + 1) / pieces
      let outputs = Result { try items[range].map(transform) }
      results.withLock { $0[piece] = outputs }
    }
    let finished = results.withLock { $0 }
    var ordered: [Output] = []
    ordered.reserveCapacity(items.count)
    for piece in finished { ordered += try piece?.get() ?? [] }
    return ordered
  }
}
