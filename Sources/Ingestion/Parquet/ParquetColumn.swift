/// The columns of a Parquet file as a user names them, made of the schema's leaves.
///
/// A column is a leaf, or a list of leaves; a leaf inside groups that do not repeat is named by its
/// path, as in `meta.url`. What is nested deeper or has a meaning that is not read here keeps its
/// name and the reason.

/// A column, by name.
package struct ParquetColumn: Sendable {
  /// What the values mean.
  package enum Kind: Sendable, Equatable {
    case flag
    case integer
    /// Unsigned numbers of 64 bits.
    case unsigned
    case number
    case text
    case bytes
    /// Days since 1970-01-01.
    case date
    /// A time by the clock on the wall, or in UTC, in fractions of a second.
    case timestamp(perSecond: Int, isUTC: Bool)
    /// Nanoseconds of a day and the Julian day, in 12 bytes.
    case julianTimestamp
    /// Nothing but nulls.
    case null
  }

  /// The name: the path from the root, its parts joined by dots.
  package let name: String
  /// What the values mean.
  package let kind: Kind
  /// Whether a row holds a list of values.
  package let isList: Bool
  /// Why the column cannot be read, or `nil`.
  package let refusal: String?

  /// The place among a row group's column chunks.
  let index: Int
  let type: ParquetPhysicalType
  let typeLength: Int
  /// Unsigned integers of 32 bits, which are stored as signed ones.
  let isUnsigned32: Bool
  let maximumDefinition: Int
  let maximumRepetition: Int
  /// The definition level from which on a list has an element here.
  let listDefinition: Int
}

/// The schema as a tree, flattened into columns.
struct ParquetSchema {
  private typealias Element = ParquetMetadata.SchemaElement

  private(set) var columns: [ParquetColumn] = []

  /// Walks the elements.
  ///
  /// - Throws: ``ParquetDefect`` where they are no tree.
  init(_ elements: [ParquetMetadata.SchemaElement]) throws {
    guard let root = elements.first, let count = root.childCount, count >= 0 else {
      throw ParquetDefect.damaged("the schema has no root")
    }
    var path: [Element] = []
    var next = 1
    try read(elements, &next, children: count, path: &path)
    guard next == elements.count else {
      throw ParquetDefect.damaged("the schema has elements outside its tree")
    }
  }

  private mutating func read(
    _ elements: [Element],
    _ next: inout Int,
    children: Int,
    path: inout [Element]
  ) throws {
    guard path.count < ParquetLimits.schemaDepth else {
      throw ParquetDefect.unsupported("a schema nested more than \(ParquetLimits.schemaDepth) deep")
    }
    for _ in 0..<children {
      guard next < elements.count else {
        throw ParquetDefect.damaged("the schema's tree has more branches than elements")
      }
      let element = elements[next]
      next += 1
      guard 0...3 ~= element.repetition else {
        throw ParquetDefect.damaged("a schema element has the unknown repetition")
      }
      path.append(element)
      if let count = element.childCount, element.type == nil {
        guard count >= 0 else {
          throw ParquetDefect.damaged("a schema element has negative children")
        }
        try read(elements, &next, children: count, path: &path)
      } else if let type = element.type {
        columns.append(try column(path, type))
      } else {
        throw ParquetDefect.damaged("a schema element is neither a value nor a group")
      }
      path.removeLast()
    }
  }

  private func column(_ path: [Element], _ type: ParquetPhysicalType) throws -> ParquetColumn {
    let leaf = path[path.count - 1]
    if type == .fixedLengthByteArray, leaf.typeLength < 1 || leaf.typeLength > ParquetLimits.page {
      throw ParquetDefect.damaged("a column of fixed length has the length \(leaf.typeLength)")
    }
    let repeated = path.indices.filter { path[$0].repetition == 2 }
    let listDefinition = repeated.first.map { last in
      path[...last].count { $0.repetition != 0 }
    }
    let (kind, meaningRefusal) = try meaning(of: leaf, type)
    let nestingRefusal = Self.nestingRefusal(path, repeated: repeated)
    // A list is known by the name of its outermost group.
    var named = path[...]
    if let first = repeated.first {
      let isListGroup =
        first > 0 && path[first - 1].isGroup(converted: [1, 2, 3], logical: [2, 3])
      named = isListGroup ? path[..<first] : path[...first]
    }
    return ParquetColumn(
      name: named.map(\.name).joined(separator: "."),
      kind: kind,
      isList: !repeated.isEmpty,
      refusal: nestingRefusal ?? meaningRefusal,
      index: columns.count,
      type: type,
      typeLength: leaf.typeLength,
      isUnsigned32: kind == .integer && type == .int32 && leaf.isUnsigned,
      maximumDefinition: path.count { $0.repetition != 0 },
      maximumRepetition: repeated.count,
      listDefinition: listDefinition ?? 0
    )
  }

