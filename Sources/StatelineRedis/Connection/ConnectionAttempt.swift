internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

/// One attempt to make a connection.
struct ConnectionAttempt: Sendable {
    /// The number of bytes that are read from the socket at a time.
    private static let receiveBytes = 64 << 10

    private let endpoint: RedisEndpoint
    private let configuration: RedisConnection.Configuration
    private let layer: TLSLayer?
    private let eventLoop: any EventLoop
    private let deadline: NIODeadline
    private let cancellation: EventLoopPromise<Void>

    init(
        _ endpoint: RedisEndpoint,
        _ configuration: RedisConnection.Configuration,
        _ layer: TLSLayer?,
        _ eventLoop: any EventLoop,
        _ deadline: NIODeadline
    ) {
        self.endpoint = endpoint
        self.configuration = configuration
        self.layer = layer
        self.eventLoop = eventLoop
        self.deadline = deadline
        cancellation = eventLoop.makePromise()
    }

    /// Cancels the attempt.
    func cancel() {
        cancellation.fail(RedisError.cancelledUnsent)
    }

    /// Connects.
    func begin() -> EventLoopFuture<RedisConnection> {
        // Kept by channel, and not looked up in its pipeline: if a server refuses at once, the channel has ended before
        // the future of its connection completes.
        let handlers = NIOLockedValueBox<[ObjectIdentifier: RedisChannelHandler]>([:])
        let attempt = connect(handlers)
            .flatMap { channel in
                let handler = handlers.withLockedValue { $0[ObjectIdentifier(channel)] }
                guard let handler else { preconditionFailure("the channel was not made by this attempt") }
                return handler.ready.futureResult
                    .map { RedisConnection(channel: channel, handler: handler) }
                    .flatMapErrorThrowing { error in
                        channel.close(promise: nil)
                        throw error
                    }
            }
        // The first of the two wins. A connection that is made after a cancellation is dropped, and closes.
        let outcome = eventLoop.makePromise(of: RedisConnection.self)
        cancellation.futureResult.whenFailure { outcome.fail($0) }
        attempt.whenComplete { result in
            outcome.completeWith(result)
            cancellation.succeed()
        }
        return outcome.futureResult
    }

    private func connect(
        _ handlers: NIOLockedValueBox<[ObjectIdentifier: RedisChannelHandler]>
    ) -> EventLoopFuture<any Channel> {
        let (configuration, layer, deadline) = (configuration, layer, deadline)
        // A handler for each channel: a name may have several addresses, which are tried in parallel.
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(max(.nanoseconds(1), deadline - .now()))
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: Self.receiveBytes))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let layer { try layer.add(to: channel.pipeline.syncOperations) }
                    let handler = RedisChannelHandler(
                        configuration: configuration,
                        executor: .current(on: channel.eventLoop),
                        ready: channel.eventLoop.makePromise(),
                        deadline: deadline
                    )
                    handlers.withLockedValue { $0[ObjectIdentifier(channel)] = handler }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
        switch endpoint {
        case .host(let host, let port):
            return TCPOptions(configuration).options
                .reduce(bootstrap) { $0.channelOption($1.option, value: $1.value) }
                .connect(host: host, port: port)
        case .unixSocket(let path): return bootstrap.connect(unixDomainSocketPath: path)
        }
    }
}
