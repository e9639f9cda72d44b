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
    if let text = rendered(name, frame: frame) { return text.isEmpty ? .nothing : .text(text) }
    // What was dropped inside goes with it.
    while let last = droppedUses.last, last.start >= frame.start { droppedUses.removeLast() }
    let shown = functionName(name) ?? name
    if shown.isEmpty || WikitextFunctions.silent.contains(shown) { return .dropped }
    let isApparatus = WikitextTemplates.isApparatus(shown)
    let isInline = !isApparatus && isInline(frame)
    droppedUses.append(
      DroppedUse(
        name: shown,
        characters: isApparatus ? 0 : proseCharacters(of: frame, isInline: isInline),
        isInline: isInline,
        start: frame.start
      )
    )
    return isInline ? .missing : .dropped
  }

  private mutating func rendered(_ name: String, frame: Frame) -> String? {
    if WikitextTemplates.disambiguations.contains(name) {
      isDisambiguation = true
      return ""
    }
    if name == "!" { return "|" }
    guard frame.height < Self.greatestHeight else { return nil }
    if let rule = WikitextTemplates.rule(named: name) {
      return rule(TemplateArguments(parts: parts(of: frame), page: page))
    }
    guard let function = functionName(name), let rule = WikitextFunctions.functions[function]
    else { return nil }
    var parts = parts(of: frame, includingName: true)
    if let first = parts.first, let colon = first.utf8.firstIndex(of: UInt8(ascii: ":")) {
      parts[0] = String(first[first.utf8.index(after: colon)...])
    }
    return rule(TemplateArguments(parts: parts, page: page))
  }

  /// The name of a parser function, which ends at a colon.
  private func functionName(_ name: String) -> String? {
    guard let colon = name.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    let function = String(name[..<colon])
    if function == "#invoke" { return name }
    return name.utf8.first == UInt8(ascii: "#") || WikitextFunctions.functions[function] != nil
      || WikitextFunctions.silent.contains(function) ? function : nil
  }

  /// The characters of the arguments that may hold prose: the unnamed, and those named for a text.
  private func proseCharacters(of frame: Frame, isInline: Bool) -> Int {
    var count = isInline ? 1 : 0
    let ends = pipes[frame.firstPipe...]
    for (place, pipe) in zip(ends.indices, ends) {
      var start = pipe + 1
      let end = place + 1 < pipes.count ? pipes[place + 1] : output.count
      let equals = output[start..<end].prefix(30).firstIndex(of: UInt8(ascii: "="))
      if let equals {
        let name = String(decoding: output[trimmed(start..<equals)], as: UTF8.self)
        guard WikitextTemplates.proseArguments.contains(name.lowercased()) else { continue }
        start = equals + 1
      }
      count += scalarCount(in: output[start..<end])
    }
    return count
  }

  /// The lower-case name without its namespace, underscores as blanks; empty where it is longer than
  /// any name of a template.
  private func templateName(_ range: Range<Int>) -> String {
    guard range.count <= 1_000 else { return "" }
    var name: [UInt8] = []
    name.reserveCapacity(range.count)
    for offset in range where output[offset] >= 0x20 {
      let byte = output[offset]
      name.append(byte == UInt8(ascii: "_") ? UInt8(ascii: " ") : lowercased(byte))
    }
    if name.starts(with: "template:".utf8) { name.removeFirst(9) }
    // The name of a function ends at its colon, however long its first argument is.
    if name.count > 255, !name.prefix(40).contains(UInt8(ascii: ":")) { return "" }
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
    let least = max(0, before - 64)
    while before > least, output[before - 1] == UInt8(ascii: " ") || output[before - 1] < 0x08 {
      before -= 1
    }
    if before > 0, output[before - 1] != UInt8(ascii: "\n"), !isItemMarker(output[before - 1]) {
      return true
    }
    var after = index
    let last = min(source.count, after + 64)
    while after < last, source[after] == UInt8(ascii: " ") { after += 1 }
    guard after < source.count else { return false }
    return !Array("\n{[<|}".utf8).contains(source[after])
  }
}
