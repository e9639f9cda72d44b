/// GPT-2's printable names for the 256 bytes, in which `tokenizer.json` spells every token.
///
/// The bytes `!` to `~`, `¡` to `¬` and `®` to `ÿ` stand for themselves; the 68 others take the
/// scalars from U+0100 on, in order (so a blank is `Ġ`). The order of the alphabet is that of the
/// scalars, which is the order in which Hugging Face's trainer gives the bytes their ids.
package enum ByteAlphabet {
  /// The scalar of each byte.
  package static let scalars: [Unicode.Scalar] = {
    var next = UInt32(0x100)
    return (UInt32(0)..<256).map { byte in
      if (0x21...0x7e).contains(byte) || (0xa1...0xac).contains(byte) || byte >= 0xae {
        return Unicode.Scalar(UInt8(byte))
      }
      defer { next += 1 }
      return Unicode.Scalar(next) ?? "?"
    }
  }()

  /// The bytes in the order of their scalars.
  package static let bytesInOrder: [UInt8] = (0...255).sorted {
    scalars[Int($0)].value < scalars[Int($1)].value
  }

  /// The byte of each scalar below U+0144, or `nil` where it names none.
  private static let bytes: [UInt8?] = {
    var bytes = [UInt8?](repeating: nil, count: 0x144)
    for byte in UInt8.min...UInt8.max { bytes[Int(scalars[Int(byte)].value)] = byte }
    return bytes
  }()

  /// Spells bytes in the alphabet.
  ///
  /// - Parameter bytes: Any bytes.
  /// - Returns: One scalar a byte.
  package static func name(of bytes: some Sequence<UInt8>) -> String {
    var name = String.UnicodeScalarView()
    for byte in bytes { name.append(scalars[Int(byte)]) }
    return String(name)
  }

  /// Reads bytes spelled in the alphabet.
  ///
  /// - Parameter name: What ``name(of:)`` wrote.
  /// - Returns: The bytes, or `nil` where a scalar is not of the alphabet.
  package static func bytes(named name: String) -> [UInt8]? {
    var result: [UInt8] = []
    for scalar in name.unicodeScalars {
      guard scalar.value < 0x144, let byte = bytes[Int(scalar.value)] else { return nil }
      result.append(byte)
    }
    return result
  }
}
