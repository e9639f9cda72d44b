// Tensors on disk in the safetensors format, which PyTorch and numpy read as they are: a u64
// little-endian header length, a JSON header, then the tensors without gaps.
// <https://github.com/huggingface/safetensors#format>
//
// Only float32, and only files whose tensors are exactly those the caller's layout names: this is
// how a model comes back, not a viewer of foreign files.

import Files
private import FoundationEssentials

/// Reading and writing of parameters in the safetensors format.
public enum Safetensors {
  /// Several buffers in one file, each under its own prefix.
  package struct Section: Sendable {
    /// What stands before each tensor's name.
    package let prefix: String
    /// The numbers and their layout.
    package let buffer: ParameterBuffer

    package init(prefix: String, buffer: ParameterBuffer) {
      self.prefix = prefix
      self.buffer = buffer
    }
  }

  /// The longest header that is read, as in the reference implementation.
  private static let headerLimit = 100_000_000

  /// Writes every tensor of a buffer under its layout's name; whole or not at all.
  ///
  /// The bytes equal those of Python's `safetensors.numpy.save` for the same tensors.
  ///
  /// - Parameters:
  ///   - buffer: The numbers and their layout.
  ///   - metadata: Own strings beside `format: pt`, which is always there.
  ///   - path: The file; a temporary name beside it is used until it is whole.
  /// - Throws: ``Failure`` where the file cannot be written.
  public static func write(
    _ buffer: ParameterBuffer,
    metadata: [String: String] = [:],
    to path: String
  ) throws {
    try write(sections: [Section(prefix: "", buffer: buffer)], metadata: metadata, to: path)
  }

  /// Reads the tensors that a layout names.
  ///
  /// - Parameters:
  ///   - layout: The names and shapes that the file must hold, all of them and no others.
  ///   - path: The file.
  /// - Returns: The numbers.
  /// - Throws: ``Failure`` that names the file and the tensor.
  public static func read(_ layout: ParameterLayout, from path: String) throws -> ParameterBuffer {
    try read(sections: [("", layout)], from: path)[0]
  }

  /// Reads a file's own strings.
  ///
  /// - Parameter path: The file.
  /// - Returns: The `__metadata__` object; empty where there is none.
  /// - Throws: ``Failure`` where the header cannot be read.
  public static func metadata(from path: String) throws -> [String: String] {
    let file = try BinaryFile(path: path)
    return try header(of: file, path: path).header.metadata
  }

  /// Writes several buffers into one file, whole or not at all.
  package static func write(
    sections: [Section],
    metadata: [String: String] = [:],
    to path: String
  ) throws {
    var entries: [(name: String, section: Int, tensor: TensorDescription)] = []
    for (index, section) in sections.enumerated() {
      for tensor in section.buffer.layout.tensors {
        entries.append((section.prefix + tensor.name, index, tensor))
      }
    }
    entries.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    let file = try DurableFile(path: path)
    try file.write(headerBytes(entries.map { ($0.name, $0.tensor) }, metadata: metadata))
    for entry in entries {
      try file.write(sections[entry.section].buffer.values, entry.tensor.range)
    }
    try file.finish()
  }

  /// Reads several buffers from one file that holds them all and nothing else.
  package static func read(
    sections: [(prefix: String, layout: ParameterLayout)],
    from path: String
  ) throws -> [ParameterBuffer] {
    let file = try BinaryFile(path: path)
    let (header, dataStart) = try header(of: file, path: path)
    try checkOffsets(header, dataCount: file.size - dataStart, path: path)
    var unknown = Set(header.tensors.keys)
    for (prefix, layout) in sections {
      for tensor in layout.tensors {
        let name = prefix + tensor.name
        guard let entry = header.tensors[name] else {
          throw fault("tensor \"\(name)\" is missing", path)
        }
        try check(entry, name: name, against: tensor, path: path)
        unknown.remove(name)
      }
    }
    if let name = unknown.min() {
      throw fault("tensor \"\(name)\" is not part of this model", path)
    }
    // Only now is memory taken: a layout from an edited configuration may be far beyond it.
    return try sections.map { prefix, layout in
      var buffer = ParameterBuffer(zerosFor: layout)
      for tensor in layout.tensors {
        guard let entry = header.tensors[prefix + tensor.name] else { continue }
        try file.read(into: &buffer.values, tensor.range, at: dataStart + entry.begin)
      }
      return buffer
    }
  }
}

/// One tensor of a header.
private struct HeaderEntry: Decodable {
  let type: String
  let shape: [Int]
  let begin: Int
  let end: Int

  enum CodingKeys: String, CodingKey {
    case type = "dtype"
    case shape
    case offsets = "data_offsets"
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    type = try container.decode(String.self, forKey: .type)
    shape = try container.decode([Int].self, forKey: .shape)
    let offsets = try container.decode([Int].self, forKey: .offsets)
    guard offsets.count == 2, offsets[0] >= 0, offsets[1] >= offsets[0] else {
      throw DecodingError.dataCorruptedError(
        forKey: .offsets,
        in: container,
        debugDescription: "data_offsets are not a range"
      )
    }
    (begin, end) = (offsets[0], offsets[1])
  }
}

