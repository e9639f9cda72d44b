// Causal softmax attention one step at a time, for decoding: rotated keys and values of the last
// steps in a ring, so that memory does not grow with the text.

private import CKernels

/// What the heads of one attention have seen: the last steps, and the first few.
public struct AttentionState: Sendable {
  /// Rotated keys and values, [heads, visibleCount, headSize], the slots of a ring.
  package var keys: [Float]
  package var values: [Float]
  /// Those of the first steps, [heads, memoryCount, headSize].
  package var memoryKeys: [Float]
  package var memoryValues: [Float]
  /// The number of steps seen.
  package var stepCount = 0
  /// One step's rotated query and key, angles and scores.
  var query: [Float]
  var key: [Float]
  var cosines: [Float]
  var sines: [Float]
  var scores: [Float]

  /// Creates the state before the first step.
  ///
  /// - Parameter shape: The sizes; windows and steps do not matter.
  public init(for shape: AttentionShape) {
    precondition(shape.isValid)
    func zeros(_ count: Int) -> [Float] { [Float](repeating: 0, count: count) }
    keys = zeros(shape.outputSize * shape.visibleCount)
    values = keys
    memoryKeys = zeros(shape.outputSize * shape.memoryCount)
    memoryValues = memoryKeys
    query = zeros(shape.headSize)
    key = query
    cosines = zeros(shape.headSize / 2)
    sines = cosines
    scores = zeros(shape.visibleCount + shape.memoryCount)
  }

  /// Forgets all steps.
  public mutating func reset() { stepCount = 0 }
}

/// Advances every head by one step.
///
/// - Parameters:
///   - inputs: One row with queries, keys and values.
///   - columns: Where they lie in it.
///   - shape: The sizes; windows and steps do not matter.
///   - state: What was seen; advanced.
///   - into: Receives the outputs, [heads · headSize].
/// - Precondition: Every buffer holds its shape.
/// - Complexity: O(heads · (visibleCount + memoryCount) · headSize), whatever the length of the past.
public func attentionStep(
  _ inputs: [Float],
  _ columns: AttentionColumns,
  _ shape: AttentionShape,
  state: inout AttentionState,
  into: inout [Float]
) {
  precondition(
    columns.fits(shape) && inputs.count >= columns.stride && into.count >= shape.outputSize
      && state.keys.count == shape.outputSize * shape.visibleCount
      && state.memoryKeys.count == shape.outputSize * shape.memoryCount
  )
  let size = shape.headSize
  let step = state.stepCount
  let seen = min(step + 1, shape.visibleCount)
  // The first steps are seen as memory once the window has left them behind.
  let remembered = min(shape.memoryCount, step + 1 - seen)
  // Unsafe here and below because C takes pointers; the shapes above keep it inside the buffers.
  unsafe ck_rotary_table(step, 1, size, rotaryBase, &state.cosines, &state.sines)
  for head in 0..<shape.headCount {
    let cache = head * shape.visibleCount * size
    let memory = head * shape.memoryCount * size
    rotateStep(inputs, columns, shape, head: head, state: &state)
    let slot = cache + step % shape.visibleCount * size
    for index in 0..<size {
      state.keys[slot + index] = state.key[index]
      state.values[slot + index] = inputs[columns.value + head * size + index]
    }
    if step < shape.memoryCount {
      for index in 0..<size {
        state.memoryKeys[memory + step * size + index] = state.key[index]
        state.memoryValues[memory + step * size + index] = state.values[slot + index]
      }
    }
    unsafe ck_attention_step(
      state.query,
      state.keys,
      state.values,
      cache,
      seen,
      state.memoryKeys,
      state.memoryValues,
      memory,
      remembered,
      size,
      &state.scores,
      &into,
      head * size
    )
  }
  state.stepCount += 1
}

private func rotateStep(
  _ inputs: [Float],
  _ columns: AttentionColumns,
  _ shape: AttentionShape,
  head: Int,
  state: inout AttentionState
) {
  let at = head * shape.headSize
  unsafe ck_rotate(
    inputs,
    columns.query + at,
    columns.stride,
    state.cosines,
    state.sines,
    1,
    shape.headSize,
    shape.scale,
    &state.query
  )
  unsafe ck_rotate(
    inputs,
    columns.key + at,
    columns.stride,
    state.cosines,
    state.sines,
    1,
    shape.headSize,
    1,
    &state.key
  )
}
