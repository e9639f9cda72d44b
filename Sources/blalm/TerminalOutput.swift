// Where long output goes: a pager on a terminal, standard output elsewhere; and how wide it may be.
//
// A reader that has seen enough (`| head`, a pager that is left) ends the output without a complaint.

import Files
import Foundation

/// Standard output as a place for tables.
struct TerminalOutput {
  /// The reader has closed its end.
  struct ReaderIsGone: Error {}

  /// Whether people look at it directly.
  let isTerminal: Bool
  /// The cells of a line.
  let width: Int
  /// Whether headings may be emphasised.
  let usesColor: Bool

  /// Looks at standard output and the environment.
  init() {
    let environment = ProcessInfo.processInfo.environment
    isTerminal = isatty(STDOUT_FILENO) == 1
    var width = Int(environment["COLUMNS"] ?? "") ?? 0
    var size = winsize()
    // Unsafe because ioctl fills a C structure through a pointer that lives for the call.
    if width <= 0, isTerminal, unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 {
      width = Int(size.ws_col)
    }
    self.width = width > 0 ? min(width, 10_000) : isTerminal ? 80 : 120
    let kind = environment["TERM"] ?? ""
    usesColor =
      isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && !kind.isEmpty && kind != "dumb"
  }

  /// A heading, in bold where that can be shown.
  func heading(_ text: String) -> String {
    usesColor ? "\u{1b}[1m\(text)\u{1b}[0m" : text
  }

  /// Writes what a function gives it, through a pager on a terminal.
  ///
  /// - Parameter body: Receives where to write.
  /// - Throws: ``Failure`` where the output cannot be written; what `body` throws. That the reader
  ///   closes its end is no error.
  func write(_ body: (_ write: (String) throws -> Void) throws -> Void) throws {
    // Started first, so that it does not inherit what this program does not listen to.
    let pager = isTerminal ? Pager.start() : nil
    // A write to a reader that is gone is then an error, which is handled here.
    signal(SIGPIPE, SIG_IGN)
    guard let pager else { return try write(to: FileHandle.standardOutput, body) }
    // The pager answers to Ctrl-C; this program waits for it to end.
    signal(SIGINT, SIG_IGN)
    defer { pager.finish() }
    try write(to: pager.input, body)
  }

  private func write(
    to file: FileHandle,
    _ body: (_ write: (String) throws -> Void) throws -> Void
  ) throws {
    var waiting: [UInt8] = []
    func flush() throws {
      do {
        try file.write(contentsOf: Data(waiting))
      } catch {
        guard posixCode(of: error) != EPIPE else { throw ReaderIsGone() }
        throw writeFailure(error, path: "standard output")
      }
      waiting.removeAll(keepingCapacity: true)
    }
    do {
      try body { text in
        waiting += text.utf8
        waiting.append(UInt8(ascii: "\n"))
        if waiting.count >= 65_536 { try flush() }
      }
      try flush()
    } catch is ReaderIsGone {
      return
    }
  }
}

/// The system's own number of an error that Foundation reports.
private func posixCode(of error: any Error) -> Int32? {
  let error = error as NSError
  let inner = error.userInfo[NSUnderlyingErrorKey] as? NSError
  return [inner, error].compactMap(\.self).first { $0.domain == NSPOSIXErrorDomain }
    .map { Int32($0.code) }
}

/// A program that shows text page by page.
///
/// Started by `popen`, since Foundation's `Process` makes a process group of its own, to which the
/// terminal would not let it listen.
@safe private struct Pager {
  /// Where the text goes.
  let input: FileHandle
  // Unsafe because C hands out a raw pointer; it is closed once, by `finish`.
  private let stream: UnsafeMutablePointer<FILE>

  /// Starts `$PAGER`, or `less -R` where none is named; `nil` where none is wanted or can be found.
  static func start() -> Pager? {
    let environment = ProcessInfo.processInfo.environment
    let command = environment["PAGER"] ?? "less -R"
    guard let program = command.split(separator: " ").first, program != "cat" else { return nil }
    let folders = (environment["PATH"] ?? "").split(separator: ":")
    let isFound =
      program.contains("/")
      || folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
    // What fits the screen is printed and left there; unsafe because the calls take C strings.
    if environment["LESS"] == nil { unsafe setenv("LESS", "FRX", 0) }
    guard isFound, let stream = unsafe popen(command, "w") else { return nil }
    return unsafe Pager(
      input: FileHandle(fileDescriptor: fileno(stream), closeOnDealloc: false),
      stream: stream
    )
  }

  /// Ends the text and waits until the pager is left.
  func finish() {
    _ = unsafe pclose(stream)
  }
}
