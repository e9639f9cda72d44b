/// Some consecutive rows of a Parquet file, not yet decompressed where that is worth a core.
///
/// A reading thread cuts a file into stretches; any other thread makes rows of them. A stretch is at
/// most one page of its largest column, so that memory is bounded by pages, not by row groups.
import Files

/// Consecutive rows of one row group.
package struct ParquetStretch: Sendable {
  /// How a column's rows are at hand.
  enum Part: Sendable {
    case slices([ParquetSlice])
    case encoded(EncodedPage)
  }

  /// The columns, in the order in which they were asked for.
  package let columns: [ParquetColumn]
  /// The rows.
  package let rowCount: Int
  /// The first row's ordinal in the file.
  package let firstRow: Int
  /// The file and the row group, for failures.
  let place: String
  let parts: [Part]

  /// About how many bytes the rows take: what an undecoded page unpacks to, and what lies decoded.
  package var size: Int {
    parts.reduce(0) { sum, part in
      switch part {
      case .encoded(let page): sum + page.expectedSize
      case .slices(let slices): sum + slices.reduce(0) { $0 + $1.size }
      }
    }
  }

  /// The bytes that the stretch holds: an undecoded page as it lies in the file.
  package var heldSize: Int {
    parts.reduce(0) { sum, part in
      switch part {
      case .encoded(let page): sum + page.heldSize
      case .slices(let slices): sum + slices.reduce(0) { $0 + $1.size }
      }
    }
  }

  /// Decompresses and decodes what is not decoded yet.
  ///
  /// - Returns: The rows.
  /// - Throws: ``Failure`` where a page is damaged.
  package func rows() throws -> ParquetRows {
    let decoded = try zip(columns, parts).map { column, part in
      switch part {
      case .slices(let slices): return ParquetRows.Column(column, slices, place)
      case .encoded(let page):
        let flat = try named(place, column) { try page.flat(column) }
        let slice = ParquetSlice(page: .flat(flat), rows: 0..<flat.rowCount)
        guard slice.size <= ParquetLimits.stretch else {
          let what = "values of one page that take more than \(ParquetLimits.stretch) bytes"
          throw ParquetDefect.unsupported(what).failure(at: place)
        }
        return ParquetRows.Column(column, [slice], place)
      }
    }
    return ParquetRows(count: rowCount, firstRow: firstRow, columns: decoded)
  }

  /// Cuts slices into halves until each stretch's values fit into `limit`, one row at the least.
  static func cut(
    _ columns: [ParquetColumn],
    _ slices: [[ParquetSlice]],
    firstRow: Int,
    rowCount: Int,
    place: String,
    limit: Int,
    _ body: (ParquetStretch) throws -> Void
  ) throws {
    let stretch = ParquetStretch(
      columns: columns,
      rowCount: rowCount,
      firstRow: firstRow,
      place: place,
      parts: slices.map { .slices($0) }
    )
    if rowCount <= 1 || stretch.size <= limit { return try body(stretch) }
    let half = rowCount / 2
    let (first, second) = (slices.map { $0.split(at: half).0 }, slices.map { $0.split(at: half).1 })
    try cut(
      columns,
      first,
      firstRow: firstRow,
      rowCount: half,
      place: place,
      limit: limit,
      body
    )
    try cut(
      columns,
      second,
      firstRow: firstRow + half,
      rowCount: rowCount - half,
      place: place,
      limit: limit,
      body
    )
  }
}

extension [ParquetSlice] {
  /// The slices of the first rows, and those of the rest.
  fileprivate func split(at row: Int) -> ([ParquetSlice], [ParquetSlice]) {
    var (first, second): ([ParquetSlice], [ParquetSlice]) = ([], [])
    var left = row
    for slice in self {
      let middle = slice.rows.lowerBound + Swift.min(left, slice.rows.count)
      let (head, tail) = (slice.rows.lowerBound..<middle, middle..<slice.rows.upperBound)
      if !head.isEmpty { first.append(ParquetSlice(page: slice.page, rows: head)) }
      if !tail.isEmpty { second.append(ParquetSlice(page: slice.page, rows: tail)) }
      left -= head.count
    }
    return (first, second)
  }
}

