// The mixer forward: queries and keys on their way through convolution and feature map, the mLSTM,
// attention, and how both join.

private import Foundation
import Kernels

/// Through the mixer: the normed rows in `scratch.normalized` go in, the stream grows.
func mixerForward(
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
  multiply(
    scratch.normalized,
    MatrixView(stride: size),
    parameters,
    MatrixView(offset: at.projections, stride: size),
    transposeRight: true,
    into: &block.rows,
    MatrixView(stride: sizes.rowStride),
    rows: rows,
    columns: sizes.projectionWidth,
    inner: size
  )
  if sizes.hasCell {
    transformKeys(windowCount: windowCount, parameters, at, sizes, starts, &block, &scratch)
    mlstm(
      block.rows,
      sizes.columns,
      parameters,
      at.biases,
      sizes.mlstmShape(windowCount: windowCount),
      starts: starts,
      saving: &block.mlstm,
      scratch: &scratch.mlstm,
      into: &block.mixed
    )
  }
  if sizes.hasAttention {
    attention(
      block.rows,
      sizes.attentionColumns,
      sizes.attentionShape(windowCount: windowCount),
      starts: starts,
      saving: &block.attention,
      scratch: &scratch.attention,
      into: &block.attended
    )
  }
  if sizes.hasCell {
    gateHeads(rows, parameters, at, sizes, block, &scratch)
    project(scratch.gated, rows, parameters, at, sizes, &scratch)
  } else {
    project(block.attended, rows, parameters, at, sizes, &scratch)
  }
}

/// Adds the mixer's output to the stream.
private func project(
  _ x: [Float],
  _ rows: Int,
  _ parameters: [Float],
  _ at: BlockPlaces,
  _ sizes: PassSizes,
  _ scratch: inout PassScratch
) {
  let view = MatrixView(stride: sizes.hiddenSize)
  multiply(
    x,
    view,
    parameters,
    MatrixView(offset: at.out, stride: sizes.hiddenSize),
    transposeRight: true,
    into: &scratch.stream,
    view,
    rows: rows,
    columns: sizes.hiddenSize,
    inner: sizes.hiddenSize,
    keep: 1
  )
}

/// Queries and keys through convolution and feature map, within the mixer's rows.
private func transformKeys(
  windowCount: Int,
  _ parameters: [Float],
  _ at: BlockPlaces,
  _ sizes: PassSizes,
  _ starts: [Int32],
  _ block: inout BlockActivations,
  _ scratch: inout PassScratch
) {
  if sizes.hasConvolution {
    for (column, kernel) in [(0, at.queryConvolution), (sizes.hiddenSize, at.keyConvolution)] {
      shortConvolution(
        &block.rows,
        parameters,
        kernelAt: kernel,
        sizes.convolutionShape(windowCount: windowCount, from: column),
        starts: starts
      )
    }
  }
  if sizes.hasFeatures {
    mapFeatures(
      windowCount * sizes.stepCount,
      parameters,
      at,
      sizes,
      &block.rows,
      &scratch.features
    )
  }
}

/// The features of the rows' queries and keys.
func mapFeatures(
  _ rowCount: Int,
  _ parameters: [Float],
  _ at: BlockPlaces,
  _ sizes: PassSizes,
  _ rows: inout [Float],
  _ scratch: inout [Float]
) {
  for (column, matrix) in [(0, at.queryFeatures), (sizes.hiddenSize, at.keyFeatures)] {
    featureMap(
      &rows,
      parameters,
      matrixAt: matrix,
      sizes.featureShape(rowCount: rowCount, from: column),
      scratch: &scratch
    )
  }
}

/// The factors of the mLSTM's and of attention's output in their sum.
func mixShares(
  _ parameters: [Float],
  _ at: BlockPlaces,
  _ sizes: PassSizes
) -> (cell: Float, attention: Float) {
  switch sizes.configuration.slidingWindow {
  case .none: (1, 0)
  case .average: (0.5, 0.5)
  case .modulated: (1, parameters[at.alpha])
  case .bounded: (1, tanh(parameters[at.alpha]))
  }
}

/// The head norm, what attention adds to it, and the output gate, which the backward pass computes
/// once more.
func gateHeads(
  _ rows: Int,
  _ parameters: [Float],
  _ at: BlockPlaces,
  _ sizes: PassSizes,
  _ block: BlockActivations,
  _ scratch: inout PassScratch
) {
  headNorm(
    block.mixed,
    parameters,
    gainAt: at.headNormGain,
    rows: rows,
    heads: sizes.headCount,
    headSize: sizes.headSize,
    into: &scratch.headNormalized
  )
  if sizes.hasSlidingWindow {
    let shares = mixShares(parameters, at, sizes)
    scaledAdd(
      block.attended,
      range: 0..<rows * sizes.hiddenSize,
      scale: shares.attention,
      keep: shares.cell,
      into: &scratch.headNormalized
    )
  }
  sigmoidGate(
    block.rows,
    sizes.outputGate,
    scratch.headNormalized,
    rows: rows,
    columns: sizes.hiddenSize,
    into: &scratch.gated
  )
}
