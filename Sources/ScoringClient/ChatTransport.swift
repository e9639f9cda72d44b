// Requests over HTTP or HTTPS, each with one limit of time from the first step to the last byte.
//
// It never follows redirects, which could carry the key elsewhere, and repeats nothing itself: what
// fails is tried again where it is counted.

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Rubrics

/// What one request came to.
enum Exchange: Sendable {
  /// The server answered.
  case answered(status: Int, retryAfter: Double?, body: [UInt8])
  /// It did not, or not to the end; and whether it may have done the work all the same.
  case broken(String, mayHaveWorked: Bool)
}

/// The way to one endpoint.
final class ChatTransport: Sendable {
  /// The most bytes of an answer that are read.
  private static let mostBodyBytes = 4_194_304

  private let base: String
  private let timeout: TimeAmount
  private let key: APIKey?
  private let client: HTTPClient

  init(_ settings: EndpointSettings, key: APIKey?) {
    base = settings.endpoint.hasSuffix("/") ? settings.endpoint : settings.endpoint + "/"
    timeout = .nanoseconds(Int64(settings.timeout * 1e9))
    self.key = key
    var configuration = HTTPClient.Configuration(
      redirectConfiguration: .disallow,
      timeout: .init(connect: .nanoseconds(Int64(min(settings.timeout, 30) * 1e9)))
    )
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = settings.concurrency
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  /// Closes all connections.
  func close() async { try? await client.shutdown() }

  /// Asks for what is at a path.
  func get(_ path: String) async -> Exchange { await exchange(request(path, .GET)) }

  /// Sends JSON to a path.
  func post(_ path: String, _ json: [UInt8]) async -> Exchange {
    var request = request(path, .POST)
    request.headers.add(name: "Content-Type", value: "application/json")
    request.body = .bytes(ByteBuffer(bytes: json))
    return await exchange(request)
  }

  private func request(_ path: String, _ method: HTTPMethod) -> HTTPClientRequest {
    var request = HTTPClientRequest(url: base + path)
    request.method = method
    request.headers.add(name: "Accept", value: "application/json")
    if let key { request.headers.add(name: "Authorization", value: key.authorization) }
    return request
  }

  /// The client's own deadline ends with the head; this one ends the body, too.
  private func exchange(_ request: HTTPClientRequest) async -> Exchange {
    let deadline = NIODeadline.now() + timeout
    let work = Task { await perform(request, deadline) }
    // A timer of the event loop is gone once it is cancelled; a task that sleeps would stay.
    let timer = client.eventLoopGroup.any().scheduleTask(deadline: deadline) { work.cancel() }
    defer { timer.cancel() }
    return await withTaskCancellationHandler {
      await work.value
    } onCancel: {
      work.cancel()
    }
  }

  private func perform(_ request: HTTPClientRequest, _ deadline: NIODeadline) async -> Exchange {
    var status: Int?
    do {
      let response = try await client.execute(request, deadline: deadline)
      status = Int(response.status.code)
      let body = try await response.body.collect(upTo: ChatTransport.mostBodyBytes)
      // A body that ends because nobody waits for it any more looks like a whole one.
      try Task.checkCancellation()
      return .answered(
        status: Int(response.status.code),
        retryAfter: response.headers.first(name: "Retry-After").flatMap {
          RetryPolicy.seconds(ofRetryAfter: $0, now: Date().timeIntervalSince1970)
        },
        body: Array(body.readableBytesView)
      )
    } catch {
      let (reason, wasSent) = explanation(of: error)
      let isSuccess = status.map { (200..<300).contains($0) } ?? true
      return .broken(reason, mayHaveWorked: wasSent && isSuccess)
    }
  }
}

/// Why a request got no answer, and whether it can have reached the server.
private func explanation(of error: any Error) -> (reason: String, wasSent: Bool) {
  switch error {
  case is NIOTooManyBytesError: return ("the answer is too long", true)
  case is CancellationError: return ("no answer in time", true)
  case let error as HTTPClientError:
    if [.connectTimeout, .getConnectionFromPoolTimeout].contains(error) {
      return ("no answer in time", false)
    }
    let isLate = [.deadlineExceeded, .readTimeout, .cancelled].contains(error)
    return (isLate ? "no answer in time" : "the connection broke", true)
  case let error as NIOConnectionError:
    guard !error.connectionErrors.isEmpty else { return ("the host is unknown", false) }
    let isRefusal = error.connectionErrors.contains { isRefusedConnection($0.error) }
    return (isRefusal ? "the connection was refused" : "the host is out of reach", false)
  default:
    return isRefusedConnection(error)
      ? ("the connection was refused", false) : ("the connection broke", true)
  }
}

private func isRefusedConnection(_ error: any Error) -> Bool {
  (error as? IOError)?.errnoCode == ECONNREFUSED
}