extension ParquetSlice {
  /// The bytes of the rows' values.
  var size: Int {
    switch page {
    case .lists(let lists):
      return rows.reduce(0) { sum, row in
        sum
          + (lists[row] ?? []).reduce(8) { sum, value in
            switch value {
            case .text(let text): sum + 16 + text.utf8.count
            case .bytes(let bytes): sum + 16 + bytes.count
            default: sum + 16
            }
          }
      }
    case .flat(let page):
      guard case .strings(let strings) = page.vector else { return 8 * rows.count }
      return rows.reduce(0) { sum, row in
        sum + (page.slot(row).map { strings.size(at: $0) } ?? 0)
      }
    }
  }
}

/// Decoded rows, by column.
package struct ParquetRows: Sendable {
  /// One column's values for these rows.
  package struct Column: Sendable {
    /// Whose values they are.
    package let column: ParquetColumn
    private let place: String
    private let slices: [ParquetSlice]
    /// The rows before each slice.
    private let starts: [Int]

    init(_ column: ParquetColumn, _ slices: [ParquetSlice], _ place: String) {
      self.column = column
      self.slices = slices
      self.place = place
      var starts: [Int] = []
      var rows = 0
      for slice in slices {
        starts.append(rows)
        rows += slice.rows.count
      }
      self.starts = starts
    }

    /// A row's value, or `nil` for a null.
    ///
    /// - Parameter row: A row of these, counted from 0.
    /// - Returns: The value with its meaning.
    /// - Throws: ``Failure`` where a text is not valid UTF-8.
    package func value(_ row: Int) throws -> ParquetValue? {
      let (slice, row) = find(row)
      switch slice.page {
      case .lists(let lists): return lists[row].map { .list($0) }
      case .flat(let page):
        guard column.kind != .null, let slot = page.slot(row) else { return nil }
        return try named(place, column) { try column.value(page.vector, at: slot) }
      }
    }

    /// A row's byte string without any check, or `nil` for a null or a value of another kind.
    ///
    /// - Parameter row: A row of these, counted from 0.
    /// - Returns: The bytes.
    package func bytes(_ row: Int) -> [UInt8]? {
      let (slice, row) = find(row)
      guard case .flat(let page) = slice.page, case .strings(let strings) = page.vector,
        let slot = page.slot(row)
      else { return nil }
      return strings[slot]
    }

    private func find(_ row: Int) -> (ParquetSlice, Int) {
      var (low, high) = (0, slices.count - 1)
      while low < high {
        let middle = (low + high + 1) / 2
        if starts[middle] <= row { low = middle } else { high = middle - 1 }
      }
      return (slices[low], slices[low].rows.lowerBound + row - starts[low])
    }
  }

  /// The rows.
  package let count: Int
  /// The first row's ordinal in the file.
  package let firstRow: Int
  /// The columns, in the order in which they were asked for.
  package let columns: [Column]
}

/// Runs a body and gives its defects their place.
func named<Result>(
  _ place: String,
  _ column: ParquetColumn?,
  _ body: () throws -> Result
) throws -> Result {
  do {
    return try body()
  } catch let defect as ParquetDefect {
    throw defect.failure(at: column.map { "\(place), column `\($0.name)`" } ?? place)
  } catch is ThriftReader.CutOff {
    throw ParquetDefect.damaged("the metadata end early").failure(at: place)
  }
}

extension ParquetDefect {
  func failure(at place: String) -> Failure {
    switch self {
    case .damaged(let what):
      Failure(
        what: "the Parquet file is cut off or damaged (\(what))",
        place: place,
        remedy: "fetch the file again and compare its checksum with the publisher's"
      )
    case .unsupported(let what):
      Failure(
        what: "the Parquet file uses what is not read here: \(what)",
        place: place,
        remedy: "leave the column out, or write the file anew with plain columns and zstd "
          + "(for example with DuckDB or pyarrow)"
      )
    }
  }
}
