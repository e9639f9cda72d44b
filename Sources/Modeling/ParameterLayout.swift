/// Where each tensor of the network lies in one flat buffer of numbers.
///
/// Parameters, gradients and moments are separate ``ParameterBuffer`` values that share one layout,
/// as in llm.c; optimisers and files see names, shapes and ranges, never the network's structure.
public struct ParameterLayout: Sendable, Equatable {
  /// The tensors in order of their offsets, without gaps.
  public let tensors: [TensorDescription]
  /// The number of elements of all tensors together.
  public let count: Int
}

/// One named tensor inside a ``ParameterLayout``.
public struct TensorDescription: Sendable, Equatable {
  /// Which optimiser moves the tensor.
  public enum Rule: Sendable, Equatable {
    /// Muon: the blocks' weight matrices.
    case muon
    /// AdamW with decay: embeddings, the untied output, gate matrices.
    case adamWithDecay
    /// AdamW without decay: vectors, scalars, convolution kernels, feature maps.
    case adam
  }

  /// The name as written to files, such as `blocks.0.mixer.query.weight`.
  public let name: String
  /// The extents, outermost first; a linear map is [out, in].
  public let shape: [Int]
  /// The first element's index in the flat buffer.
  public let offset: Int
  /// Which optimiser moves it.
  public let rule: Rule

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }
  /// The range of its elements in the flat buffer.
  public var range: Range<Int> { offset..<offset + count }
}

/// One number for every element of a layout: the parameters themselves, a gradient or a moment.
public struct ParameterBuffer: Sendable, Equatable {
  /// The layout that names the elements.
  public let layout: ParameterLayout
  /// The elements, [layout.count].
  public var values: [Float]

  /// Creates a buffer of zeros.
  ///
  /// - Parameter layout: The layout that names the elements.
  public init(zerosFor layout: ParameterLayout) {
    self.layout = layout
    self.values = [Float](repeating: 0, count: layout.count)
  }
}
