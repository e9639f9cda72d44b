// Layouts made of a list of tensors, or of some tensors of another layout; what a network consists
// of is told elsewhere.

extension ParameterLayout {
  /// Packs tensors one after the other in the order given.
  package init(
    packing tensors: [(name: String, shape: [Int], rule: TensorDescription.Rule)]
  ) {
    var offset = 0
    self.tensors = tensors.map { name, shape, rule in
      let tensor = TensorDescription(name: name, shape: shape, offset: offset, rule: rule)
      offset += tensor.count
      return tensor
    }
    count = offset
  }

  /// Packs the tensors that satisfy a condition, in their order; their offsets change.
  package func filter(_ isIncluded: (TensorDescription) -> Bool) -> ParameterLayout {
    ParameterLayout(packing: tensors.filter(isIncluded).map { ($0.name, $0.shape, $0.rule) })
  }
}
