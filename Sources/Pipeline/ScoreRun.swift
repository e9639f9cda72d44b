// A queue of texts goes past a judge: so many at once, each answer in the index before its place in
// the queue is given to the next.
//
// The caller's thread reads the shards, writes the index and starts the work; answers come from tasks.
// A text counts as under way until its answer is committed, so that whatever ends the program repeats
// no more requests than were under way.

import Dispatch
import Documents
import Files
import Foundation
import Rubrics
import Storage
import Synchronization

/// One run over a queue.
struct ScoreRun {
  /// The bytes and the number of texts that are read ahead.
  private static let mostBytesAhead = 4_194_304
  private static let mostTextsAhead = 256

  /// Whether the run goes on, and the requests that it has sent.
  let control: JudgingRun
  /// What the model costs, or `nil` where it is not known.
  let price: PriceTable.Price?
  /// The texts whose judgments are in the index.
  private(set) var finished = 0
  /// Those of them without a score.
  private(set) var failed = 0
  /// The dollars that the requests have cost.
  var spent: Double { control.spent }

  private let context: StageContext
  private let settings: ScoreSettings
  private let mostCost: Double
  private let judge: any Judge
  private let judgeID: Int
  /// Which of several answers on each text is asked for; filters see the first alone.
  private let repetition: Int
  private let arrivals = Arrivals()
  private var underWay = 0

  init(
    _ context: StageContext,
    _ settings: ScoreSettings,
    _ limits: ScoreLimits,
    price: PriceTable.Price?,
    judge: any Judge,
    judgeID: Int,
    repetition: Int = 0
  ) {
    self.context = context
    self.settings = settings
    self.price = price
    self.judge = judge
    self.judgeID = judgeID
    self.repetition = repetition
    mostCost = limits.mostCost ?? .infinity
    control = JudgingRun(mostRequests: limits.mostRequests ?? .max, repetition: repetition)
  }

  /// Judges the texts of a queue.
  ///
  /// - Parameters:
  ///   - queue: The texts.
  ///   - stage: The stage's name, for progress.
  /// - Returns: The limit that ended the run before the queue did, or `nil`.
  /// - Throws: ``Failure`` where no sample can be judged any more, or a shard is damaged; what came
  ///   before is in the index.
  mutating func judge(_ queue: TextQueue, stage: String) throws -> String? {
    control.limitCost(to: mostCost, price: price)
    let gathering = ShardGathering(context.workspace)
    var next = 0
    var ahead: ArraySlice<Sample> = []
    var failure: (any Error)?
    var limit: String?
    while true {
      while underWay < judge.concurrency, limit == nil, failure == nil, !control.isEnding {
        if context.stop.isRequested {
          control.end()
          break
        }
        do {
          if ahead.isEmpty { ahead = try samples(of: queue, from: &next, gathering)[...] }
        } catch {
          failure = error
        }
        guard let sample = ahead.first else { break }
        limit = limitMet(by: sample)
        guard limit == nil, hasRoom(for: sample) else { break }
        ahead = ahead.dropFirst()
        start(sample)
      }
      guard underWay > 0 else { break }
      let results = arrivals.take(waiting: .milliseconds(100))
      if context.stop.isRequested { control.end() }
      do {
        failure = try settle(results) ?? failure
      } catch {
        failure = failure ?? error
      }
      if failure != nil { control.end() }
      tell(queue, stage)
    }
    if let failure { throw failure }
    if limit == nil, finished < queue.texts.count { limit = spentLimit }
    return limit
  }

  /// The limit that stands against any further request, or `nil`.
  private var spentLimit: String? {
    if control.isSpent { return "the most requests" }
    return control.isOutOfMoney ? ScoreRun.costLimit : nil
  }

  private static let costLimit = "the most cost"

  private func limitMet(by sample: Sample) -> String? {
    if let spentLimit { return spentLimit }
    // What those under way leave of the money that is held back for them may do for this one.
    return underWay == 0 && !hasRoom(for: sample) ? ScoreRun.costLimit : nil
  }

  /// Whether there is money for a sample's next request beside those under way.
  private func hasRoom(for sample: Sample) -> Bool {
    guard mostCost.isFinite else { return true }
    let (input, output) = ScoreEstimate.tokens(
      ofTextBytes: min(sample.text.count, settings.endpoint.longest),
      settings
    )
    return control.hasRoom(for: TokenCount(input: input, output: output))
  }

