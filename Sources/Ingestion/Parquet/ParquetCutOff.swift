/// How far a Parquet file goes that has lost its end, as after a download that failed.
///
/// The end alone says where row groups and columns lie, so nothing of such a file is read. Its pages
/// can still be walked from the start, and the row group is told by their pattern: each column begins
/// with a dictionary, and the widths of the entries repeat from row group to row group.
import Files

struct ParquetCutOff {
  /// The pages that are whole, and the values in them.
  private(set) var pages = 0
  private(set) var values = 0
  /// Where the last whole page ends.
  private(set) var end = 4
  /// The average size of the entries of each dictionary, in file order.
  private var entrySizes: [Int] = []

  /// Walks the pages of a file.
  init(_ file: borrowing BinaryFile) throws {
    while end < file.size {
      let window = try file.bytes(at: end, count: min(65_536, file.size - end))
      var reader = ThriftReader(window)
      guard let header = try? ParquetPageHeader(from: &reader) else { break }
      switch header.kind {
      case .dictionary: entrySizes.append(header.size / max(1, header.valueCount))
      case .data, .dataV2: values += header.valueCount
      case .other: break
      }
      guard header.compressedSize <= file.size - end - reader.position else { break }
      end += reader.position + header.compressedSize
      pages += 1
    }
  }

  /// The row group in which the file breaks off, counted from 0, where the pattern has come round at
  /// least twice.
  var rowGroup: Int? {
    let period = (1...max(1, entrySizes.count / 2)).first { period in
      entrySizes.count >= 2 * period
        && (0..<entrySizes.count - period).allSatisfy {
          isAlike(entrySizes[$0], entrySizes[$0 + period])
        }
    }
    return period.map { (entrySizes.count - 1) / $0 }
  }

  /// Small entries are numbers and must agree; texts may differ by half.
  private func isAlike(_ left: Int, _ right: Int) -> Bool {
    if min(left, right) <= 8 { return left == right }
    return max(left, right) <= min(left, right) * 3 / 2
  }
}
