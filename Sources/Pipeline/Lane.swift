import Synchronization

/// A value that one worker at a time changes, kept from batch to batch: an encoder that remembers
/// words, a trainer that counts them.
///
/// What comes out must not depend on which worker had which documents.
final class Lane<Value: Sendable>: Sendable {
  private let value: Mutex<Value>

  /// Takes a value.
  init(_ value: Value) {
    self.value = Mutex(value)
  }

  /// Changes the value in place.
  ///
  /// - Parameter body: Receives it.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws.
  func use<Result: Sendable>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    try value.withLock { value in
      let result = try body(&value)
      return result
    }
  }
}
