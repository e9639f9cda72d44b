/// Which files a path stands for, and under which names their records are known.
///
/// Names begin with the base name of what was given, so that they are the same wherever a folder
/// lies, and order is by the bytes of the name, so that it is the same on every machine.
import Files
import Foundation

extension InputFile {
  /// The suffixes that may follow a file's own extension.
  package static let compressions = ["gz", "bz2", "zst", "xz"]

  /// Lists the input files at a path.
  ///
  /// A file stands for itself whatever its extension, and `-` for standard input. A folder stands for its files with one of the
  /// extensions, in every depth, plain or compressed; hidden files, `__MACOSX` and links to folders
  /// are passed over.
  ///
  /// - Parameters:
  ///   - path: A file, a folder or `-`.
  ///   - extensions: Lower-case extensions without the dot; compared without regard to case.
  /// - Returns: The files by the bytes of their names, at least one.
  /// - Throws: ``Failure`` where nothing is at the path, a folder cannot be read or holds no such
  ///   file, or one whose name is not UTF-8 or is a link to nothing.
  public static func files(at path: String, extensions: [String]) throws -> [InputFile] {
    if path == InputBytes.standardInput {
      return [InputFile(path: path, name: "standard input")]
    }
    let root = URL(fileURLWithPath: path).standardizedFileURL
    let name = root.lastPathComponent
    guard let given = kind(of: path) else {
      throw Failure(what: "nothing is there", place: path, remedy: "check the path")
    }
    guard given == .typeDirectory else { return [InputFile(path: path, name: name)] }
    var found: [InputFile] = []
    var folders = [(path: path, name: name)]
    while let folder = folders.popLast() {
      for entry in try contents(of: folder.path) where !isPassedOver(entry) {
        let inside = (path: folder.path + "/" + entry, name: folder.name + "/" + entry)
        switch kind(of: inside.path) {
        case .typeDirectory where !isLink(inside.path): folders.append(inside)
        case .typeRegular where matches(entry, extensions):
          found.append(InputFile(path: inside.path, name: inside.name))
        case nil where matches(entry, extensions),
          .typeSymbolicLink where matches(entry, extensions):
          throw Failure(
            what: "nothing can be read under this name",
            place: inside.path,
            remedy: "rename the file in UTF-8, mend the link, or take it out of the folder"
          )
        default: break
        }
      }
    }
    guard !found.isEmpty else {
      let wanted = extensions.map { ".\($0)" }.joined(separator: ", ")
      throw Failure(
        what: "the folder holds no file with extension \(wanted)",
        place: path,
        remedy: "give the folder that holds the source's files, or one file by its name"
      )
    }
    return found.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  /// Whether the bytes come from standard input.
  package var isStandardInput: Bool { path == InputBytes.standardInput }

  /// The name without what says how the file is compressed, so that packing a file keeps its keys.
  var uncompressedName: String {
    guard let dot = name.lastIndex(of: "."),
      Self.compressions.contains(name[name.index(after: dot)...].lowercased())
    else { return name }
    return String(name[..<dot])
  }

  private static func matches(_ entry: String, _ extensions: [String]) -> Bool {
    let entry = entry.lowercased()
    return extensions.contains { wanted in
      entry.hasSuffix("." + wanted)
        || compressions.contains { entry.hasSuffix(".\(wanted).\($0)") }
    }
  }

  private static func isPassedOver(_ entry: String) -> Bool {
    entry.hasPrefix(".") || entry == "__MACOSX"
  }

  /// What a path leads to once links are followed, or `nil` for nothing.
  private static func kind(of path: String) -> FileAttributeType? {
    let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let attributes = try? FileManager.default.attributesOfItem(atPath: resolved)
    return attributes?[.type] as? FileAttributeType
  }

  private static func isLink(_ path: String) -> Bool {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil
  }

  private static func contents(of folder: String) throws -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder)
    } catch {
      throw Failure(
        what: "the folder cannot be read (\(error.localizedDescription))",
        place: folder,
        remedy: "check the folder's permissions"
      )
    }
  }
}