  /// Why values at the end of a path are no plain values and no list of them (the rules for lists
  /// of older writers: parquet-format, LogicalTypes.md).
  private static func nestingRefusal(_ path: [Element], repeated: [Int]) -> String? {
    if path.contains(where: { $0.repetition == 3 }) { return "a vector" }
    if path.contains(where: { $0.isGroup(converted: [1, 2], logical: [2]) }) { return "a map" }
    if path.contains(where: { $0.isGroup(converted: [], logical: [16]) }) { return "a variant" }
    guard let first = repeated.first else { return nil }
    if repeated.count > 1 { return "a list of lists" }
    let repeatedElement = path[first]
    if first == path.count - 1 { return nil }
    let isList = first > 0 && path[first - 1].isGroup(converted: [3], logical: [3])
    guard isList, first == path.count - 2, repeatedElement.childCount == 1,
      repeatedElement.name != "array", repeatedElement.name != path[first - 1].name + "_tuple"
    else { return "a list of structures" }
    return nil
  }

  /// What a leaf's values mean, or why they are refused.
  private func meaning(
    of leaf: Element,
    _ type: ParquetPhysicalType
  ) throws -> (kind: ParquetColumn.Kind, refusal: String?) {
    func stored(
      _ types: [ParquetPhysicalType],
      _ kind: ParquetColumn.Kind
    ) throws -> (ParquetColumn.Kind, String?) {
      guard types.contains(type) else {
        throw ParquetDefect.damaged("the column \(leaf.name) says what its type cannot mean")
      }
      return (kind, nil)
    }
    let plain: ParquetColumn.Kind =
      switch type {
      case .boolean: .flag
      case .int32, .int64: .integer
      case .int96: .julianTimestamp
      case .float, .double: .number
      case .byteArray, .fixedLengthByteArray: .bytes
      }
    switch leaf.annotation {
    case .none: return (plain, nil)
    case .converted(let code):
      switch code {
      case 0, 4, 19: return try stored([.byteArray], .text)
      case 6: return try stored([.int32], .date)
      case 9: return try stored([.int64], .timestamp(perSecond: 1_000, isUTC: true))
      case 10: return try stored([.int64], .timestamp(perSecond: 1_000_000, isUTC: true))
      case 14: return try stored([.int64], .unsigned)
      case 11...13, 15...17: return try stored([.int32], .integer)
      case 18: return try stored([.int64], .integer)
      default:
        let names = [5: "decimal", 7: "time", 8: "time", 20: "BSON", 21: "interval"]
        return (plain, names[code].map { "the type \($0)" } ?? "the unknown type \(code)")
      }
    case .logical(let id, let unit, let isUTC, let bitWidth, let isSigned):
      switch id {
      case 1, 4, 12: return try stored([.byteArray], .text)
      case 6: return try stored([.int32], .date)
      case 8:
        guard 1...3 ~= unit else { return (plain, "a timestamp of an unknown unit") }
        let perSecond = [1_000, 1_000_000, 1_000_000_000][unit - 1]
        return try stored([.int64], .timestamp(perSecond: perSecond, isUTC: isUTC))
      case 10 where bitWidth == 64:
        return try stored([.int64], isSigned ? .integer : .unsigned)
      case 10: return try stored([.int32], .integer)
      case 11: return (.null, nil)
      default:
        let names = [
          5: "decimal", 7: "time", 13: "BSON", 14: "UUID", 15: "float16", 16: "variant",
          17: "geometry", 18: "geography", 19: "vector",
        ]
        return (plain, names[id].map { "the type \($0)" } ?? "the unknown type \(id)")
      }
    }
  }
}

extension ParquetMetadata.SchemaElement {
  /// Whether a group is annotated with one of these types.
  fileprivate func isGroup(converted: [Int], logical: [Int]) -> Bool {
    guard type == nil else { return false }
    switch annotation {
    case .none: return false
    case .converted(let code): return converted.contains(code)
    case .logical(let id, _, _, _, _): return logical.contains(id)
    }
  }

  fileprivate var isUnsigned: Bool {
    switch annotation {
    case .none: false
    case .converted(let code): 11...14 ~= code
    case .logical(let id, _, _, _, let isSigned): id == 10 && !isSigned
    }
  }
}
