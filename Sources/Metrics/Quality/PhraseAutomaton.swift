// Many phrases found in one pass: the automaton of Aho and Corasick ("Efficient String Matching",
// Communications of the ACM 18(6), 1975), written out as a table so that a byte costs one look-up.

/// Finds phrases of lower-case ASCII in bytes that are folded by a table.
struct PhraseAutomaton: Sendable {
  /// For each byte the class that it is taken as.
  let classes: [UInt8]
  /// For each state and class what a byte leads to: in the low 24 bits where the next state's entries
  /// begin, above them the group, counted from 1, of a phrase that ends there, or 0.
  let transitions: [UInt32]

  /// Where a state's entries begin, of a transition.
  @inline(__always)
  static func state(_ transition: UInt32) -> Int { Int(transition & 0xff_ffff) }

  /// The group of the phrase that a transition completes, or 0.
  @inline(__always)
  static func group(_ transition: UInt32) -> Int { Int(transition >> 24) }

  /// Creates an automaton.
  ///
  /// Where one phrase ends inside another's last bytes, the longer one's group counts.
  ///
  /// - Parameters:
  ///   - phrases: Phrases by group; the first group is 1.
  ///   - foldsSpacing: Whether bytes other than ASCII letters are blanks. Phrases then begin and end
  ///     at words, and who asks takes a run of blanks as one. Else phrases are met byte by byte,
  ///     inside words, too.
  init(groups phrases: [[String]], foldsSpacing: Bool) {
    // Class 0 is the blank, or whatever stands in no phrase.
    var classes = [UInt8](repeating: 0, count: 256)
    let letters =
      foldsSpacing
      ? Array(UInt8(ascii: "a")...UInt8(ascii: "z")) : Set(phrases.joined().joined().utf8).sorted()
    for (number, byte) in letters.enumerated() { classes[Int(byte)] = UInt8(number + 1) }
    for byte in UInt8(ascii: "a")...UInt8(ascii: "z") {
      classes[Int(byte - 0x20)] = classes[Int(byte)]
    }
    let classCount = letters.count + 1
    var trie = PhraseTrie(classCount: classCount)
    for (group, list) in phrases.enumerated() {
      for phrase in list {
        let whole = foldsSpacing ? " \(phrase) " : phrase
        trie.insert(whole.utf8.map { classes[Int($0)] }, group: UInt8(group + 1))
      }
    }
    trie.complete()
    self.classes = classes
    transitions = trie.transitions.map { next in
      UInt32(next) * UInt32(classCount) | UInt32(trie.groups[Int(next)]) << 24
    }
  }
}

/// The tree of the phrases, whose missing branches are then filled by where a failed match goes on.
private struct PhraseTrie {
  let classCount: Int
  var transitions: [UInt16]
  var groups: [UInt8] = [0]
  private var depths = [0]

  init(classCount: Int) {
    self.classCount = classCount
    transitions = [UInt16](repeating: 0, count: classCount)
  }

  mutating func insert(_ phrase: [UInt8], group: UInt8) {
    var state = 0
    for letter in phrase {
      let place = state * classCount + Int(letter)
      if transitions[place] == 0 {
        transitions[place] = UInt16(groups.count)
        groups.append(0)
        depths.append(depths[state] + 1)
        transitions.append(contentsOf: repeatElement(0, count: classCount))
      }
      state = Int(transitions[place])
    }
    groups[state] = group
  }

  mutating func complete() {
    var fallbacks = [Int](repeating: 0, count: groups.count)
    for state in groups.indices.sorted(by: { (depths[$0], $0) < (depths[$1], $1) }) {
      for letter in 0..<classCount {
        let place = state * classCount + letter
        let next = Int(transitions[place])
        let fallback = state == 0 ? 0 : Int(transitions[fallbacks[state] * classCount + letter])
        if next == 0 {
          transitions[place] = UInt16(fallback)
        } else {
          fallbacks[next] = fallback
          if groups[next] == 0 { groups[next] = groups[fallback] }
        }
      }
    }
  }
}
