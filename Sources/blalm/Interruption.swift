import Dispatch
import Foundation
import Pipeline

/// Ctrl-C and termination as a stop signal: the first asks the stage to stop, the second ends the
/// program at once.
enum Interruption {
  /// The signal; the first use of it installs the handlers.
  static let signal: StopSignal = {
    let stop = StopSignal()
    for number in [SIGINT, SIGTERM] {
      _ = Foundation.signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        if stop.isRequested { _exit(130) }
        stop.request()
      }
      // The source keeps itself alive: it listens as long as the program runs.
      source.setCancelHandler { source.activate() }
      source.activate()
    }
    return stop
  }()
}