  /// The next texts of the queue.
  private func samples(
    of queue: TextQueue,
    from next: inout Int,
    _ gathering: ShardGathering
  ) throws -> [Sample] {
    var requests: [ShardGathering.Request] = []
    var bytes = 0
    while next < queue.texts.count, requests.count < ScoreRun.mostTextsAhead,
      requests.isEmpty || bytes + Int(queue.texts[next].bytes) <= ScoreRun.mostBytesAhead
    {
      bytes += Int(queue.texts[next].bytes)
      requests.append(queue.request(next))
      next += 1
    }
    return try gathering.documents(requests, withMetadata: false).map { found in
      Sample(textHash: SHA256.hash(found.text).description, text: found.text)
    }
  }

  private mutating func start(_ sample: Sample) {
    underWay += 1
    let (judge, control, arrivals) = (judge, control, arrivals)
    Task.detached {
      let result: Result<Judgment?, any Error>
      do {
        result = .success(try await judge.judgment(of: sample, in: control))
      } catch {
        result = .failure(error)
      }
      arrivals.put(Arrival(textHash: sample.textHash, result: result))
    }
  }

  /// Enters what has come in, and frees the places.
  ///
  /// - Returns: The first error among the results.
  private mutating func settle(_ results: [Arrival]) throws -> (any Error)? {
    guard !results.isEmpty else { return nil }
    underWay -= results.count
    var failure: (any Error)?
    var rows: [JudgmentRow] = []
    for arrival in results {
      switch arrival.result {
      case .failure(let error): failure = failure ?? error
      case .success(nil): continue
      case .success(let judgment?):
        var row = JudgmentRow(judgment, of: arrival.textHash, settings.rubric)
        row.repetition = repetition
        rows.append(row)
        if judgment.score == nil { failed += 1 }
      }
    }
    if !rows.isEmpty {
      try context.workspace.index.enter(rows, of: judgeID)
    }
    finished += rows.count
    return failure
  }

  private func tell(_ queue: TextQueue, _ stage: String) {
    var notes: [String] = []
    if price != nil, spent > 0 { notes.append("$" + String(format: "%.4f", spent)) }
    notes.append("\(failed) without a score")
    if control.repeats > 0 { notes.append("\(control.repeats) repeats") }
    context.progress(
      StageProgress(
        stage: stage,
        completed: finished,
        total: queue.texts.count,
        unit: "texts",
        note: notes.joined(separator: ", ")
      )
    )
  }
}

/// What became of one sample.
private struct Arrival: Sendable {
  let textHash: String
  let result: Result<Judgment?, any Error>
}

/// Where tasks put results and a thread takes them.
private final class Arrivals: Sendable {
  private let results = Mutex<[Arrival]>([])
  private let signal = DispatchSemaphore(value: 0)

  func put(_ arrival: Arrival) {
    results.withLock { $0.append(arrival) }
    signal.signal()
  }

  /// Waits for a result, not longer than some time, and takes all that are there.
  func take(waiting time: DispatchTimeInterval) -> [Arrival] {
    // One signal comes with each result; those of results that an earlier call took end at once.
    _ = signal.wait(timeout: .now() + time)
    return results.withLock { results in
      defer { results = [] }
      return results
    }
  }
}

/// Waits on the caller's thread for what an asynchronous function gives.
///
/// For threads of stages alone, which may be blocked.
///
/// - Parameters:
///   - stop: Cancels the function where somebody asks to stop.
///   - body: The function.
/// - Returns: What it gives.
/// - Throws: What it throws; ``Interrupted`` where somebody asked to stop.
func awaited<Value: Sendable>(
  stop: StopSignal? = nil,
  _ body: @escaping @Sendable () async throws -> Value
) throws -> Value {
  let box = ResultBox<Value>()
  let task = Task.detached {
    do {
      box.put(.success(try await body()))
    } catch {
      box.put(.failure(error))
    }
  }
  while true {
    if let result = box.result(waiting: .milliseconds(100)) {
      try stop?.check()
      return try result.get()
    }
    if stop?.isRequested == true { task.cancel() }
  }
}

/// Where a task puts one result and a thread waits for it.
private final class ResultBox<Value: Sendable>: Sendable {
  private let value = Mutex<Result<Value, any Error>?>(nil)
  private let ended = DispatchSemaphore(value: 0)

  func put(_ result: Result<Value, any Error>) {
    value.withLock { $0 = result }
    ended.signal()
  }

  func result(waiting time: DispatchTimeInterval) -> Result<Value, any Error>? {
    guard ended.wait(timeout: .now() + time) == .success else { return nil }
    return value.withLock { $0 }
  }
}
