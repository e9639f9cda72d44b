// The one door to oneDNN: float32 products by its matmul primitive. Which products come here is
// decided in ProductLibrary; shapes are checked in BLAS.
//
// A primitive is code made for one shape, and must not run on two threads at once: it would give
// wrong numbers without a word. Every thread therefore has a table of its own, with its primitives,
// memory objects and the scratch they share, and its own OpenMP runtime set to one thread.

private import COneDNN
private import Foundation

/// What a matmul primitive is made for: extents, distances between rows, transposes, factors.
package struct ProductShape: Hashable, Sendable {
  package var rows: Int
  package var columns: Int
  package var inner: Int
  package var leftStride: Int
  package var rightStride: Int
  package var intoStride: Int
  package var transposeLeft: Bool
  package var transposeRight: Bool
  package var scale: Float
  /// Whether the product is added to what the result held.
  package var accumulates: Bool

  /// Names a shape; the extents are those of the product, whatever is stored transposed.
  package init(
    rows: Int,
    columns: Int,
    inner: Int,
    leftStride: Int,
    rightStride: Int,
    intoStride: Int,
    transposeLeft: Bool,
    transposeRight: Bool,
    scale: Float,
    accumulates: Bool
  ) {
    self.rows = rows
    self.columns = columns
    self.inner = inner
    self.leftStride = leftStride
    self.rightStride = rightStride
    self.intoStride = intoStride
    self.transposeLeft = transposeLeft
    self.transposeRight = transposeRight
    self.scale = scale
    self.accumulates = accumulates
  }
}

/// Computes a product by the calling thread's primitive for its shape, made at its first use.
///
/// - Parameters:
///   - shape: The shape; its extents are positive.
///   - left: The first element of the left matrix.
///   - right: The first element of the right matrix.
///   - into: The first element of the result.
/// - Returns: `false`, having computed nothing, where oneDNN has no fast code for the shape on this
///   processor.
func oneDNNProduct(
  _ shape: ProductShape,
  _ left: UnsafePointer<Float>,
  _ right: UnsafePointer<Float>,
  into: UnsafeMutablePointer<Float>
) -> Bool {
  let table = PrimitiveTable.current
  guard let product = table.product(for: shape) else { return false }
  return unsafe product.run(left, right, into: into, scratch: table.scratch)
}

/// The name of the code that oneDNN takes for a shape on this processor, such as `brg:avx512_core`.
///
/// - Parameter shape: The shape.
/// - Returns: The name; `nil` where oneDNN refuses the shape.
package func oneDNNImplementation(for shape: ProductShape) -> String? {
  PrimitiveTable.current.implementationName(for: shape)
}

/// What oneDNN says of itself.
///
/// - Returns: The version, such as `2.6.3`, and the instruction set it uses.
public func oneDNNDescription() -> (version: String, instructionSet: String) {
  // Unsafe because the C call returns a pointer, to a structure that is never freed.
  let version = unsafe dnnl_version()?.pointee
  let numbers = unsafe version.map { unsafe "\($0.major).\($0.minor).\($0.patch)" }
  let set = dnnl_get_effective_cpu_isa()
  let names: [(dnnl_cpu_isa_t, String)] = [
    (dnnl_cpu_isa_sse41, "SSE4.1"), (dnnl_cpu_isa_avx, "AVX"), (dnnl_cpu_isa_avx2, "AVX2"),
    (dnnl_cpu_isa_avx2_vnni, "AVX2 with VNNI"), (dnnl_cpu_isa_avx512_core, "AVX-512"),
    (dnnl_cpu_isa_avx512_core_vnni, "AVX-512 with VNNI"),
    (dnnl_cpu_isa_avx512_core_bf16, "AVX-512 with bf16"),
    (dnnl_cpu_isa_avx512_core_amx, "AVX-512 with AMX"),
  ]
  let name = names.first { $0.0.rawValue == set.rawValue }?.1 ?? "set \(set.rawValue)"
  return (numbers ?? "unknown", name)
}

/// The primitives of one thread.
@safe private final class PrimitiveTable {
  /// The most shapes kept; a run has a few dozen.
  private static let capacity = 1_024

  /// The memory that primitives work in, as much as the hungriest of them needs.
  private(set) var scratch: UnsafeMutableRawPointer?
  private var scratchSize = 0
  private var products: [ProductShape: MatrixProduct?] = [:]
  private var engine: dnnl_engine_t?
  private var stream: dnnl_stream_t?

