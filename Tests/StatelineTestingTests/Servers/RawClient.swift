import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A socket, and what comes from it as text.
final class RawClient: Sendable {
    private final class Handler: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let chunks: AsyncStream<ByteBuffer>.Continuation
        let wasReset: NIOLockedValueBox<Bool>

        init(_ chunks: AsyncStream<ByteBuffer>.Continuation, _ wasReset: NIOLockedValueBox<Bool>) {
            self.chunks = chunks
            self.wasReset = wasReset
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { chunks.yield(unwrapInboundIn(data)) }
        func channelInactive(context: ChannelHandlerContext) { chunks.finish() }
        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case ChannelEvent.inputClosed = event { chunks.finish() }
        }
        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            if (error as? IOError)?.errnoCode == ECONNRESET { wasReset.withLockedValue { $0 = true } }
            context.close(promise: nil)
        }
    }

    private let channel: any Channel
    private let chunks: AsyncStream<ByteBuffer>
    private let received = NIOLockedValueBox("")
    private let pieces = NIOLockedValueBox<[Int]>([])
    private let reset: NIOLockedValueBox<Bool>

    private init(_ channel: any Channel, _ chunks: AsyncStream<ByteBuffer>, _ reset: NIOLockedValueBox<Bool>) {
        self.channel = channel
        self.chunks = chunks
        self.reset = reset
    }

    /// Connects while the body runs.
    static func run<Result>(
        port: Int? = nil,
        socketPath: String = "",
        _ body: (RawClient) async throws -> Result
    ) async throws -> Result {
        let (chunks, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        let reset = NIOLockedValueBox(false)
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(continuation, reset))
                }
            }
        let channel =
            if let port {
                try await bootstrap.connect(host: "127.0.0.1", port: port).get()
            } else {
                try await bootstrap.connect(unixDomainSocketPath: socketPath).get()
            }
        let client = RawClient(channel, chunks, reset)
        do {
            let result = try await body(client)
            try? await channel.close().get()
            return result
        } catch {
            try? await channel.close().get()
            throw error
        }
    }

    /// Sends commands in one write, each its words.
    func send(_ commands: String...) {
        let text = commands.map { command in
            let words = command.split(separator: " ")
            return "*\(words.count)\r\n" + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
        }
        channel.writeAndFlush(ByteBuffer(string: text.joined()), promise: nil)
    }

    /// Sends bytes as they are.
    func send(bytes: String) {
        channel.writeAndFlush(ByteBuffer(string: bytes), promise: nil)
    }

    /// Waits for so many bytes, and takes them; less where the connection ends before.
    func read(_ count: Int) async -> String {
        while received.withLockedValue(\.utf8.count) < count {
            var iterator = chunks.makeAsyncIterator()
            guard let chunk = await iterator.next() else { break }
            pieces.withLockedValue { $0.append(chunk.readableBytes) }
            received.withLockedValue { $0 += String(buffer: chunk) }
        }
        return received.withLockedValue { text in
            let taken = String(decoding: Array(text.utf8.prefix(count)), as: UTF8.self)
            text = String(decoding: Array(text.utf8.dropFirst(count)), as: UTF8.self)
            return taken
        }
    }

    /// Sends a command and reads a reply of so many bytes.
    func ask(_ command: String, _ count: Int) async -> String {
        send(command)
        return await read(count)
    }

    /// What comes until the connection ends.
    func rest() async -> String { await read(.max) }
    /// Whether it ended by RST.
    var wasReset: Bool { reset.withLockedValue(\.self) }
    /// The sizes of what came.
    var chunkSizes: [Int] { pieces.withLockedValue(\.self) }
}
