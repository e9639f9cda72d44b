// The mixer backward, in the reverse order: the output gate, the mix of both branches, the mLSTM,
// the feature map, attention, the convolution, the one product.

import Kernels

/// Through the mixer; `flow.stream` goes from after it to before it.
func mixerBackward(
  windowCount: Int,
  _ parameters: [Float],
  _ at: BlockPlaces,
  _ sizes: PassSizes,
  _ starts: [Int32],
  _ block: inout BlockActivations,
  _ scratch: inout PassScratch,
  _ flow: inout PassGradients,
  _ gradient: inout [Float]
) {
  let rows = windowCount * sizes.stepCount
  let size = sizes.hiddenSize
  if sizes.hasCell {
    gateHeads(rows, parameters, at, sizes, block, &scratch)
    projectBackward(scratch.gated, rows, parameters, at, sizes, &flow, &gradient)
    gateHeadsBackward(rows, parameters, at, sizes, block, scratch, &flow, &gradient)
    mlstmBackward(
      block.rows,
      sizes.columns,
      at.biases,
      sizes.mlstmShape(windowCount: windowCount),
      starts: starts,
      outputs: block.mixed,
      saved: block.mlstm,
      gradient: flow.mixed,
      scratch: &scratch.mlstm,
      into: &flow.rows,
      parameterGradient: &gradient
    )
    if sizes.hasFeatures {
      featuresBackward(rows, parameters, at, sizes, block, &scratch, &flow, &gradient)
    }
  } else {
    projectBackward(block.attended, rows, parameters, at, sizes, &flow, &gradient)
  }
  if sizes.hasAttention {
    attentionBackward(
      block.rows,
      sizes.attentionColumns,
      sizes.attentionShape(windowCount: windowCount),
      starts: starts,
      outputs: block.attended,
      saved: block.attention,
      gradient: sizes.hasCell ? flow.attended : flow.normalized,
      keep: sizes.hasCell ? 1 : 0,
      scratch: &scratch.attention,
      into: &flow.rows
    )
  }
  if sizes.hasConvolution {
    for (column, kernel) in [(0, at.queryConvolution), (size, at.keyConvolution)] {
      shortConvolutionBackward(
        block.rows,
        parameters,
        kernelAt: kernel,
        sizes.convolutionShape(windowCount: windowCount, from: column),
        starts: starts,
        gradient: &flow.rows,
        parameterGradient: &gradient
      )
    }
  }
  rmsNorm(
    block.mixerInput,
    parameters,
    gainAt: at.mixerNormGain,
    rows: rows,
    columns: size,
    inverseRMS: &block.mixerInverseRMS,
    into: &scratch.normalized
  )
  linearBackward(
    scratch.normalized,
    parameters,
    weightAt: at.projections,
    outputGradient: flow.rows,
    outputStride: sizes.rowStride,
    rows: rows,
    inputs: size,
    outputs: sizes.projectionWidth,
    into: &flow.normalized,
    parameterGradient: &gradient
  )
  rmsNormBackward(
    block.mixerInput,
    parameters,
    gainAt: at.mixerNormGain,
    inverseRMS: block.mixerInverseRMS,
    gradient: flow.normalized,
    rows: rows,
    columns: size,
    into: &flow.stream,
    parameterGradient: &gradient
  )
}

/// Through the mixer's last product; leaves the gradient of what went in in `flow.normalized`.
private func projectBackward(
  _ x: [Float],
  _ rows: Int,
  _ parameters: [Float],
  _ at: BlockPlaces,
  _ sizes: PassSizes,
  _ flow: inout PassGradients,
  _ gradient: inout [Float]
) {
  linearBackward(
    x,
    parameters,
    weightAt: at.out,
    outputGradient: flow.stream,
    outputStride: sizes.hiddenSize,
    rows: rows,
    inputs: sizes.hiddenSize,
    outputs: sizes.hiddenSize,
    into: &flow.normalized,
    parameterGradient: &gradient
  )
}

/// Through the output gate, the mix and the head norm; leaves the gradients of the mLSTM's and of
/// attention's outputs in `flow.mixed` and `flow.attended`.
private func gateHeadsBackward(
  _ rows: Int,
  _ parameters: [Float],
  _ at: BlockPlaces,
  _ sizes: PassSizes,
  _ block: BlockActivations,
  _ scratch: PassScratch,
  _ flow: inout PassGradients,
  _ gradient: inout [Float]
) {
  let range = 0..<rows * sizes.hiddenSize
  sigmoidGateBackward(
    block.rows,
    sizes.outputGate,
    scratch.headNormalized,
    gradient: flow.normalized,
    rows: rows,
    columns: sizes.hiddenSize,
    gateGradient: &flow.rows,
    into: &flow.headNormalized
  )
  if sizes.hasSlidingWindow {
    let shares = mixShares(parameters, at, sizes)
    scaledAdd(
      flow.headNormalized,
      range: range,
      scale: shares.attention,
      keep: 0,
      into: &flow.attended
    )
    switch sizes.configuration.slidingWindow {
    case .none: break
    case .average:
      // Both shares are one half, so the mLSTM's part is what attention's has become.
      scaledAdd(flow.attended, range: range, keep: 0, into: &flow.headNormalized)
    case .modulated:
      gradient[at.alpha] += Float(dotProduct(flow.headNormalized, block.attended, range: range))
    case .bounded:
      let slope = 1 - shares.attention * shares.attention
      gradient[at.alpha] +=
        slope * Float(dotProduct(flow.headNormalized, block.attended, range: range))
    }
  }
  headNormBackward(
    block.mixed,
    parameters,
    gainAt: at.headNormGain,
    gradient: flow.headNormalized,
    rows: rows,
    heads: sizes.headCount,
    headSize: sizes.headSize,
    into: &flow.mixed,
    parameterGradient: &gradient
  )
}

/// Through the feature maps of queries and keys.
private func featuresBackward(
  _ rows: Int,
  _ parameters: [Float],
  _ at: BlockPlaces,
  _ sizes: PassSizes,
  _ block: BlockActivations,
  _ scratch: inout PassScratch,
  _ flow: inout PassGradients,
  _ gradient: inout [Float]
) {
  for (column, matrix) in [(0, at.queryFeatures), (sizes.hiddenSize, at.keyFeatures)] {
    featureMapBackward(
      block.rows,
      parameters,
      matrixAt: matrix,
      sizes.featureShape(rowCount: rows, from: column),
      scratch: &scratch.features,
      gradient: &flow.rows,
      parameterGradient: &gradient
    )
  }
}
