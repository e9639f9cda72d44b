import Documents
import Files
import Foundation
import Ingestion
import Testing

@Suite struct GutenbergReaderTests {
  func ingested(
    _ bytes: [UInt8],
    options: GutenbergReader.Options = GutenbergReader.Options(),
    name: String = "hill.txt"
  ) throws -> Ingested {
    try withTemporaryFolder { folder in
      let path = try write(bytes, to: "hill.txt", in: folder)
      return try ingest(GutenbergReader(options: options), path, name: name)
    }
  }

  func ingested(
    _ text: String,
    options: GutenbergReader.Options = GutenbergReader.Options()
  ) throws -> Ingested {
    try ingested(Array(text.utf8), options: options)
  }

  /// A book of our own in the publisher's dress.
  static let book = """
    The Project Gutenberg eBook of The Hen on the Hill

    This eBook is for the use of anyone anywhere at no cost.

    Title: The Hen on the Hill
      A Tale

    Author: Nobody Inparticular

    Release date: May 1, 2001 [eBook #99991]
    Language: English

    *** START OF THE PROJECT GUTENBERG EBOOK THE HEN ON
    THE HILL ***

    Produced by Some Volunteers

    THE HEN ON THE HILL

    by Nobody Inparticular

    [Illustration: A hen]

    CONTENTS

    CHAPTER I. The Hen
    CHAPTER II. The Hill

    LIST OF ILLUSTRATIONS

    A hen sits

    CHAPTER I.

    The Hen

    There was a hen who lived with Martha in a house of wood, and
    the hen was _very_ fond of her.

    "Good morning," said the hen. It rained.

          Rain, rain,
          go away.

           *       *       *       *       *

    The hen slept.

    CHAPTER II.

    The Hill

    Nobody came. The wind blew and the grass was wet, and there was
    nothing more to see.

    *** END OF THE PROJECT GUTENBERG EBOOK THE HEN ON THE HILL ***

    Updated editions will replace the previous one.
    """

  static let first = """
    There was a hen who lived with Martha in a house of wood, and the hen was very fond of her.

    "Good morning," said the hen. It rained.

    Rain, rain,
    go away.

    The hen slept.
    """
  static let second =
    "Nobody came. The wind blew and the grass was wet, and there was nothing more to see."

  @Test(arguments: ["\n", "\r\n"])
  func `what is not the book is taken away, and chapters become metadata`(end: String) throws {
    let result = try ingested(Self.book.replacingOccurrences(of: "\n", with: end))
    #expect(result.texts == [Self.first, Self.second])
    #expect(result.rejections.isEmpty)
    #expect(result.documents.map(\.key) == ["99991/0", "99991/1"])
    #expect(result.documents.map(\.origin.line) == [37, 53])
    #expect(
      result.documents[0].metadata == [
        "title": .text("The Hen on the Hill A Tale"), "author": .text("Nobody Inparticular"),
        "language": .text("English"), "book": .integer(99_991),
        "chapter": .text("CHAPTER I. The Hen"),
      ]
    )
    #expect(result.documents[1].metadata["chapter"] == .text("CHAPTER II. The Hill"))
    #expect(result.documents.allSatisfy { $0.license == "public domain in the USA" })
  }

  @Test func `a passage has at most the chosen words, whole paragraphs where they fit`() throws {
    let result = try ingested(Self.book, options: .init(passageWords: 12))
    #expect(
      result.texts == [
        "There was a hen who lived with Martha in a house of wood, and the hen was very fond of her.",
        "\"Good morning,\" said the hen. It rained.\n\nRain, rain,\ngo away.", "The hen slept.",
        "Nobody came.",
        "The wind blew and the grass was wet, and there was nothing more to see.",
      ]
    )
    #expect(result.documents.map(\.key) == (0..<5).map { "99991/\($0)" })
  }

  @Test func `a book gives at most so many passages, and passages without names can go`() throws {
    let few = try ingested(Self.book, options: .init(passageWords: 12, passagesPerBook: 2))
    #expect(few.documents.map(\.key) == ["99991/0", "99991/2"])
    #expect(few.documents.map { $0.metadata["passagesPastLimit"] } == [.integer(3), nil])
    let named = try ingested(Self.book, options: .init(onlyWithNames: true))
    #expect(named.texts == [Self.first])
    #expect(named.documents[0].metadata["passagesWithoutNames"] == .integer(1))
  }

  @Test(arguments: [
    ("We saw Tom there.", true), ("She met Mr. Brown.", true), ("Mrs. Hill sat.", true),
    ("Nobody came. Then it rained.", false), ("\"Yes,\" she said. \"No,\" he said.", false),
    ("I think I'm ill, and I am.", false), ("He said: Come in.", false), ("", false),
  ])
  func `a name is a capital inside a sentence`(text: String, isNamed: Bool) throws {
    let padded = "CHAPTER I\n\n\(text) We all ran home and it was late.\n"
    let result = try ingested(padded, options: .init(onlyWithNames: true))
    #expect(result.documents.isEmpty == !isNamed)
    #expect(result.reasons == (isNamed ? [] : ["no passage with a name"]))
  }

  @Test func `older books and books without marks are read`() throws {
    let old = """
      **Welcome To The World of Free Plain Vanilla Electronic Texts**

      *END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*

      A Walk

      I

      We walked to the sea and back again.

      End of Project Gutenberg's A Walk, by Nobody
      More words.
      """
    #expect(try ingested(old).texts == ["We walked to the sea and back again."])
    let bare = try ingested(
      "We walked to the sea, and when it was dark we walked back home again.\n"
    )
    #expect(bare.documents.map(\.key) == ["hill.txt/0"])
  }

  @Test func `what is no book of the public domain is rejected`() throws {
    let copyrighted = Self.book.replacingOccurrences(
      of: "This eBook is",
      with: "This is a COPYRIGHTED Project Gutenberg eBook. It is"
    )
    #expect(try ingested(copyrighted).reasons == ["copyrighted"])
    #expect(try ingested("CHAPTER I\n\nCHAPTER II\n").reasons == ["no prose"])
    #expect(try ingested([0x66, 0xff, 0x66]).reasons == ["not in the stated encoding"])
    #expect(throws: Failure.self) { _ = try ingested("") }
    #expect(throws: Failure.self) { _ = try ingested("A.", options: .init(passageWords: 0)) }
  }

  @Test func `a book that states ISO-8859-1 is read as such`() throws {
    let text = Array("Character set encoding: ISO-8859-1\n\nCHAPTER I\n\nThe caf".utf8) + [0xe9]
    let result = try ingested(text + Array(" was shut.\n".utf8))
    #expect(result.texts == ["The café was shut."])
  }

  @Test func `cuts, one endless line and one endless paragraph do no harm`() throws {
    let whole = Array(Self.book.utf8)
    for length in stride(from: 1, to: whole.count, by: 7) {
      let result = try ingested(Array(whole[..<length]))
      #expect(result.documents.count + result.rejections.count > 0)
    }
    let long = "CHAPTER I\n\n" + String(repeating: "word ", count: 200_000) + ".\n"
    #expect(try ingested(long).texts.count == 1)
    let sentences = "CHAPTER I\n\n" + String(repeating: "It ran on.\n", count: 20_000)
    let result = try ingested(sentences, options: .init(passagesPerBook: 1_000))
    #expect(result.documents.count == 200)
    #expect(result.texts.allSatisfy { WordCount.words(in: $0) == 300 })
  }
}
