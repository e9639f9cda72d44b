/// The formulas with which stories of TinyStories begin, and how a story goes on without.
///
/// The paper on BLaLM removes template openings such as "Once upon a time"; which others it does not
/// say. A formula is taken away with the comma and the blanks after it, and the next word begins with a
/// capital: "Once upon a time, there was a hen." becomes "There was a hen."
package enum StoryOpening {
  /// The formulas, in lower case; "once" only before "there".
  package static let formulas: [String] = {
    let days = ["day", "morning", "afternoon", "evening", "night"]
    let kinds = [
      "", "sunny ", "bright ", "beautiful ", "nice ", "warm ", "hot ", "cold ", "rainy ",
    ]
    return ["once upon a time", "a long time ago", "a long, long time ago", "long, long ago"]
      + ["long ago", "once"] + kinds.flatMap { kind in days.map { "one \(kind)\($0)" } }
  }()

  private static let byLength = formulas.map { Array($0.utf8) }.sorted { $0.count > $1.count }

  /// Takes the formula away with which a story begins.
  ///
  /// - Parameter story: Valid UTF-8 without white space at its beginning.
  /// - Returns: The rest and the formula in lower case, or `nil` where the story begins otherwise or
  ///   has nothing else.
  package static func removed(from story: [UInt8]) -> (story: [UInt8], opening: String)? {
    let head = story.prefix(64).map { $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 }
    for formula in byLength where head.starts(with: formula) {
      var index = formula.count
      if index < story.count, story[index] == UInt8(ascii: ",") { index += 1 }
      let blanks = story[index...].prefix { $0 == 0x20 || $0 == 0x0a }.count
      guard blanks > 0 || index > formula.count else { continue }
      index += blanks
      let name = String(decoding: formula, as: UTF8.self)
      if name == "once", !head.dropFirst(index).starts(with: Array("there ".utf8)) { continue }
      guard index < story.count else { continue }
      var rest = Array(story[index...])
      if rest[0] >= 0x61, rest[0] <= 0x7a { rest[0] &= 0xdf }
      return (rest, name)
    }
    return nil
  }
}
