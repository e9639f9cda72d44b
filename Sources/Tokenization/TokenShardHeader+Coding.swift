import Files

extension TokenShardHeader {
  /// The header's 64 bytes.
  package var bytes: [UInt8] {
    var bytes = Self.magic
    bytes.append(littleEndian: Self.version)
    bytes.append(littleEndian: UInt32(bytesPerToken))
    bytes.append(littleEndian: UInt64(tokenCount))
    bytes.append(littleEndian: UInt32(vocabularySize))
    bytes.append(littleEndian: UInt32(0))
    return bytes + tokenizerHash
  }

  /// Reads the header of a `.bin` file and holds it against the file's size.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - path: What to call the file in messages.
  /// - Throws: ``Failure`` for what is no token shard, was cut short, or comes from a newer blalm.
  package init(reading bytes: Span<UInt8>, path: String) throws {
    try checkTokenFile(bytes, magic: Self.magic, version: Self.version, path: path)
    let width = Int(bytes.integer(UInt32.self, at: 12))
    let tokenCount = bytes.integer(UInt64.self, at: 16)
    let vocabularySize = Int(bytes.integer(UInt32.self, at: 24))
    self.init(
      tokenCount: Int(truncatingIfNeeded: tokenCount),
      vocabularySize: vocabularySize,
      tokenizerHash: (32..<64).map { bytes[$0] }
    )
    guard width == bytesPerToken, bytes.integer(UInt32.self, at: 28) == 0 else {
      throw damagedTokenFile("the header contradicts itself", path)
    }
    guard tokenCount < 1 << 60, Self.size + Int(tokenCount) * width == bytes.count else {
      throw damagedTokenFile(
        "the header promises \(tokenCount) ids of \(width) bytes, the file has \(bytes.count) bytes",
        path
      )
    }
  }
}

/// Checks the first 64 bytes of either file of a token shard: present, known magic, known version.
func checkTokenFile(
  _ bytes: Span<UInt8>,
  magic: [UInt8],
  version: UInt32,
  path: String
) throws {
  guard bytes.count >= TokenShardHeader.size else {
    throw damagedTokenFile("the file has \(bytes.count) bytes, fewer than its header", path)
  }
  guard (0..<8).allSatisfy({ bytes[$0] == magic[$0] }) else {
    throw damagedTokenFile("this is not a token shard", path)
  }
  let found = bytes.integer(UInt32.self, at: 8)
  guard found == version else {
    throw Failure(
      what: "the token shard has version \(found), this blalm reads version \(version)",
      place: path,
      remedy: "run `blalm tokenize` again, or use the blalm that wrote it"
    )
  }
}

/// The failure of a token shard that cannot be trusted.
func damagedTokenFile(_ what: String, _ path: String) -> Failure {
  Failure(what: what, place: path, remedy: "run `blalm tokenize` again")
}

extension Span where Element == UInt8 {
  /// A little-endian integer.
  ///
  /// - Precondition: Its bytes are inside the span.
  @inline(__always)
  func integer<Integer: FixedWidthInteger>(_ type: Integer.Type, at offset: Int) -> Integer {
    var value = Integer.zero
    for index in 0..<Integer.bitWidth / 8 {
      value |= Integer(truncatingIfNeeded: self[offset + index]) << Integer(8 * index)
    }
    return value
  }
}

extension [UInt8] {
  /// Appends an integer's bytes, the lowest first.
  mutating func append<Integer: FixedWidthInteger>(littleEndian value: Integer) {
    for index in 0..<Integer.bitWidth / 8 {
      append(UInt8(truncatingIfNeeded: value >> Integer(8 * index)))
    }
  }
}
