/// What takes the place of a closed `{{template}}` or `{{{parameter}}}`.
extension WikitextReducer {
  /// A parameter shows its default: `{{{name|default}}}`.
  func parameterReading(of frame: Frame) -> Reading {
    guard pipes.count > frame.firstPipe, frame.height < Self.greatestHeight else { return .nothing }
    let start = pipes[frame.firstPipe] + 1
    let end = pipes.count > frame.firstPipe + 1 ? pipes[frame.firstPipe + 1] : output.count
    return .part(start..<end)
  }

  /// A template shows what its row in ``WikitextTemplates`` says, or nothing.
  mutating func templateReading(of frame: Frame) -> Reading {
    let nameEnd = pipes.count > frame.firstPipe ? pipes[frame.firstPipe] : output.count
    let name = templateName(trimmed(frame.contentStart..<nameEnd))
    if let text = rendered(name, frame: frame), !text.isEmpty { return .text(text) }
    if frames.count == 1 {
      droppedTemplateCount += 1
      if isInline(frame), !name.isEmpty, !WikitextTemplates.isApparatus(name) {
        droppedInlineTemplates[name, default: 0] += 1
      }
    }
    return .dropped
  }

  private mutating func rendered(_ name: String, frame: Frame) -> String? {
    if WikitextTemplates.disambiguations.contains(name) {
      isDisambiguation = true
      return nil
    }
    switch name {
    case "pagename", "fullpagename", "basepagename", "subpagename": return title
    case "!": return "|"
    default: break
    }
    guard frame.height < Self.greatestHeight else { return nil }
    if let rule = WikitextTemplates.rule(named: name) {
      return rule(TemplateArguments(parts: parts(of: frame)))
    }
    guard let colon = name.utf8.firstIndex(of: UInt8(ascii: ":")),
      let rule = WikitextTemplates.functions[String(name[..<colon])]
    else { return nil }
    var parts = parts(of: frame, includingName: true)
    if let first = parts.first, let colon = first.utf8.firstIndex(of: UInt8(ascii: ":")) {
      parts[0] = String(first[first.utf8.index(after: colon)...])
    }
    return rule(TemplateArguments(parts: parts))
  }

  /// The lower-case name without its namespace, underscores as blanks; empty where it is longer than
  /// any name of a template.
  private func templateName(_ range: Range<Int>) -> String {
    guard range.count <= 255 else { return "" }
    var name: [UInt8] = []
    name.reserveCapacity(range.count)
    for offset in range where output[offset] >= 0x20 {
      let byte = output[offset]
      name.append(byte == UInt8(ascii: "_") ? UInt8(ascii: " ") : lowercased(byte))
    }
    if name.starts(with: "template:".utf8) { name.removeFirst(9) }
    return String(decoding: name, as: UTF8.self)
  }

  /// The arguments of a template as they stand between its pipes.
  private func parts(of frame: Frame, includingName: Bool = false) -> [String] {
    var parts: [String] = []
    var start = frame.contentStart
    var isName = !includingName
    for end in pipes[frame.firstPipe...] + [output.count] {
      if !isName { parts.append(String(decoding: output[start..<end], as: UTF8.self)) }
      isName = false
      start = end + 1
    }
    return parts
  }

  /// Whether words stand on the same line before or after an outermost template.
  private func isInline(_ frame: Frame) -> Bool {
    var before = frame.start
    while before > 0, output[before - 1] == UInt8(ascii: " ") || output[before - 1] < 0x08 {
      before -= 1
    }
    if before > 0, output[before - 1] != UInt8(ascii: "\n"), !isItemMarker(output[before - 1]) {
      return true
    }
    var after = index
    while after < source.count, source[after] == UInt8(ascii: " ") { after += 1 }
    guard after < source.count else { return false }
    return !Array("\n{[<|}".utf8).contains(source[after])
  }
}