  /// The calling thread's table.
  static var current: PrimitiveTable {
    // Unsafe because a thread's own value is an untyped pointer; it is set here alone, to a table.
    if let known = unsafe pthread_getspecific(key) {
      return unsafe Unmanaged<PrimitiveTable>.fromOpaque(known).takeUnretainedValue()
    }
    let table = PrimitiveTable()
    let status = unsafe pthread_setspecific(key, Unmanaged.passRetained(table).toOpaque())
    precondition(status == 0, "no memory for a thread's primitives")
    return table
  }

  /// Where a thread keeps its table, which goes when the thread does.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    let status = unsafe pthread_key_create(&key) { table in
      guard let table = unsafe table else { return }
      unsafe Unmanaged<PrimitiveTable>.fromOpaque(table).release()
    }
    precondition(status == 0, "no key for the threads' primitives")
    return key
  }()

  private init() {
    omp_set_num_threads(1)
    guard unsafe dnnl_engine_create(&engine, dnnl_cpu, 0) == dnnl_success else { return }
    _ = unsafe dnnl_stream_create(
      &stream,
      engine,
      UInt32(dnnl_stream_default_flags.rawValue)
    )
  }

  deinit {
    products.removeAll()
    _ = unsafe dnnl_stream_destroy(stream)
    _ = unsafe dnnl_engine_destroy(engine)
    unsafe scratch?.deallocate()
  }

  /// The primitive for a shape; `nil` where there is no fast one.
  func product(for shape: ProductShape) -> MatrixProduct? {
    if let known = products[shape] { return known }
    if products.count >= Self.capacity { products.removeAll(keepingCapacity: true) }
    let made = make(shape)
    products[shape] = .some(made)
    return made
  }

  func implementationName(for shape: ProductShape) -> String? {
    unsafe withDescription(of: shape) { description in
      var name: UnsafePointer<CChar>?
      let status = unsafe dnnl_primitive_desc_query(
        description,
        dnnl_query_impl_info_str,
        0,
        &name
      )
      guard status == dnnl_success, let name = unsafe name else { return nil }
      return unsafe String(cString: name)
    }
  }

  private func make(_ shape: ProductShape) -> MatrixProduct? {
    guard let stream = unsafe stream, let engine = unsafe engine,
      let name = implementationName(for: shape), !name.hasPrefix("ref")
    else { return nil }
    return unsafe withDescription(of: shape) { description in
      let need = unsafe dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0)
      reserve(unsafe dnnl_memory_desc_get_size(need))
      return unsafe MatrixProduct(description, shape, engine, stream)
    }
  }

  /// Makes the scratch at least that large.
  private func reserve(_ size: Int) {
    guard size > scratchSize else { return }
    unsafe scratch?.deallocate()
    unsafe scratch = .allocate(byteCount: size, alignment: 64)
    scratchSize = size
  }

  /// Lends the library's description of a shape's primitive; `nil` where it refuses it.
  private func withDescription<Result>(
    of shape: ProductShape,
    _ body: (dnnl_primitive_desc_t) -> Result?
  ) -> Result? {
    guard let engine = unsafe engine else { return nil }
    // Unsafe because every object of the library is a pointer; each is destroyed where it was made.
    var attributes: dnnl_primitive_attr_t?
    guard unsafe dnnl_primitive_attr_create(&attributes) == dnnl_success else { return nil }
    defer { _ = unsafe dnnl_primitive_attr_destroy(attributes) }
    _ = unsafe dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user)
    if shape.scale != 1 {
      var scale = shape.scale
      _ = unsafe dnnl_primitive_attr_set_output_scales(attributes, 1, 0, &scale)
    }
    var after: dnnl_post_ops_t?
    guard unsafe dnnl_post_ops_create(&after) == dnnl_success else { return nil }
    defer { _ = unsafe dnnl_post_ops_destroy(after) }
    if shape.accumulates {
      _ = unsafe dnnl_post_ops_append_sum(after, 1)
      _ = unsafe dnnl_primitive_attr_set_post_ops(attributes, after)
    }
    var (left, right, into) = shape.memoryDescriptions
    var operation = dnnl_matmul_desc_t()
    guard
      unsafe dnnl_matmul_desc_init(&operation, &left, &right, nil, &into) == dnnl_success
    else { return nil }
    var description: dnnl_primitive_desc_t?
    let status = unsafe dnnl_primitive_desc_create(
      &description,
      &operation,
      attributes,
      engine,
      nil
    )
    guard status == dnnl_success, let description = unsafe description else { return nil }
    defer { _ = unsafe dnnl_primitive_desc_destroy(description) }
    return unsafe body(description)
  }
}

