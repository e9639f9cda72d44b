import Foundation
import Synchronization

/// A folder that is removed with its content when the value goes away.
public final class TemporaryFolder: Sendable {
  /// The folder's path.
  public let path: String

  /// Makes an empty folder.
  ///
  /// - Throws: What the file manager throws.
  public init() throws {
    let url = FileManager.default.temporaryDirectory
      .appending(path: "blalm-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Keeps the folder until the process ends, for one that many tests share.
  public func keepUntilExit() {
    TemporaryFolder.kept.withLock { folders in
      if folders.isEmpty { atexit { TemporaryFolder.kept.withLock { $0 = [] } } }
      folders.append(self)
    }
  }

  private static let kept = Mutex<[TemporaryFolder]>([])

  /// The path of a name in the folder.
  ///
  /// - Parameter name: A relative path.
  /// - Returns: The absolute path.
  public func callAsFunction(_ name: String) -> String { path + "/" + name }

  /// Writes a file into the folder.
  ///
  /// - Parameters:
  ///   - name: A relative path; folders on the way are made.
  ///   - bytes: The content.
  /// - Returns: The absolute path.
  /// - Throws: What the file manager throws.
  @discardableResult
  public func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = self(name)
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent,
      withIntermediateDirectories: true
    )
    try Data(bytes).write(to: URL(filePath: file))
    return file
  }

  /// Writes a text file into the folder.
  ///
  /// - Parameters:
  ///   - name: A relative path; folders on the way are made.
  ///   - text: The content.
  /// - Returns: The absolute path.
  /// - Throws: What the file manager throws.
  @discardableResult
  public func write(_ name: String, _ text: String) throws -> String {
    try write(name, Array(text.utf8))
  }
}
