/// The letters a to z that Latin letters with accents are without them, as the rules of syllables see them.
///
/// By Unicode's canonical decompositions, so that a letter of one scalar counts as the same letter with
/// marks behind it does; what has none (`ø`, `ß`, `ł`) stands for a letter of its sound, as far as the
/// rules tell any apart.
enum LatinLetters {
  /// A letter without its accents.
  struct Letter {
    /// The letter a to z.
    let base: UInt8
    /// It is a vowel or y with a diaeresis, which parts it from a vowel before.
    let hasDiaeresis: Bool
  }

  /// The letter of a scalar beyond ASCII in lower case, or nil where it is none of Latin's.
  static func letter(_ scalar: UInt32) -> Letter? {
    let byte =
      switch scalar {
      case 0xe0..<0x250: extended[Int(scalar - 0xe0)]
      case 0x1e00..<0x1f00: additional[Int(scalar - 0x1e00)]
      default: UInt8(ascii: ".")
      }
    guard byte != UInt8(ascii: ".") else { return nil }
    return Letter(base: byte | 0x20, hasDiaeresis: byte & 0x20 == 0)
  }

  /// For U+00E0 to U+024F the letter, upper case where it has a diaeresis, or a full stop.
  private static let extended = Array(
    """
    aaaaAaaceeeEiiiIznooooO.ouuuUyzYaaaaaaccccccccddzzeeeeeeeeeegggg\
    gggghhzziiiiiiiiiizzjjkkzllllllzzzznnnnnnzzzoooooozorrrrrrssssss\
    ssttttzzuuuuuuuuuuuuwwyyYzzzzzzz................................\
    oo.............uu............................aaiioouuUUUUUUUU.AA\
    aaaa..ggkkoooo..j...gg..nnaaaaooaaaaeeeeiiiioooorrrruuuusstt..hh\
    ......aaeeOOooooooyy............................
    """.utf8
  )

  /// The same for U+1E00 to U+1EFF.
  private static let additional = Array(
    """
    aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiIIkkkkkkllllllllmm\
    mmmmnnnnnnnnooOOoooopppprrrrrrrrssssssssssttttttttuuuuuuuuUUvvvv\
    wwwwwwwwwwxxxxyyzzzzzzhtwy......aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee\
    eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy......
    """.utf8
  )
}
