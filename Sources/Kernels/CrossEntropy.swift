// Softmax cross-entropy over rows of logits, in nats. A negative target marks a row without a loss.

private import CKernels

/// Computes `−log softmax(logits)[target]` for every row.
///
/// - Parameters:
///   - logits: The rows, [rows, columns].
///   - targets: One column index a row; negative where the row carries no loss.
///   - targetsAt: The index of the first target, and of the first loss.
///   - rows: The number of rows.
///   - columns: The number of classes.
///   - into: Receives the losses, [rows] from `targetsAt`; 0 where the target is negative.
/// - Precondition: Every target is under `columns`.
public func crossEntropy(
  _ logits: [Float],
  targets: [Int32],
  targetsAt: Int,
  rows: Int,
  columns: Int,
  into: inout [Float]
) {
  checkTargets(targets, targetsAt, rows, columns)
  precondition(logits.count >= rows * columns && into.count >= targetsAt + rows)
  // Unsafe because C takes pointers; the shapes above keep it inside the buffers.
  unsafe ck_cross_entropy(logits, targets, targetsAt, rows, columns, &into)
}

/// The same losses, and the logits become their gradient, `scale · (softmax − onehot)`.
///
/// - Parameters:
///   - logits: The rows, [rows, columns]; overwritten by the gradient.
///   - targets: One column index a row; a negative one makes the row's gradient 0.
///   - targetsAt: The index of the first target, and of the first loss.
///   - rows: The number of rows.
///   - columns: The number of classes.
///   - scale: The weight of one row in the sum that is differentiated.
///   - into: Receives the losses, unscaled, [rows] from `targetsAt`.
/// - Precondition: Every target is under `columns`.
public func crossEntropyGradient(
  _ logits: inout [Float],
  targets: [Int32],
  targetsAt: Int,
  rows: Int,
  columns: Int,
  scale: Float,
  into: inout [Float]
) {
  checkTargets(targets, targetsAt, rows, columns)
  precondition(logits.count >= rows * columns && into.count >= targetsAt + rows)
  // Unsafe because C takes pointers; the shapes above keep it inside the buffers.
  unsafe ck_cross_entropy_gradient(&logits, targets, targetsAt, rows, columns, scale, &into)
}

private func checkTargets(_ targets: [Int32], _ start: Int, _ rows: Int, _ columns: Int) {
  precondition(start >= 0 && start + rows <= targets.count)
  for row in start..<start + rows {
    precondition(Int(targets[row]) < columns, "a target lies outside the vocabulary")
  }
}
