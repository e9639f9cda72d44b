// What a network has read so far as named tensors, so that it can be written to a file and taken up
// again to the bit. The buffers of one step are not among them: each step overwrites them.

import Kernels

/// One array of a block's state.
private struct StateTensor {
  let name: String
  let shape: [Int]
  let path: WritableKeyPath<BlockState, [Float]>
}

/// The arrays of every block's state, in the order of a file; none of them empty.
private func stateTensors(_ configuration: ModelConfiguration) -> [StateTensor] {
  let sizes = PassSizes(configuration, windowCapacity: 1)
  let (heads, size) = (sizes.headCount, sizes.headSize)
  var tensors: [StateTensor] = []
  func add(_ name: String, _ shape: [Int], _ path: WritableKeyPath<BlockState, [Float]>) {
    tensors.append(StateTensor(name: name, shape: shape, path: path))
  }
  if sizes.hasCell {
    let keySize = configuration.keySize
    add("mlstm.state", [heads, keySize, size], \.mlstm.state)
    add("mlstm.normalizer", [heads, keySize], \.mlstm.normalizer)
    add("mlstm.stabilizer", [heads], \.mlstm.stabilizer)
  }
  if sizes.hasConvolution {
    let width = configuration.convolutionWidth
    add("convolution.inputs", [2, width, sizes.hiddenSize], \.history)
  }
  if sizes.hasAttention {
    let shape = sizes.attentionShape(windowCount: 1)
    add("attention.keys", [heads, shape.visibleCount, size], \.attention.keys)
    add("attention.values", [heads, shape.visibleCount, size], \.attention.values)
    if shape.memoryCount > 0 {
      add("memory.keys", [heads, shape.memoryCount, size], \.attention.memoryKeys)
      add("memory.values", [heads, shape.memoryCount, size], \.attention.memoryValues)
    }
  }
  return tensors
}

extension DecodingState {
  /// The names and shapes of a state's tensors: the mLSTM's state, normalizer and stabilizer, the
  /// convolutions' last inputs, the ring of attention's keys and values, and the memory's.
  ///
  /// - Parameter model: The network that reads.
  /// - Returns: The layout, block by block.
  public static func layout(_ model: Model) -> ParameterLayout {
    let tensors = stateTensors(model.configuration)
    return ParameterLayout(
      packing: (0..<model.configuration.blockCount).flatMap { block in
        tensors.map { ("blocks.\(block).\($0.name)", $0.shape, .adam) }
      }
    )
  }

  /// The steps that attention has seen since the text, or the document, began.
  ///
  /// It tells where the ring stands; 0 where the network has no attention.
  public var stepCount: Int { blocks.first?.attention.stepCount ?? 0 }

  /// What was read, as tensors.
  ///
  /// - Parameter model: The network that has read.
  /// - Returns: The numbers under ``layout(_:)``.
  /// - Precondition: The state is one of this network.
  public func tensors(_ model: Model) -> ParameterBuffer {
    precondition(blocks.count == model.configuration.blockCount, "a state of another model")
    var buffer = ParameterBuffer(zerosFor: Self.layout(model))
    var places = buffer.layout.tensors.makeIterator()
    let parts = stateTensors(model.configuration)
    for block in blocks {
      for part in parts {
        guard let place = places.next() else { return buffer }
        buffer.values.replaceSubrange(place.range, with: block[keyPath: part.path])
      }
    }
    return buffer
  }

  /// Takes a state up again.
  ///
  /// - Parameters:
  ///   - model: The network that will read on.
  ///   - tensors: What it has read, as ``tensors(_:)`` gave it.
  ///   - stepCount: ``stepCount`` at that time.
  /// - Precondition: The tensors have this network's layout; the count is not negative.
  public init(_ model: Model, tensors: ParameterBuffer, stepCount: Int) {
    precondition(tensors.layout == Self.layout(model) && stepCount >= 0, "a state of another model")
    self.init(model)
    var places = tensors.layout.tensors.makeIterator()
    let parts = stateTensors(model.configuration)
    for index in blocks.indices {
      for part in parts {
        guard let place = places.next() else { return }
        blocks[index][keyPath: part.path] = Array(tensors.values[place.range])
      }
      blocks[index].attention.stepCount = stepCount
    }
  }
}
