// What a batch engine holds in memory, by name, before it is made: the plan of a run adds it up.
// The names and sizes are read off the buffers' own types, so that none can be forgotten.

/// A buffer, or several of one kind, and their size.
public struct NamedBuffer: Sendable, Codable, Equatable {
  /// What the buffer holds.
  public let name: String
  /// The size in bytes, of all lanes and blocks together.
  public let bytes: Int

  /// Creates a buffer's entry.
  ///
  /// - Parameters:
  ///   - name: What the buffer holds.
  ///   - bytes: The size in bytes.
  public init(name: String, bytes: Int) {
    self.name = name
    self.bytes = bytes
  }
}

extension BatchEngine {
  /// The buffers of an engine that computes gradients, without those that its caller passes.
  ///
  /// - Parameters:
  ///   - model: The network.
  ///   - laneCount: The number of lanes.
  ///   - windowsPerPass: The windows a lane runs at a time.
  ///   - recomputesActivations: Whether the backward pass computes every block anew.
  /// - Returns: The buffers that are not empty, in the order of the step.
  /// - Complexity: Makes the buffers of one block for a moment.
  public static func buffers(
    of model: Model,
    laneCount: Int,
    windowsPerPass: Int,
    recomputesActivations: Bool
  ) -> [NamedBuffer] {
    let sizes = PassSizes(model.configuration, windowCapacity: windowsPerPass)
    let blocks = model.configuration.blockCount
    var buffers = [
      NamedBuffer(name: "gradient of each lane", bytes: laneCount * 4 * model.layout.count)
    ]
    func add(_ prefix: String, _ value: Any, times count: Int) {
      for (label, bytes) in fields(of: value) where bytes > 0 {
        buffers.append(NamedBuffer(name: "\(prefix).\(label)", bytes: bytes * count * laneCount))
      }
    }
    add("blocks", BlockActivations(sizes), times: recomputesActivations ? 1 : blocks)
    if recomputesActivations {
      let bytes = 4 * sizes.tokenCapacity * sizes.hiddenSize * blocks * laneCount
      buffers.append(NamedBuffer(name: "blockInputs", bytes: bytes))
    }
    buffers.append(NamedBuffer(name: "inputs", bytes: 3 * 4 * sizes.tokenCapacity * laneCount))
    add("scratch", PassScratch(sizes), times: 1)
    add("gradients", PassGradients(sizes), times: 1)
    return buffers
  }
}

/// The fields of a value that are buffers or hold some, with their bytes.
private func fields(of value: Any) -> [(label: String, bytes: Int)] {
  Mirror(reflecting: value).children.map { ($0.label ?? "", byteCount(of: $0.value)) }
}

/// The bytes of a buffer, or of all buffers inside a value.
private func byteCount(of value: Any) -> Int {
  switch value {
  case let array as [Float]: 4 * array.count
  case let array as [Double]: 8 * array.count
  case let array as [Int32]: 4 * array.count
  default: fields(of: value).reduce(0) { $0 + $1.bytes }
  }
}