extension ProductShape {
  /// The matrices as the library describes them: a transposed one only has other strides.
  fileprivate var memoryDescriptions: (dnnl_memory_desc_t, dnnl_memory_desc_t, dnnl_memory_desc_t) {
    func describe(
      _ rows: Int,
      _ columns: Int,
      _ stride: Int,
      transposed: Bool
    )
      -> dnnl_memory_desc_t
    {
      var description = dnnl_memory_desc_t()
      let extents = [Int64(rows), Int64(columns)]
      let strides = transposed ? [1, Int64(stride)] : [Int64(stride), 1]
      // Where the library refuses a description it stays empty, and so is the product refused.
      _ = unsafe dnnl_memory_desc_init_by_strides(&description, 2, extents, dnnl_f32, strides)
      return description
    }
    return (
      describe(rows, inner, leftStride, transposed: transposeLeft),
      describe(inner, columns, rightStride, transposed: transposeRight),
      describe(rows, columns, intoStride, transposed: false)
    )
  }
}

/// A primitive of one shape with the memory objects that it reads and writes through.
@safe private final class MatrixProduct {
  private var primitive: dnnl_primitive_t?
  private let stream: dnnl_stream_t
  /// Left, right, result, scratch.
  private let arguments: UnsafeMutableBufferPointer<dnnl_exec_arg_t>

  /// Makes the primitive's code, some tenths of a millisecond.
  init?(
    _ description: dnnl_primitive_desc_t,
    _ shape: ProductShape,
    _ engine: dnnl_engine_t,
    _ stream: dnnl_stream_t
  ) {
    unsafe self.stream = unsafe stream
    unsafe arguments = .allocate(capacity: 4)
    unsafe arguments.initialize(repeating: dnnl_exec_arg_t())
    guard unsafe dnnl_primitive_create(&primitive, description) == dnnl_success else { return nil }
    var (left, right, into) = shape.memoryDescriptions
    guard
      unsafe attach(&left, at: 0, as: DNNL_ARG_SRC, engine),
      unsafe attach(&right, at: 1, as: DNNL_ARG_WEIGHTS_0, engine),
      unsafe attach(&into, at: 2, as: DNNL_ARG_DST, engine),
      unsafe attach(
        dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0),
        at: 3,
        as: DNNL_ARG_SCRATCHPAD,
        engine
      )
    else { return nil }
  }

  deinit {
    for index in unsafe arguments.indices {
      _ = unsafe dnnl_memory_destroy(arguments[index].memory)
    }
    _ = unsafe dnnl_primitive_destroy(primitive)
    unsafe arguments.deallocate()
  }

  /// Makes the memory object of one argument, without memory so far.
  private func attach(
    _ description: UnsafePointer<dnnl_memory_desc_t>?,
    at index: Int,
    as argument: Int32,
    _ engine: dnnl_engine_t
  ) -> Bool {
    unsafe arguments[index].arg = argument
    return unsafe dnnl_memory_create(&arguments[index].memory, description, engine, nil)
      == dnnl_success
  }

  /// Computes the product of the matrices that begin at these addresses.
  func run(
    _ left: UnsafePointer<Float>,
    _ right: UnsafePointer<Float>,
    into: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutableRawPointer?
  ) -> Bool {
    let left = unsafe UnsafeMutableRawPointer(mutating: left)
    let right = unsafe UnsafeMutableRawPointer(mutating: right)
    return unsafe dnnl_memory_set_data_handle(arguments[0].memory, left) == dnnl_success
      && dnnl_memory_set_data_handle(arguments[1].memory, right) == dnnl_success
      && dnnl_memory_set_data_handle(arguments[2].memory, into) == dnnl_success
      && dnnl_memory_set_data_handle(arguments[3].memory, scratch) == dnnl_success
      && dnnl_primitive_execute(primitive, stream, 4, arguments.baseAddress) == dnnl_success
  }
}
