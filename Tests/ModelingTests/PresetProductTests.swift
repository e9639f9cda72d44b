import Kernels
import Modeling
import Testing

@Suite struct PresetProductTests {
  /// oneDNN's reference code takes any shape and is a hundred times slower.
  @Test(arguments: ModelConfiguration.Preset.allCases)
  func `no product of a preset falls to oneDNN's reference code`(
    preset: ModelConfiguration.Preset
  ) {
    let configuration = ModelConfiguration(preset: preset)
    let hidden = configuration.hiddenSize
    let forward = configuration.feedForwardSize
    let width = 4 * hidden + 2 * configuration.headCount
    let rows = max(1_024, configuration.contextLength)
    /// One map `y = x · Wᵀ` with its two gradients.
    func map(_ rows: Int, _ inputs: Int, _ outputs: Int, stride: Int? = nil) -> [ProductShape] {
      let stride = stride ?? outputs
      return [
        shape(rows, outputs, inputs, (inputs, inputs, stride), (false, true), adds: false),
        shape(rows, outputs, inputs, (inputs, inputs, stride), (false, true), adds: true),
        shape(rows, inputs, outputs, (stride, inputs, inputs), (false, false), adds: false),
        shape(outputs, inputs, rows, (stride, inputs, inputs), (true, false), adds: true),
      ]
    }
    var shapes = map(rows, hidden, width) + map(rows, hidden, width, stride: width + 6 * hidden)
    shapes +=
      map(rows, hidden, hidden) + map(rows, hidden, 2 * forward) + map(rows, forward, hidden)
    shapes += map(256, hidden, configuration.vocabularySize)
    for shape in shapes {
      let name = oneDNNImplementation(for: shape)
      let isTaken = ProductLibrary.oneDNN.takes(
        rows: shape.rows,
        columns: shape.columns,
        inner: shape.inner,
        keep: 0
      )
      #expect(isTaken)
      #expect(name.map { !$0.hasPrefix("ref") } ?? false, "\(shape): \(name ?? "refused")")
    }
  }

  private func shape(
    _ rows: Int,
    _ columns: Int,
    _ inner: Int,
    _ strides: (left: Int, right: Int, into: Int),
    _ transposes: (left: Bool, right: Bool),
    adds: Bool
  ) -> ProductShape {
    ProductShape(
      rows: rows,
      columns: columns,
      inner: inner,
      leftStride: strides.left,
      rightStride: strides.right,
      intoStride: strides.into,
      transposeLeft: transposes.left,
      transposeRight: transposes.right,
      scale: 1,
      accumulates: adds
    )
  }
}
