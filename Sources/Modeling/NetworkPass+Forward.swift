// The forward pass: embedding, blocks, final norm, and the loss of every target in slices of rows.

import Kernels

extension NetworkPass {
  /// Runs windows through the blocks; afterwards `scratch.normalized` holds the final norm's rows.
  ///
  /// - Parameters:
  ///   - windowCount: The windows in `inputs`, at most the capacity.
  ///   - parameters: The flat buffer.
  ///   - places: Where its tensors begin.
  mutating func forward(windowCount: Int, _ parameters: [Float], _ places: NetworkPlaces) {
    let rows = windowCount * sizes.stepCount
    gather(parameters, at: places.embedding, inputs, rows, sizes.hiddenSize, into: &scratch.stream)
    for index in places.blocks.indices {
      if !blockInputs.isEmpty {
        let range = 0..<rows * sizes.hiddenSize
        scaledAdd(scratch.stream, range: range, keep: 0, into: &blockInputs[index])
      }
      blockForward(
        windowCount: windowCount,
        parameters,
        places.blocks[index],
        sizes,
        starts,
        &blocks[blockInputs.isEmpty ? index : 0],
        &scratch
      )
    }
    rmsNorm(
      scratch.stream,
      parameters,
      gainAt: places.finalNormGain,
      rows: rows,
      columns: sizes.hiddenSize,
      inverseRMS: &scratch.finalInverseRMS,
      into: &scratch.normalized
    )
  }

  /// Computes the loss of every target into `scratch.losses`, after ``forward(windowCount:_:_:)``.
  mutating func measureLosses(windowCount: Int, _ parameters: [Float], _ places: NetworkPlaces) {
    let rows = windowCount * sizes.stepCount
    for start in stride(from: 0, to: rows, by: headSliceRows) {
      let count = min(headSliceRows, rows - start)
      unembed(start, count, parameters, places, sizes, &scratch)
      crossEntropy(
        scratch.logits,
        targets: targets,
        targetsAt: start,
        rows: count,
        columns: sizes.vocabularySize,
        into: &scratch.losses
      )
    }
  }
}

/// The logits of a slice of rows of the final norm.
func unembed(
  _ start: Int,
  _ count: Int,
  _ parameters: [Float],
  _ places: NetworkPlaces,
  _ sizes: PassSizes,
  _ scratch: inout PassScratch
) {
  multiply(
    scratch.normalized,
    MatrixView(offset: start * sizes.hiddenSize, stride: sizes.hiddenSize),
    parameters,
    MatrixView(offset: places.unembedding, stride: sizes.hiddenSize),
    transposeRight: true,
    into: &scratch.logits,
    MatrixView(stride: sizes.vocabularySize),
    rows: count,
    columns: sizes.vocabularySize,
    inner: sizes.hiddenSize
  )
}

/// Copies the embedding of every id.
func gather(
  _ parameters: [Float],
  at offset: Int,
  _ ids: [Int32],
  _ rows: Int,
  _ size: Int,
  into: inout [Float]
) {
  for row in 0..<rows {
    let source = offset + Int(ids[row]) * size
    for column in 0..<size { into[row * size + column] = parameters[source + column] }
  }
}

/// One block: the stream in `scratch.stream` goes in and comes out changed.
func blockForward(
  windowCount: Int,
  _ parameters: [Float],
  _ at: BlockPlaces,
  _ sizes: PassSizes,
  _ starts: [Int32],
  _ block: inout BlockActivations,
  _ scratch: inout PassScratch
) {
  let rows = windowCount * sizes.stepCount
  let size = sizes.hiddenSize
  let stream = MatrixView(stride: size)
  scaledAdd(scratch.stream, range: 0..<rows * size, keep: 0, into: &block.mixerInput)
  rmsNorm(
    scratch.stream,
    parameters,
    gainAt: at.mixerNormGain,
    rows: rows,
    columns: size,
    inverseRMS: &block.mixerInverseRMS,
    into: &scratch.normalized
  )
  mixerForward(windowCount: windowCount, parameters, at, sizes, starts, &block, &scratch)
  scaledAdd(scratch.stream, range: 0..<rows * size, keep: 0, into: &block.feedForwardInput)
  rmsNorm(
    scratch.stream,
    parameters,
    gainAt: at.feedForwardNormGain,
    rows: rows,
    columns: size,
    inverseRMS: &block.feedForwardInverseRMS,
    into: &scratch.normalized
  )
  multiply(
    scratch.normalized,
    stream,
    parameters,
    MatrixView(offset: at.gateUp, stride: size),
    transposeRight: true,
    into: &block.gateUp,
    MatrixView(stride: 2 * sizes.feedForwardSize),
    rows: rows,
    columns: 2 * sizes.feedForwardSize,
    inner: size
  )
  gatedSiLU(block.gateUp, rows: rows, size: sizes.feedForwardSize, into: &scratch.activated)
  multiply(
    scratch.activated,
    MatrixView(stride: sizes.feedForwardSize),
    parameters,
    MatrixView(offset: at.down, stride: sizes.feedForwardSize),
    transposeRight: true,
    into: &scratch.stream,
    stream,
    rows: rows,
    columns: size,
    inner: sizes.feedForwardSize,
    keep: 1
  )
}
