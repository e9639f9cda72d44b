// The sizes a pass's buffers are made for, and where everything lies in a row of the mixer: what the
// one product gives, then the queries and keys after the convolution, then their features.

import Kernels

/// The sizes a pass's buffers are made for.
struct PassSizes: Sendable {
  let configuration: ModelConfiguration
  let windowCapacity: Int

  init(_ configuration: ModelConfiguration, windowCapacity: Int) {
    self.configuration = configuration
    self.windowCapacity = windowCapacity
  }

  var hiddenSize: Int { configuration.hiddenSize }
  var headCount: Int { configuration.headCount }
  var headSize: Int { configuration.headSize }
  var feedForwardSize: Int { configuration.feedForwardSize }
  var vocabularySize: Int { configuration.vocabularySize }
  var stepCount: Int { configuration.contextLength }
  /// The most tokens of a pass.
  var tokenCapacity: Int { windowCapacity * stepCount }

  var hasCell: Bool { configuration.mixer == .mlstm }
  var hasConvolution: Bool { configuration.convolutionWidth > 0 }
  var hasFeatures: Bool { configuration.featureMap == .hedgehog }
  var hasSlidingWindow: Bool { configuration.slidingWindow != .none }
  var hasAttention: Bool { !hasCell || hasSlidingWindow }

  /// The columns that the mixer's one product gives.
  var projectionWidth: Int { hasCell ? 4 * hiddenSize + 2 * headCount : 3 * hiddenSize }
  /// The first column of the convolved queries and keys, and of the features.
  private var convolved: Int { hasConvolution ? projectionWidth : 0 }
  private var features: Int { projectionWidth + (hasConvolution ? 2 * hiddenSize : 0) }
  /// The distance between the mixer's rows.
  var rowStride: Int { features + (hasFeatures ? 4 * hiddenSize : 0) }

  /// Where queries, keys, values and gates of the mLSTM lie.
  var columns: MLSTMColumns {
    MLSTMColumns(
      stride: rowStride,
      query: hasFeatures ? features : convolved,
      key: hasFeatures ? features + 2 * hiddenSize : convolved + hiddenSize,
      value: 2 * hiddenSize,
      gates: 4 * hiddenSize
    )
  }

  /// Where queries, keys and values of attention lie: after the convolution, before the features.
  var attentionColumns: AttentionColumns {
    AttentionColumns(
      stride: rowStride,
      query: convolved,
      key: convolved + hiddenSize,
      value: 2 * hiddenSize
    )
  }

  /// Where the output gate's preactivations lie.
  var outputGate: MatrixView { MatrixView(offset: 3 * hiddenSize, stride: rowStride) }

  /// The mLSTM's sizes for a number of windows; without steps where there is no mLSTM.
  func mlstmShape(windowCount: Int) -> MLSTMShape {
    MLSTMShape(
      windowCount: windowCount,
      stepCount: hasCell ? stepCount : 0,
      headCount: headCount,
      keySize: configuration.keySize,
      valueSize: headSize,
      chunkLength: configuration.chunkLength
    )
  }

  /// Attention's sizes for a number of windows; without steps where there is none.
  func attentionShape(windowCount: Int) -> AttentionShape {
    guard hasAttention else {
      return AttentionShape(
        windowCount: windowCount,
        stepCount: 0,
        headCount: 1,
        headSize: 2,
        visibleCount: 1,
        memoryCount: 0
      )
    }
    return AttentionShape(
      windowCount: windowCount,
      stepCount: stepCount,
      headCount: headCount,
      headSize: headSize,
      visibleCount: hasCell ? configuration.slidingWindowLength : stepCount,
      memoryCount: configuration.slidingWindowMemory
    )
  }

  /// The convolution of the queries or of the keys, whose first column is `column`.
  func convolutionShape(windowCount: Int, from column: Int) -> ConvolutionShape {
    ConvolutionShape(
      windowCount: windowCount,
      stepCount: stepCount,
      channelCount: hiddenSize,
      width: configuration.convolutionWidth,
      stride: rowStride,
      from: column,
      to: convolved + column
    )
  }

  /// The feature map of the queries or of the keys, whose first projected column is `column`.
  func featureShape(rowCount: Int, from column: Int) -> FeatureMapShape {
    FeatureMapShape(
      rowCount: rowCount,
      headCount: headCount,
      headSize: headSize,
      stride: rowStride,
      from: convolved + column,
      to: features + 2 * column
    )
  }
}
