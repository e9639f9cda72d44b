import Foundation
import Pipeline
import Synchronization

/// Progress on standard error: a bar with rate and time left on a terminal, a line every ten seconds
/// elsewhere, nothing when quiet.
final class ProgressPrinter: Sendable {
  private struct State {
    var stage = ""
    var started = ContinuousClock.now
    var lastShown: ContinuousClock.Instant?
    var barIsShown = false
  }

  private let quiet: Bool
  private let isTerminal: Bool
  private let state = Mutex(State())

  init(quiet: Bool) {
    self.quiet = quiet
    let kind = ProcessInfo.processInfo.environment["TERM"] ?? ""
    isTerminal = isatty(STDERR_FILENO) == 1 && !kind.isEmpty && kind != "dumb"
  }

  /// Shows a progress value, unless one was shown a moment ago.
  func show(_ progress: StageProgress) {
    guard !quiet else { return }
    state.withLock { state in
      let now = ContinuousClock.now
      if state.stage != progress.stage {
        state.stage = progress.stage
        state.started = now
        state.lastShown = isTerminal ? nil : now
      }
      let pause: Duration = isTerminal ? .milliseconds(100) : .seconds(10)
      if let last = state.lastShown, now - last < pause { return }
      state.lastShown = now
      let line = progressLine(progress, seconds: (now - state.started) / .seconds(1))
      if isTerminal {
        write("\r\u{1b}[K" + String(line.prefix(max(1, terminalWidth() - 1))))
        state.barIsShown = true
      } else {
        write(line + "\n")
      }
    }
  }

  /// Removes the bar.
  func clear() {
    state.withLock { state in
      if state.barIsShown { write("\r\u{1b}[K") }
      state = State()
    }
  }

  private func write(_ text: String) {
    tell(text)
  }

  private func terminalWidth() -> Int {
    var size = winsize()
    // Unsafe because ioctl fills a C structure through a pointer that lives for the call.
    guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return 80
    }
    return Int(size.ws_col)
  }
}

/// One line of progress: stage, bar, amount, rate, time left, note.
///
/// - Parameters:
///   - progress: How far the stage is.
///   - seconds: How long it has been at it.
/// - Returns: The line without a line feed.
func progressLine(_ progress: StageProgress, seconds: Double) -> String {
  var parts = [progress.stage]
  if let total = progress.total, total > 0 {
    let share = min(1, Double(progress.completed) / Double(total))
    let filled = Int(share * 20)
    parts.append(
      "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: 20 - filled)
        + "]"
    )
    parts.append("\(grouped(progress.completed))/\(grouped(total)) \(progress.unit)")
  } else if progress.unit == "bytes" {
    parts.append("\(megabytes(progress.completed)) MB")
  } else {
    parts.append("\(grouped(progress.completed)) \(progress.unit)")
  }
  if seconds > 0.5, progress.completed > 0 {
    let rate = Double(progress.completed) / seconds
    parts.append(
      progress.unit == "bytes"
        ? "\(megabytes(Int(rate))) MB/s" : "\(rounded(rate, 1)) \(progress.unit)/s"
    )
    if let total = progress.total, total > progress.completed {
      parts.append(timeLeft(Double(total - progress.completed) / rate) + " left")
    }
  }
  if !progress.note.isEmpty { parts.append(progress.note) }
  return parts.joined(separator: "  ")
}

private func timeLeft(_ seconds: Double) -> String {
  let whole = Int(min(seconds, 1e7))
  if whole >= 3_600 { return "\(whole / 3_600) h \(whole / 60 % 60) min" }
  return whole >= 60 ? "\(whole / 60) min \(whole % 60) s" : "\(whole) s"
}

private func megabytes(_ bytes: Int) -> String { rounded(Double(bytes) / 1e6, 1) }