/// The JSON header: tensors by name, and the file's own strings.
private struct Header: Decodable {
  var tensors: [String: HeaderEntry] = [:]
  var metadata: [String: String] = [:]

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: NameKey.self)
    for key in container.allKeys {
      if key.stringValue == "__metadata__" {
        metadata = try container.decode([String: String].self, forKey: key)
      } else {
        tensors[key.stringValue] = try container.decode(HeaderEntry.self, forKey: key)
      }
    }
  }
}

private struct NameKey: CodingKey {
  let stringValue: String
  let intValue: Int? = nil

  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

extension Safetensors {
  private static func fault(_ what: String, _ path: String) -> Failure {
    Failure(
      what: what,
      place: path,
      remedy: "use the file that belongs to this configuration, or write it again"
    )
  }

  private static func header(
    of file: borrowing BinaryFile,
    path: String
  ) throws -> (header: Header, dataStart: Int) {
    guard file.size >= 8 else { throw fault("is too short for a safetensors header", path) }
    let length = try file.bytes(at: 0, count: 8).reversed().reduce(UInt64(0)) {
      $0 << 8 | UInt64($1)
    }
    guard length <= UInt64(file.size - 8) else {
      throw fault("the header's length \(length) passes the end of the file", path)
    }
    guard length <= UInt64(headerLimit) else {
      throw fault("the header's length \(length) passes the limit of \(headerLimit)", path)
    }
    let bytes = try file.bytes(at: 8, count: Int(length))
    do {
      return (try JSONDecoder().decode(Header.self, from: Data(bytes)), 8 + Int(length))
    } catch {
      let details = (error as? DecodingError).map(summary) ?? "not JSON"
      throw fault("the header cannot be read: \(details)", path)
    }
  }

  private static func summary(of error: DecodingError) -> String {
    let (context, key): (DecodingError.Context, String?) =
      switch error {
      case .typeMismatch(_, let context), .valueNotFound(_, let context),
        .dataCorrupted(let context):
        (context, nil)
      case .keyNotFound(let key, let context): (context, key.stringValue)
      @unknown default: (.init(codingPath: [], debugDescription: "unknown fault"), nil)
      }
    let tensor = context.codingPath.first.map { "tensor \"\($0.stringValue)\": " } ?? ""
    return tensor + (key.map { "no \($0)" } ?? context.debugDescription)
  }

  /// Every byte of the data belongs to exactly one tensor.
  private static func checkOffsets(_ header: Header, dataCount: Int, path: String) throws {
    var end = 0
    let ordered = header.tensors.sorted { ($0.value.begin, $0.key) < ($1.value.begin, $1.key) }
    for (name, entry) in ordered {
      guard entry.end <= dataCount else {
        throw fault("tensor \"\(name)\" passes the end of the file", path)
      }
      guard entry.begin == end else {
        let relation = entry.begin < end ? "overlaps the one" : "leaves a gap to the one"
        throw fault("tensor \"\(name)\" \(relation) before it", path)
      }
      end = entry.end
    }
    guard end == dataCount else {
      throw fault("\(dataCount - end) bytes after the last tensor belong to none", path)
    }
  }

  private static func check(
    _ entry: HeaderEntry,
    name: String,
    against tensor: TensorDescription,
    path: String
  ) throws {
    guard entry.type == "F32" else {
      throw fault("tensor \"\(name)\" has the type \(entry.type), not F32", path)
    }
    guard entry.shape == tensor.shape else {
      throw fault("tensor \"\(name)\" has the shape \(entry.shape), not \(tensor.shape)", path)
    }
    guard entry.end - entry.begin == tensor.count * 4 else {
      throw fault("tensor \"\(name)\" has offsets that do not fit its shape", path)
    }
  }

  /// The length and the header, padded with spaces to a multiple of 8.
  private static func headerBytes(
    _ tensors: [(name: String, description: TensorDescription)],
    metadata: [String: String]
  ) -> [UInt8] {
    let own = metadata.merging(["format": "pt"]) { _, fixed in fixed }
    let strings = own.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      .map { "\(quoted($0.key)):\(quoted($0.value))" }
    var members = ["\"__metadata__\":{\(strings.joined(separator: ","))}"]
    var offset = 0
    for (name, tensor) in tensors {
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      let end = offset + tensor.count * 4
      members.append(
        "\(quoted(name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}"
      )
      offset = end
    }
    var json = Array("{\(members.joined(separator: ","))}".utf8)
    while json.count % 8 != 0 { json.append(UInt8(ascii: " ")) }
    let length = UInt64(json.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + json
  }

  /// A JSON string.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{8}": result += "\\b"
      case "\u{c}": result += "\\f"
      case "\u{0}"..."\u{1f}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
