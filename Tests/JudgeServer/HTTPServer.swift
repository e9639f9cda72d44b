import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A real HTTP server on 127.0.0.1 that answers as a function says, faults of transport included.
public final class HTTPServer: Sendable {
  /// What came in.
  public struct Request: Sendable {
    /// `GET` or `POST`.
    public let method: String
    /// The path.
    public let path: String
    /// The header `Authorization`, or `nil`.
    public let authorization: String?
    /// The body.
    public let body: [UInt8]
  }

  /// What goes out.
  public struct Reply: Sendable {
    /// The status.
    public var status: Int
    /// More headers.
    public var headers: [(String, String)]
    /// The body.
    public var body: [UInt8]
    /// The seconds before anything goes out.
    public var delay = 0.0
    /// The bytes of the body after which the connection is cut, or `nil`; -1 sends no head either.
    public var cutAfter: Int?
    /// The bytes of the body after which nothing more goes out while the connection stays, or `nil`.
    public var holdAfter: Int?
    /// The seconds before each byte of the body; the body goes out in one piece where there are none.
    public var pace = 0.0

    /// Creates a whole reply.
    public init(status: Int = 200, headers: [(String, String)] = [], body: String) {
      self.status = status
      self.headers = headers
      self.body = Array(body.utf8)
    }
  }

  private let channel: any Channel
  private let group: MultiThreadedEventLoopGroup

  /// Starts a server on a free port.
  public init(_ answer: @escaping @Sendable (Request) -> Reply) throws {
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    channel = try ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 512)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(Handler(answer))
        }
      }
      .bind(host: "127.0.0.1", port: 0).wait()
  }

  /// The port.
  public var port: Int { channel.localAddress?.port ?? 0 }

  /// Closes the port and all connections; a second time does nothing.
  public func stop() { group.shutdownGracefully { _ in } }
}

private final class Handler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let answer: @Sendable (HTTPServer.Request) -> HTTPServer.Reply
  private var head: HTTPRequestHead?
  private var body: [UInt8] = []

  init(_ answer: @escaping @Sendable (HTTPServer.Request) -> HTTPServer.Reply) {
    self.answer = answer
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      body = []
    case .body(let buffer): body += Array(buffer.readableBytesView)
    case .end:
      guard let head else { return }
      let reply = answer(
        HTTPServer.Request(
          method: head.method.rawValue,
          path: head.uri,
          authorization: head.headers.first(name: "Authorization"),
          body: body
        )
      )
      guard reply.delay > 0 else { return send(reply, context) }
      let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
      context.eventLoop.scheduleTask(in: .nanoseconds(Int64(reply.delay * 1e9))) {
        bound.value.0.send(reply, bound.value.1)
      }
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func send(_ reply: HTTPServer.Reply, _ context: ChannelHandlerContext) {
    guard context.channel.isActive else { return }
    if let cut = reply.cutAfter, cut < 0 { return context.close(promise: nil) }
    var headers = HTTPHeaders(reply.headers)
    headers.add(name: "Content-Length", value: "\(reply.body.count)")
    let status = HTTPResponseStatus(statusCode: reply.status)
    let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if reply.pace > 0 { return drip(reply, from: 0, context) }
    let body = reply.body.prefix(reply.cutAfter ?? reply.holdAfter ?? .max)
    context.write(
      wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))),
      promise: nil
    )
    guard reply.cutAfter == nil else {
      context.flush()
      return context.close(promise: nil)
    }
    guard reply.holdAfter == nil else { return context.flush() }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  private func drip(_ reply: HTTPServer.Reply, from index: Int, _ context: ChannelHandlerContext) {
    guard context.channel.isActive else { return }
    guard index < reply.body.count else {
      return context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
    let byte = ByteBuffer(bytes: [reply.body[index]])
    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(byte))), promise: nil)
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    context.eventLoop.scheduleTask(in: .nanoseconds(Int64(reply.pace * 1e9))) {
      bound.value.0.drip(reply, from: index + 1, bound.value.1)
    }
  }
}
