// How fast this machine asks a judge that takes no time to answer.

import ArgumentParser
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Pipeline
import Rubrics
import Storage

extension BenchCommand {
  /// `blalm bench score`.
  struct Score: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Score made-up documents by a judge in this process that takes no time.",
      discussion: """
        The judge is a real HTTP server on the loopback, and its work counts in the figures. The \
        workspace lies in a temporary folder (TMPDIR); making it does not count.
        """
    )

    @Option(help: "The documents that are queued.")
    var documents = 20_000

    @Option(help: "The requests to send.")
    var requests = 5_000

    @Option(help: "The requests under way at once.")
    var concurrency = 32

    @OptionGroup var output: OutputOptions

    func validate() throws {
      guard documents > 0, requests > 0, (1...1_024).contains(concurrency) else {
        throw ValidationError("--documents, --requests and --concurrency must be above 0.")
      }
    }

    func run() throws {
      let folder = FileManager.default.temporaryDirectory
        .appending(path: "blalm-bench-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let rows = folder + "/rows.jsonl"
      try writeRows(to: rows)
      let session = try StageSession(workspace: folder + "/w", output: output)
      _ = try session.context.ingest(
        IngestSettings(
          name: "rows",
          format: .jsonl,
          paths: [rows],
          reader: try ConfiguredReader(.jsonl, source: "rows", options: nil)
        )
      )
      let server = try InstantJudge()
      defer { server.stop() }
      var endpoint = EndpointSettings(endpoint: server.address, model: "instant")
      endpoint.concurrency = concurrency
      let settings = ScoreSettings(rubric: try Rubric(named: "educational"), endpoint: endpoint)
      var figure = ScoreFigure(queued: documents)
      forgetPeak()
      let clock = ContinuousClock()
      let start = clock.now
      let before = processorSeconds()
      let report = try session.context.score(
        settings,
        limits: ScoreLimits(mostRequests: requests),
        judge: makeJudge
      )
      figure.processorSeconds = processorSeconds() - before
      figure.seconds = (clock.now - start) / .seconds(1)
      figure.requests = report.output
      figure.peakMegabytes = peakMegabytes()
      session.end()
      show([figure], json: output.json, line: \.summary)
    }

    /// Writes documents of some hundred words each, no two the same.
    private func writeRows(to path: String) throws {
      let words = String(
        repeating: "Water rises from the sea as vapour and falls again as rain. ",
        count: documents > 100_000 ? 1 : 12
      )
      guard FileManager.default.createFile(atPath: path, contents: nil),
        let file = FileHandle(forWritingAtPath: path)
      else { return }
      defer { try? file.close() }
      var rows = ""
      for number in 0..<documents {
        rows += "{\"text\":\"Number \(number). \(words)\"}\n"
        if rows.utf8.count > 1_000_000 || number == documents - 1 {
          try file.write(contentsOf: Data(rows.utf8))
          rows = ""
        }
      }
    }
  }
}

/// What was measured.
private struct ScoreFigure: Encodable {
  let queued: Int
  var requests = 0
  var seconds = 0.0
  var processorSeconds = 0.0
  /// The most memory that the program held while it scored.
  var peakMegabytes = 0

  var summary: String {
    let each = 1_000 * processorSeconds / Double(max(requests, 1))
    return """
      \(grouped(requests)) requests with \(grouped(queued)) texts queued
        requests a second   \(rounded(Double(requests) / max(seconds, 1e-9), 0))
        a request           \(rounded(each, 3)) ms of cores, the judge's own work included
        most memory         \(grouped(peakMegabytes)) MB
      """
  }
}

private func processorSeconds() -> Double {
  var usage = rusage()
  // Unsafe because the call fills a C structure through a pointer that lives for the call.
  guard unsafe getrusage(Int32(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
  func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
  return seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

/// Begins the system's count of the most memory anew, so that what came before does not count.
private func forgetPeak() {
  try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
}

/// The most memory since then.
private func peakMegabytes() -> Int {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
  return (line?.split(separator: " ").dropLast().last.flatMap { Int($0) } ?? 0) / 1_000
}

/// An endpoint on the loopback that gives every sample the same score at once.
private final class InstantJudge: Sendable {
  private let channel: any Channel
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

  init() throws {
    channel = try ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1_024)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(InstantAnswer())
        }
      }
      .bind(host: "127.0.0.1", port: 0).wait()
  }

  var address: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)/v1" }

  func stop() { group.shutdownGracefully { _ in } }
}

private final class InstantAnswer: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private static let body = ByteBuffer(
    string: #"{"data":[],"choices":[{"message":{"content":"{\"justification\": \"It explains "#
      + #"rain.\", \"points\": {\"relevance\": 1, \"coherence\": 1, \"readability\": 1, "#
      + #"\"explanation\": 1, \"learnability\": 0}, \"score\": 4}"},"finish_reason":"stop"}],"#
      + #""usage":{"prompt_tokens":600,"completion_tokens":60}}"#
  )

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .end = unwrapInboundIn(data) else { return }
    var head = HTTPResponseHead(version: .http1_1, status: .ok)
    head.headers.add(name: "Content-Length", value: "\(InstantAnswer.body.readableBytes)")
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(InstantAnswer.body))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }
}
