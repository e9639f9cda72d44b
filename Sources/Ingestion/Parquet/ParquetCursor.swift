/// The pages of one column in one row group, in order, one held at a time.
import Files

/// Some rows of one page.
struct ParquetSlice: Sendable {
  /// The rows of a page, by the shape of its column.
  enum Page: Sendable {
    case flat(FlatPage)
    /// Each row's list, or `nil` for a null.
    case lists([[ParquetValue?]?])
  }

  let page: Page
  let rows: Range<Int>
}

/// Walks a column chunk.
struct ParquetCursor {
  let column: ParquetColumn
  let codec: ParquetCodec
  /// The bytes that the chunk claims, compressed.
  let compressedSize: Int

  private var offset: Int
  private let end: Int
  private var valuesLeft: Int
  private var dictionary: ParquetDictionary?
  /// Bytes of the file that were read ahead, and where they begin.
  private var window: [UInt8] = []
  private var windowStart = 0

  private var current: ParquetSlice.Page?
  private var rowsInPage = 0
  private var row = 0
  /// The page that was loaded and not decoded.
  private var waiting: EncodedPage?
  /// The last row of a page of lists, which the next page may continue.
  private var openRow: [ParquetValue?]?
  private var hasOpenRow = false
  /// The place of the page read last, for failures.
  private(set) var pageOffset: Int

  /// Begins before the first page.
  ///
  /// - Parameters:
  ///   - column: The column.
  ///   - chunk: Where it lies.
  ///   - dataEnd: Where the file's footer begins.
  ///   - rowCount: The row group's rows.
  /// - Throws: ``ParquetDefect`` where the chunk lies outside the file or is of a kind not read.
  init(
    _ column: ParquetColumn,
    _ chunk: ParquetMetadata.ColumnChunk,
    dataEnd: Int,
    rowCount: Int
  ) throws {
    if chunk.isElsewhere { throw ParquetDefect.unsupported("a column kept in another file") }
    if chunk.isEncrypted { throw ParquetDefect.unsupported("encryption") }
    guard chunk.type == column.type else {
      throw ParquetDefect.damaged("a column has other values than the schema says")
    }
    self.column = column
    codec = try ParquetCodec(code: chunk.codec)
    try codec.check()
    compressedSize = chunk.compressedSize
    // A column without values may lie nowhere.
    var start = chunk.valueCount == 0 ? 4 : chunk.dataOffset
    let dictionaryOffset = chunk.dictionaryOffset
    if dictionaryOffset >= 4, dictionaryOffset < start { start = dictionaryOffset }
    guard 4...dataEnd ~= start, chunk.compressedSize >= 0, chunk.valueCount >= 0 else {
      throw ParquetDefect.damaged("a column lies outside the file")
    }
    // Some old writers left the dictionary page's header out of the size.
    let size = min(chunk.compressedSize, dataEnd)
    guard start + size <= dataEnd || chunk.valueCount == 0 else {
      throw ParquetDefect.damaged("a column reaches past the end of the file's data")
    }
    end = min(start + size + 100, dataEnd)
    offset = start
    pageOffset = start
    valuesLeft = chunk.valueCount
    guard column.isList || chunk.valueCount == rowCount else {
      throw ParquetDefect.damaged("a column has \(chunk.valueCount) values for \(rowCount) rows")
    }
  }

  /// Loads the next data page where no rows are left of the last one, and leaves it undecoded.
  ///
  /// - Returns: The page, if one is at hand that no row was taken from.
  mutating func peek(_ file: borrowing BinaryFile) throws -> EncodedPage? {
    if waiting == nil, row == rowsInPage, !column.isList {
      waiting = try nextDataPage(file)
    }
    return waiting
  }

  /// Passes over the page that ``peek(_:)`` gave.
  mutating func takeWaiting() { waiting = nil }

  /// Takes the next rows, from as many pages as they lie in.
  ///
  /// - Throws: ``ParquetDefect`` where the column has fewer rows.
  mutating func take(_ count: Int, _ file: borrowing BinaryFile) throws -> [ParquetSlice] {
    var slices: [ParquetSlice] = []
    var left = count
    while left > 0 {
      if row == rowsInPage { try decodeNext(file) }
      guard let current else { throw missingRows }
      let taken = min(left, rowsInPage - row)
      if taken > 0 { slices.append(ParquetSlice(page: current, rows: row..<row + taken)) }
      row += taken
      left -= taken
    }
    return slices
  }

