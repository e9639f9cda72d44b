// The groups of parameters that a recipe can give a learning rate and a decay of their own.
//
// A group is read off a tensor's name and rule, so that Modeling need not know of training.

package import Modeling

/// Tensors that share a learning rate and a decay.
public enum ParameterGroup: String, Sendable, CaseIterable {
  /// The token embedding; the output too, where they are tied.
  case embedding
  /// The output matrix of its own.
  case output
  /// The blocks' weight matrices, which Muon moves.
  case matrices
  /// The matrices and biases of the input and forget gates.
  case gates
  /// The gains of norms.
  case gains
  /// The kernels of short convolutions.
  case convolutions
  /// The Hedgehog feature maps.
  case featureMaps
  /// The factors that mix attention into the linear branch, α.
  case mixing

  /// The group of a tensor.
  ///
  /// - Parameter tensor: A tensor of a model's layout.
  package init(of tensor: TensorDescription) {
    let name = tensor.name
    self =
      if name == "embedding.weight" {
        .embedding
      } else if name == "unembedding.weight" {
        .output
      } else if tensor.rule == .muon {
        .matrices
      } else if name.hasSuffix(".gain") {
        .gains
      } else if name.contains("Convolution.") {
        .convolutions
      } else if name.contains("Features.") {
        .featureMaps
      } else if name.contains("Gate.") {
        .gates
      } else {
        .mixing
      }
  }
}
