// Which library computes a matrix product: oneDNN the large ones, OpenBLAS the small ones and those
// that oneDNN has no fast code for. The choice depends on a product's shape alone, never on time,
// threads or what ran before, so that a run can be repeated to the bit.

private import Foundation

/// A library of matrix products.
public enum ProductLibrary: String, Sendable, CaseIterable {
  case openBLAS = "openblas"
  case oneDNN = "onednn"

  /// The environment variable that chooses.
  public static let variable = "BLALM_PRODUCTS"

  /// The library for large products: what the environment variable says when the process first
  /// multiplies, else oneDNN.
  public static let current: ProductLibrary = setting.flatMap(ProductLibrary.init) ?? .oneDNN

  /// The environment variable's value where it names no library.
  public static var unknownSetting: String? {
    setting.flatMap { ProductLibrary(rawValue: $0) == nil ? $0 : nil }
  }

  private static var setting: String? { ProcessInfo.processInfo.environment[variable] }

  /// The multiplications under which OpenBLAS is as fast or faster: by measurement, the products of
  /// 64 steps and 64 columns inside wider rows, but not those of 128 by 128.
  static let smallestLargeProduct = 1 << 19

  /// Whether this library computes a product of these extents and factors.
  ///
  /// The factor of the result's old content is part of a primitive, and so must be 0 or 1.
  package func takes(rows: Int, columns: Int, inner: Int, keep: Float) -> Bool {
    self == .oneDNN && rows > 1 && columns > 1 && inner > 1 && (keep == 0 || keep == 1)
      && rows * columns * inner >= Self.smallestLargeProduct
  }
}
