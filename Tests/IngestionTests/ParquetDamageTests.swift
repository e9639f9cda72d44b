import Files
import Foundation
import Ingestion
import TestSupport
import Testing

/// Files that lie: each must end in a failure with its place, without a trap and without asking for
/// the memory that the lie is worth.
@Suite struct ParquetDamageTests {
  /// Two row groups of two texts.
  func file() -> HandMadeParquet {
    HandMadeParquet(
      type: 6,
      meaning: 0,
      rowGroups: [
        [HandMadeParquet.page(["One hen.", "Two hens."])],
        [HandMadeParquet.page(["Three hens.", "Four hens."])],
      ]
    )
  }

  func failure(_ bytes: [UInt8]) throws -> Failure {
    try withTemporaryFolder { folder in
      let path = try write(bytes, to: "a.parquet", in: folder)
      return try #require(throws: Failure.self) { _ = try ParquetFixture.read(path) }
    }
  }

  @Test func `the file is sound before anything is changed`() throws {
    try withTemporaryFolder { folder in
      let path = try write(file().bytes, to: "a.parquet", in: folder)
      #expect(try ParquetFixture.read(path).values["text"]?.count == 4)
    }
  }

  @Test func `a file that was cut off is named with what is whole of it`() throws {
    let bytes = file().bytes
    let failure = try failure(Array(bytes.dropLast(20)))
    #expect(failure.what.contains("footer is missing"))
    #expect(failure.what.contains("2 whole pages with 4 values"))
    // A download that left a hole: the footer is there, the second row group is not.
    var holed = bytes
    let second = try #require(bytes.firstRange(of: Array("Three".utf8)))
    for index in second.lowerBound - 40..<second.upperBound { holed[index] = 0 }
    #expect(try self.failure(holed).place.contains("row group"))
    for count in 0..<bytes.count { _ = try self.failure(Array(bytes.prefix(count))) }
  }

  @Test(arguments: [-1, 1, 1_000, Int(Int32.max), Int.max / 2])
  func `a footer that states other numbers is refused`(error: Int) throws {
    for change in 0..<4 {
      var file = file()
      switch change {
      case 0: file.valueCountError = error
      case 1: file.rowCountError = error
      case 2: file.offsetError = error
      default: file.sizeError = error > 0 ? error : -1_000
      }
      // A column may claim a few bytes more than its pages have, as old writers did.
      if change == 3, error == 1 { continue }
      _ = try failure(file.bytes)
    }
  }

  @Test(arguments: [
    (1, 3), (1, -1), (2, 17), (2, -4), (2, 1 << 31), (3, 1 << 20), (3, -9), (1, 1 << 40),
  ])
  func `a page header that states other numbers is refused`(field: Int, value: Int) throws {
    var file = file()
    switch field {
    case 1: file.rowGroups[1][0].values = value
    case 2: file.rowGroups[1][0].size = value
    default: file.rowGroups[1][0].compressedSize = value
    }
    #expect(try failure(file.bytes).place.contains("a.parquet"))
  }

