internal import NIOCore
internal import NIOPosix

/// A client that sends commands to a server, apart from the clients under test.
///
/// Each exchange has a connection of its own, which bypasses proxies.
struct Administrator: Sendable {
    /// The unix socket.
    let socketPath: String
    /// The first command, whose reply is checked and left out.
    let credentials: [String]

    /// Sends commands in one write and returns their replies.
    func exchange(_ commands: [[ByteBuffer]], within limit: TimeAmount) -> EventLoopFuture<[RedisReply]> {
        let all = [credentials.map(ByteBuffer.init(string:))] + commands
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let promise = loop.makePromise(of: [RedisReply].self)
        let timeout = loop.scheduleTask(in: limit) {
            promise.fail(RedisServerError(.unreachable, message: "the server did not answer in time"))
        }
        ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AdministratorHandler(all, promise))
                }
            }
            .connect(unixDomainSocketPath: socketPath)
            .whenComplete { result in
                switch result {
                case .success(let channel):
                    promise.futureResult.whenComplete { _ in
                        timeout.cancel()
                        channel.close(promise: nil)
                    }
                case .failure:
                    timeout.cancel()
                    promise.fail(RedisServerError(.unreachable, message: "could not connect to the server's socket"))
                }
            }
        return promise.futureResult.flatMapThrowing { replies in
            if case .error(let text) = replies[0] { throw RedisServerError(.refused, message: text) }
            return Array(replies.dropFirst())
        }
    }
}

/// The connection of one exchange.
private final class AdministratorHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let commands: [[ByteBuffer]]
    private let promise: EventLoopPromise<[RedisReply]>
    private var received = ByteBuffer()
    private var scanner = RESPScanner()
    private var replies: [RedisReply] = []

    init(_ commands: [[ByteBuffer]], _ promise: EventLoopPromise<[RedisReply]>) {
        self.commands = commands
        self.promise = promise
    }

    func channelActive(context: ChannelHandlerContext) {
        var buffer = ByteBuffer()
        for command in commands {
            buffer.writeString("*\(command.count)\r\n")
            for argument in command {
                buffer.writeString("$\(argument.readableBytes)\r\n")
                buffer.writeImmutableBuffer(argument)
                buffer.writeString("\r\n")
            }
        }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.writeImmutableBuffer(unwrapInboundIn(data))
        do {
            while var frame = try scanner.next(&received) {
                guard let reply = RedisReply(frame: &frame) else { throw RESPScanner.Malformed(byte: 0) }
                replies.append(reply)
            }
        } catch {
            promise.fail(RedisServerError(.unreachable, message: "the server sent bytes that are not a reply"))
        }
        if replies.count == commands.count { promise.succeed(replies) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(RedisServerError(.unreachable, message: "the server closed the connection"))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(RedisServerError(.unreachable, message: "the connection to the server broke"))
        context.close(promise: nil)
    }
}