  /// Checks that nothing is left.
  mutating func finish(_ file: borrowing BinaryFile) throws {
    while row == rowsInPage, valuesLeft > 0 || hasOpenRow { try decodeNext(file) }
    guard row == rowsInPage, waiting == nil else {
      throw ParquetDefect.damaged("a column has more rows than its row group")
    }
  }

  private var missingRows: ParquetDefect {
    .damaged("a column has fewer rows than its row group")
  }

  private mutating func decodeNext(_ file: borrowing BinaryFile) throws {
    current = nil
    row = 0
    rowsInPage = 0
    if column.isList {
      try decodeNextLists(file)
      return
    }
    var page = waiting
    waiting = nil
    if page == nil { page = try nextDataPage(file) }
    guard let page else { throw missingRows }
    let flat = try page.flat(column)
    rowsInPage = flat.rowCount
    current = .flat(flat)
  }

  private mutating func decodeNextLists(_ file: borrowing BinaryFile) throws {
    var rows: [[ParquetValue?]?] = []
    if let page = try nextDataPage(file) {
      let list = try page.list(column)
      for (isFirst, element) in zip(list.isFirst, list.elements) {
        if isFirst {
          if hasOpenRow { rows.append(openRow) }
          hasOpenRow = true
          openRow = element == .nullList ? nil : []
        }
        guard hasOpenRow else {
          throw ParquetDefect.damaged("a column's first row begins in its middle")
        }
        switch element {
        case .nullValue: openRow?.append(nil)
        case .value(let value): openRow?.append(value)
        case .nullList, .emptyList:
          guard isFirst else {
            throw ParquetDefect.damaged("a list goes on after it was said to be empty")
          }
        }
      }
    } else if hasOpenRow {
      rows.append(openRow)
      hasOpenRow = false
      openRow = nil
    } else {
      throw missingRows
    }
    rowsInPage = rows.count
    current = .lists(rows)
  }

  /// Reads on to the next data page, taking up the dictionary on the way; `nil` at the end.
  private mutating func nextDataPage(_ file: borrowing BinaryFile) throws -> EncodedPage? {
    while valuesLeft > 0 {
      pageOffset = offset
      let header = try nextHeader(file)
      guard header.compressedSize <= end - offset else {
        throw ParquetDefect.damaged("a page reaches past the end of its column")
      }
      switch header.kind {
      case .other: break
      case .dictionary:
        guard dictionary == nil else {
          throw ParquetDefect.damaged("a column has two dictionaries")
        }
        let bytes = try bytes(file, count: header.compressedSize)
        dictionary = ParquetDictionary(header, bytes, codec: codec, of: column)
      case .data, .dataV2:
        guard header.valueCount <= valuesLeft else {
          throw ParquetDefect.damaged("a column's pages have more values than it states")
        }
        valuesLeft -= header.valueCount
        let bytes = try bytes(file, count: header.compressedSize)
        offset += header.compressedSize
        return EncodedPage(header: header, codec: codec, bytes: bytes, dictionary: dictionary)
      }
      offset += header.compressedSize
    }
    return nil
  }

  /// Reads a header, with as many bytes as it turns out to need.
  private mutating func nextHeader(_ file: borrowing BinaryFile) throws -> ParquetPageHeader {
    var size = 1_024
    while true {
      let count = min(size, end - offset)
      guard count > 0 else {
        throw ParquetDefect.damaged("a column ends before all its values")
      }
      try fill(file, count: count)
      var reader = ThriftReader(window, at: offset - windowStart)
      do {
        let header = try ParquetPageHeader(from: &reader)
        offset = windowStart + reader.position
        return header
      } catch is ThriftReader.CutOff {
        guard count == size, size < ParquetLimits.pageHeader else {
          throw ParquetDefect.damaged("a page header is cut off")
        }
        size *= 8
      }
    }
  }

  /// The bytes behind the header, from the window where they lie in it.
  private func bytes(_ file: borrowing BinaryFile, count: Int) throws -> [UInt8] {
    let start = offset - windowStart
    if start >= 0, start + count <= window.count { return Array(window[start..<start + count]) }
    return try file.bytes(at: offset, count: count)
  }

  /// Makes sure that the window holds `count` bytes from `offset` on.
  private mutating func fill(_ file: borrowing BinaryFile, count: Int) throws {
    let start = offset - windowStart
    if start >= 0, start + count <= window.count { return }
    let wanted = min(max(count, 16_384), end - offset)
    window = try file.bytes(at: offset, count: wanted)
    windowStart = offset
  }
}
