import Files
import Foundation
import Ingestion
import TestSupport
import Testing

/// The reader against files that pyarrow wrote; `Fixtures/make_parquet.py` says how.
@Suite struct ParquetTests {
  @Test(arguments: [
    "types.none", "types.snappy", "types.gzip", "types.zstd", "types.lz4", "types.v2",
    "types.delta",
  ])
  func `every type reads with the values that pyarrow reads`(name: String) throws {
    let (values, refusals) = try ParquetFixture.read(ParquetFixture.path(name + ".parquet"))
    let expected = try ParquetFixture.values("types")
    #expect(expected.count == 23)
    #expect(refusals.isEmpty)
    #expect(values.keys.sorted() == expected.keys.sorted())
    for (column, expected) in expected { #expect(values[column] == expected, "\(column)") }
  }

  @Test func `times of 96 bits and lists of two levels read as the newer kinds`() throws {
    let int96 = try ParquetFixture.read(ParquetFixture.path("types.int96.parquet"))
    #expect(try int96.values == ParquetFixture.values("int96"))
    let lists = try ParquetFixture.read(ParquetFixture.path("lists.parquet"))
    let all = try ParquetFixture.values("types")
    #expect(lists.values == all.filter { ["words", "numbers"].contains($0.key) })
  }

  @Test func `columns that change their meaning are refused by name, the others read`() throws {
    let path = ParquetFixture.path("refused.parquet")
    let (values, refusals) = try ParquetFixture.read(path)
    #expect(values == ["plain": ["1", "2"]])
    #expect(
      refusals == [
        "decimal": "the type decimal", "time": "the type time", "half": "the type float16",
        "map": "a map", "lists": "a list of lists", "structures": "a list of structures",
      ]
    )
    let failure = try #require(throws: Failure.self) {
      _ = try ParquetFile(path: path).column(named: "decimal")
    }
    #expect(failure.place.contains("`decimal`") && failure.what.contains("decimal"))
    let brotli = try #require(throws: Failure.self) {
      _ = try ParquetFixture.read(ParquetFixture.path("brotli.parquet"))
    }
    #expect(brotli.what.contains("brotli"))
    #expect(brotli.place.contains("`plain`"))
  }

  @Test func `a projection reads its columns alone, in the order asked for`() throws {
    // The flag's pages are damaged: whoever does not ask for them does not see it.
    var file = try [UInt8](Data(contentsOf: URL(filePath: ParquetFixture.path("types.v2.parquet"))))
    let whole = try ParquetFixture.read(ParquetFixture.path("types.v2.parquet")).values
    try withTemporaryFolder { folder in
      let path = try write(file, to: "a.parquet", in: folder)
      let opened = try ParquetFile(path: path)
      let columns = try ["int64", "text"].map { try #require(try opened.column(named: $0)) }
      #expect(opened.rowGroups == [4, 4, 2])
      #expect(try opened.column(named: "nowhere") == nil)
      var seen: [[String]] = []
      try opened.forEachStretch(of: columns) { stretch in
        let rows = try stretch.rows()
        #expect(rows.columns.map(\.column.name) == ["int64", "text"])
        for row in 0..<rows.count {
          seen.append(try rows.columns.map { ParquetFixture.notation(try $0.value(row)) })
        }
      }
      #expect(seen.map { $0[0] } == whole["int64"])
      #expect(seen.map { $0[1] } == whole["text"])
      // Every page of this file has a checksum: one wrong byte in a page is found.
      file[40] ^= 1
      let damaged = try write(file, to: "b.parquet", in: folder)
      let failure = try #require(throws: Failure.self) { _ = try ParquetFixture.read(damaged) }
      #expect(failure.place.contains("row group 0 of 3, column `text`"))
    }
  }

  @Test func `many row groups and pages come in order`() throws {
    try withTemporaryFolder { folder in
      var file = HandMadeParquet(type: 6, meaning: 0)
      var expected: [String] = []
      for group in 0..<20 {
        file.rowGroups.append(
          (0..<5).map { page in
            let texts = (0..<3).map { "Group \(group), page \(page), row \($0)." }
            expected += texts
            return HandMadeParquet.page(texts)
          }
        )
      }
      let path = try write(file.bytes, to: "a.parquet", in: folder)
      let opened = try ParquetFile(path: path)
      let column = try #require(try opened.column(named: "text"))
      var seen: [String] = []
      try opened.forEachStretch(of: [column]) { stretch in
        let rows = try stretch.rows()
        for row in 0..<rows.count {
          seen.append(String(decoding: rows.columns[0].bytes(row) ?? [], as: UTF8.self))
        }
      }
      #expect(seen == expected)
    }
  }

  @Test func `one text repeated through a dictionary is handed over in pieces`() throws {
    // Twenty thousand rows of 64 KiB are 1.3 GB: no stretch may hold them all.
    let text = String(repeating: "word ", count: 13_107)
    var dictionary = HandMadeParquet.page([text])
    dictionary.kind = 2
    // Width 0, and one run.
    let page = HandMadeParquet.Page(values: 20_000, encoding: 8, body: [0, 0xc0, 0xb8, 0x02])
    let file = HandMadeParquet(type: 6, meaning: 0, rowGroups: [[dictionary, page]])
    try withTemporaryFolder { folder in
      let path = try write(file.bytes, to: "a.parquet", in: folder)
      let opened = try ParquetFile(path: path)
      let column = try #require(try opened.column(named: "text"))
      var rows = 0
      try opened.forEachStretch(of: [column]) { stretch in
        #expect(stretch.size <= 1 << 25)
        rows += stretch.rowCount
      }
      #expect(rows == 20_000)
    }
  }
}
