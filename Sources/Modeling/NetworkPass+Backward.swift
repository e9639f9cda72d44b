// The backward pass: the head's loss and gradient in slices of rows, then the blocks from last to
// first. Every gradient of a parameter is added to what the buffer holds.

import Kernels

extension NetworkPass {
  /// Adds the gradient of `scale · Σ losses` to `gradient`, after ``forward(windowCount:_:_:)``.
  ///
  /// - Parameters:
  ///   - windowCount: The windows that went forward.
  ///   - parameters: The flat buffer.
  ///   - places: Where its tensors begin.
  ///   - scale: The weight of one target.
  ///   - gradient: Accumulates the gradient, laid out as the parameters.
  mutating func backward(
    windowCount: Int,
    _ parameters: [Float],
    _ places: NetworkPlaces,
    scale: Float,
    gradient: inout [Float]
  ) {
    let rows = windowCount * sizes.stepCount
    var flow = gradients.take() ?? PassGradients(sizes)
    for start in stride(from: 0, to: rows, by: headSliceRows) {
      let count = min(headSliceRows, rows - start)
      unembed(start, count, parameters, places, sizes, &scratch)
      crossEntropyGradient(
        &scratch.logits,
        targets: targets,
        targetsAt: start,
        rows: count,
        columns: sizes.vocabularySize,
        scale: scale,
        into: &scratch.losses
      )
      unembedBackward(start, count, parameters, places, sizes, scratch, &flow, &gradient)
    }
    zero(&flow.stream, count: rows * sizes.hiddenSize)
    rmsNormBackward(
      scratch.stream,
      parameters,
      gainAt: places.finalNormGain,
      inverseRMS: scratch.finalInverseRMS,
      gradient: flow.normalized,
      rows: rows,
      columns: sizes.hiddenSize,
      into: &flow.stream,
      parameterGradient: &gradient
    )
    for index in places.blocks.indices.reversed() {
      let at = places.blocks[index]
      let kept = blockInputs.isEmpty ? index : 0
      // The last block's activations still stand.
      if !blockInputs.isEmpty, index < places.blocks.count - 1 {
        let range = 0..<rows * sizes.hiddenSize
        scaledAdd(blockInputs[index], range: range, keep: 0, into: &scratch.stream)
        blockForward(
          windowCount: windowCount,
          parameters,
          at,
          sizes,
          starts,
          &blocks[kept],
          &scratch
        )
      }
      feedForwardBackward(rows, parameters, at, sizes, &blocks[kept], &scratch, &flow, &gradient)
      mixerBackward(
        windowCount: windowCount,
        parameters,
        at,
        sizes,
        starts,
        &blocks[kept],
        &scratch,
        &flow,
        &gradient
      )
    }
    scatterAdd(
      flow.stream,
      inputs,
      rows,
      sizes.hiddenSize,
      at: places.embedding,
      into: &gradient
    )
    gradients = consume flow
  }
}

/// Sets the first elements to zero.
func zero(_ values: inout [Float], count: Int) {
  for index in 0..<count { values[index] = 0 }
}

/// Adds every row to the gradient of its id's embedding.
private func scatterAdd(
  _ rowsGradient: [Float],
  _ ids: [Int32],
  _ rows: Int,
  _ size: Int,
  at offset: Int,
  into: inout [Float]
) {
  for row in 0..<rows {
    let target = offset + Int(ids[row]) * size
    for column in 0..<size { into[target + column] += rowsGradient[row * size + column] }
  }
}

/// From the gradient of a slice of logits to the final norm's rows and the unembedding.
private func unembedBackward(
  _ start: Int,
  _ count: Int,
  _ parameters: [Float],
  _ places: NetworkPlaces,
  _ sizes: PassSizes,
  _ scratch: PassScratch,
  _ flow: inout PassGradients,
  _ gradient: inout [Float]
) {
  let size = sizes.hiddenSize
  let slice = MatrixView(offset: start * size, stride: size)
  let logits = MatrixView(stride: sizes.vocabularySize)
  let unembedding = MatrixView(offset: places.unembedding, stride: size)
  multiply(
    scratch.logits,
    logits,
    parameters,
    unembedding,
    into: &flow.normalized,
    slice,
    rows: count,
    columns: size,
    inner: sizes.vocabularySize
  )
  multiply(
    scratch.logits,
    logits,
    transposeLeft: true,
    scratch.normalized,
    slice,
    into: &gradient,
    unembedding,
    rows: sizes.vocabularySize,
    columns: size,
    inner: count,
    keep: 1
  )
}

/// The gradients of a linear map `y = x · Wᵀ`: overwrites that of `x`, adds to that of `W`.
func linearBackward(
  _ x: [Float],
  _ parameters: [Float],
  weightAt: Int,
  outputGradient: [Float],
  outputStride: Int,
  rows: Int,
  inputs: Int,
  outputs: Int,
  into: inout [Float],
  parameterGradient: inout [Float]
) {
  let weight = MatrixView(offset: weightAt, stride: inputs)
  multiply(
    outputGradient,
    MatrixView(stride: outputStride),
    parameters,
    weight,
    into: &into,
    MatrixView(stride: inputs),
    rows: rows,
    columns: inputs,
    inner: outputs
  )
  multiply(
    outputGradient,
    MatrixView(stride: outputStride),
    transposeLeft: true,
    x,
    MatrixView(stride: inputs),
    into: &parameterGradient,
    weight,
    rows: outputs,
    columns: inputs,
    inner: rows,
    keep: 1
  )
}

/// Through the feed-forward part; `flow.stream` goes from after it to before it.
private func feedForwardBackward(
  _ rows: Int,
  _ parameters: [Float],
  _ at: BlockPlaces,
  _ sizes: PassSizes,
  _ block: inout BlockActivations,
  _ scratch: inout PassScratch,
  _ flow: inout PassGradients,
  _ gradient: inout [Float]
) {
  let size = sizes.hiddenSize
  gatedSiLU(block.gateUp, rows: rows, size: sizes.feedForwardSize, into: &scratch.activated)
  linearBackward(
    scratch.activated,
    parameters,
    weightAt: at.down,
    outputGradient: flow.stream,
    outputStride: size,
    rows: rows,
    inputs: sizes.feedForwardSize,
    outputs: size,
    into: &flow.activated,
    parameterGradient: &gradient
  )
  gatedSiLUBackward(
    block.gateUp,
    gradient: flow.activated,
    rows: rows,
    size: sizes.feedForwardSize,
    into: &flow.gateUp
  )
  rmsNorm(
    block.feedForwardInput,
    parameters,
    gainAt: at.feedForwardNormGain,
    rows: rows,
    columns: size,
    inverseRMS: &block.feedForwardInverseRMS,
    into: &scratch.normalized
  )
  linearBackward(
    scratch.normalized,
    parameters,
    weightAt: at.gateUp,
    outputGradient: flow.gateUp,
    outputStride: 2 * sizes.feedForwardSize,
    rows: rows,
    inputs: size,
    outputs: 2 * sizes.feedForwardSize,
    into: &flow.normalized,
    parameterGradient: &gradient
  )
  rmsNormBackward(
    block.feedForwardInput,
    parameters,
    gainAt: at.feedForwardNormGain,
    inverseRMS: block.feedForwardInverseRMS,
    gradient: flow.normalized,
    rows: rows,
    columns: size,
    into: &flow.stream,
    parameterGradient: &gradient
  )
}
