import NIOCore
import NIOPosix
import StatelineTesting
import Testing

@testable import StatelineRedis

/// One loop for all tests of connections.
let connectionLoop = MultiThreadedEventLoopGroup.singleton.next()

/// Connects, lends the connection and closes it.
func withConnection(
    to server: RedisServer,
    _ configuration: RedisConnection.Configuration = .init(),
    _ body: (RedisConnection) async throws -> Void
) async throws {
    let connection = try await connect(to: .unixSocket(path: server.socketPath), configuration)
    do {
        try await body(connection)
        await connection.close()
    } catch {
        await connection.close()
        throw error
    }
}

/// Connects, within ten seconds unless told.
func connect(
    to endpoint: RedisEndpoint,
    _ configuration: RedisConnection.Configuration = .init(),
    deadline: NIODeadline = .soon
) async throws(RedisError) -> RedisConnection {
    try await RedisConnection.connect(
        to: endpoint,
        configuration: configuration,
        on: connectionLoop,
        deadline: deadline
    )
}

/// Why there is no connection.
func refusal(
    to endpoint: RedisEndpoint,
    _ configuration: RedisConnection.Configuration = .init(),
    deadline: NIODeadline = .soon
) async -> RedisError? {
    do {
        let connection = try await connect(to: endpoint, configuration, deadline: deadline)
        await connection.close()
        return nil
    } catch {
        return error
    }
}

/// Why there is no reply.
func failure(of request: RedisRequest, over connection: RedisConnection, deadline: NIODeadline = .soon) async
    -> RedisError?
{
    do {
        _ = try await connection.send(request, deadline: deadline)
        return nil
    } catch {
        return error
    }
}

/// A request of one command.
func command(_ words: String...) -> RedisRequest {
    RedisRequest(slot: nil, isRepeatable: false) { encoder in
        encoder.command(words)
    }
}

extension RESPValue {
    /// Bytes, from a text.
    static func text(_ text: String) -> RESPValue { .bytes(ByteBuffer(string: text)) }
}

extension NIODeadline {
    /// Longer than anything takes that works.
    static var soon: NIODeadline { .now() + .seconds(30) }
}

/// A server that answers whatever comes first with these bytes, a `+PONG` before them, and nothing more.
func withScriptedServer(_ bytes: String, _ body: (RedisEndpoint) async throws -> Void) async throws {
    let channel = try await ServerBootstrap(group: connectionLoop)
        .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(ScriptedAnswer(bytes: bytes))
            }
        }
        .bind(host: "127.0.0.1", port: 0)
        .get()
    do {
        try await body(.host("127.0.0.1", port: channel.localAddress?.port ?? 0))
        try await channel.close()
    } catch {
        try await channel.close()
        throw error
    }
}

private final class ScriptedAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let bytes: String
    private var reads = 0

    init(bytes: String) {
        self.bytes = bytes
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        reads += 1
        let answer = reads == 1 ? "+PONG\r\n" : reads == 2 ? bytes : ""
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
    }
}