  @Test func `a wrong checksum, codec, encoding or type is refused`() throws {
    var wrong = file()
    wrong.rowGroups[0][0].checksum = 12_345
    #expect(try failure(wrong.bytes).what.contains("checksum"))
    for (codec, name) in [(3, "LZO"), (4, "brotli"), (9, "unknown codec")] {
      wrong = file()
      wrong.codec = codec
      #expect(try failure(wrong.bytes).what.contains(name))
    }
    for codec in [1, 2, 5, 6, 7] {
      wrong = file()
      wrong.codec = codec
      #expect(try failure(wrong.bytes).what.contains("decompressed"))
    }
    for encoding in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 99] {
      wrong = file()
      wrong.rowGroups[0][0].encoding = encoding
      _ = try failure(wrong.bytes)
    }
    wrong = file()
    wrong.type = 8
    #expect(try failure(wrong.bytes).what.contains("unknown physical type"))
    // A date made of texts.
    wrong = file()
    wrong.meaning = 6
    _ = try failure(wrong.bytes)
  }

  @Test func `lengths inside a page stay inside it`() throws {
    var long = file()
    long.rowGroups[0][0].body[0] = 200
    #expect(try failure(long.bytes).what.contains("ends before"))
    long = file()
    long.rowGroups[0][0].body[3] = 255
    _ = try failure(long.bytes)
    var dictionary = HandMadeParquet.page(["A hen."])
    dictionary.kind = 2
    for body in [
      [], [33, 2, 0], [2, 4, 3], [1, 5, 3], [8, 4, 1], [0, 0], [32, 4, 255, 255, 255, 255],
    ]
      as [[UInt8]]
    {
      let page = HandMadeParquet.Page(values: 2, encoding: 8, body: body)
      _ = try failure(
        HandMadeParquet(type: 6, meaning: 0, rowGroups: [[dictionary, page]]).bytes
      )
      _ = try failure(HandMadeParquet(type: 6, meaning: 0, rowGroups: [[page]]).bytes)
    }
    let twice = HandMadeParquet(
      type: 6,
      meaning: 0,
      rowGroups: [[dictionary, dictionary, HandMadeParquet.page(["A hen."])]]
    )
    #expect(try failure(twice.bytes).what.contains("two dictionaries"))
  }

  @Test func `differences that contradict themselves are refused`() throws {
    for body in [
      [], [128, 1], [128, 1, 4, 2, 0, 2], [0, 4, 2, 0], [128, 1, 0, 2, 0], [128, 1, 3, 2, 0],
      [128, 1, 4, 2, 0, 0, 65, 0, 0, 0], [128, 1, 4, 2, 0, 0, 64, 64, 64, 64, 1],
      [255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
    ] as [[UInt8]] {
      let page = HandMadeParquet.Page(values: 2, encoding: 5, body: body)
      _ = try failure(HandMadeParquet(type: 2, rowGroups: [[page]]).bytes)
      for encoding in [6, 7] {
        let texts = HandMadeParquet.Page(values: 2, encoding: encoding, body: body)
        _ = try failure(HandMadeParquet(type: 6, rowGroups: [[texts]]).bytes)
      }
    }
  }

  @Test func `text that is not UTF-8 is a failure with its column`() throws {
    var wrong = file()
    wrong.rowGroups[1][0].body[6] = 0xff
    let failure = try failure(wrong.bytes)
    #expect(failure.what.contains("UTF-8"))
    #expect(failure.place.contains("row group 1 of 2, column `text`"))
  }

  @Test func `metadata nested without end, or endless, are refused`() throws {
    func footer(_ body: [UInt8]) -> [UInt8] {
      let size = UInt32(body.count)
      return Array("PAR1".utf8) + body + (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) }
        + Array("PAR1".utf8)
    }
    // Field 9, a structure in a structure in a structure.
    #expect(
      try failure(footer([0x9c] + [UInt8](repeating: 0x1c, count: 100_000))).what
        .contains("nested")
    )
    // A list of lists of lists, and one that claims more elements than there are bytes.
    _ = try failure(footer([0x99] + [UInt8](repeating: 0x19, count: 100_000)))
    _ = try failure(footer([0x29, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x0f]))
    // A map of maps, a field of an unknown kind, a number without end, an empty footer.
    _ = try failure(footer([0x9b] + [UInt8](repeating: 0xbb, count: 50)))
    _ = try failure(footer([0x9e, 0]))
    _ = try failure(footer([0x36] + [UInt8](repeating: 0xff, count: 30)))
    _ = try failure(footer([]))
    _ = try failure(footer([0]))
    // A schema whose groups claim more children than there are.
    var writer = ThriftWriter()
    writer.element { footer in
      footer.list(
        2,
        [
          {
            $0.text(4, "root")
            $0.integer(5, 1 << 40)
          }
        ]
      )
    }
    _ = try failure(footer(writer.bytes))
    // A schema that is one long chain of groups.
    writer = ThriftWriter()
    writer.element { footer in
      footer.list(
        2,
        (0..<1_000).map { _ in
          {
            $0.text(4, "g")
            $0.integer(5, 1)
          }
        }
      )
    }
    #expect(try failure(footer(writer.bytes)).what.contains("deep"))
  }
}
