#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

/// A proxy between a client and a server that breaks, delays and counts what goes through: TCP and unix sockets.
///
/// ```swift
/// try await FaultProxy.run(to: .port(server.port)) { proxy in
///     // connect the client to 127.0.0.1 at proxy.port, or to proxy.socketPath
///     proxy.shape(.down) { $0.latency = .milliseconds(50) }
///     proxy.add(RequestFault(.cutBeforeReply, command: "EVALSHA"))
///     await proxy.cut(.reset)
///     print(proxy.counts.roundTrips)
/// }
/// ```
///
/// It knows RESP: requests and replies are passed whole, paired in order, counted (``ProxyCounts``), and each can have a
/// fault (``RequestFault``). What is not RESP - TLS, a replica's connection after `PSYNC` - is passed as it comes, and
/// only its bytes are counted. Messages of `SUBSCRIBE` would be taken for replies: leave such connections out.
public final class FaultProxy: Sendable {
    /// What connections go to.
    public enum Target: Hashable, Sendable {
        /// A port of 127.0.0.1.
        case port(Int)
        /// A unix socket.
        case unixSocket(String)
    }

    private struct State {
        var shapes: [Direction: Shape] = [:]
        var plan = FaultPlan()
        var counts = ProxyCounts()
        var made = 0
        var relays: [Int: NIOLoopBound<Relay>] = [:]
        var listeners: [any Channel] = []
        var isEnding = false
    }

    /// Where it listens on 127.0.0.1.
    public let port: Int
    /// What connections go to.
    public let target: Target
    private let folder: String
    private let state = NIOLockedValueBox(State())

    private init(_ target: Target, port: Int, folder: String) {
        self.target = target
        self.port = port
        self.folder = folder
    }

    /// The unix socket at which it listens.
    public var socketPath: String { folder + "/proxy.sock" }

    /// Listens while the body runs, then closes all connections.
    ///
    /// - Parameters:
    ///   - target: What connections go to; it need not listen yet.
    ///   - body: What is done with the proxy.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws; an error where no port could be had.
    public static func run<Result>(
        to target: Target,
        _ body: (FaultProxy) async throws -> Result
    ) async throws -> Result {
        try await run(to: target, port: FreePort.find, body)
    }

    /// The same, at the first port of those that a function gives which nobody else takes meanwhile.
    static func run<Result>(
        to target: Target,
        port: () async throws -> Int,
        _ body: (FaultProxy) async throws -> Result
    ) async throws -> Result {
        let folder = try TemporaryFolder.make()
        defer { TemporaryFolder.remove(folder) }
        let proxy = try await listening(to: target, port: port, folder: folder)
        do {
            let result = try await body(proxy)
            await proxy.end()
            return result
        } catch {
            await proxy.end()
            throw error
        }
    }

    private static func listening(
        to target: Target,
        port: () async throws -> Int,
        folder: String
    ) async throws -> FaultProxy {
        var attempts = 0
        while true {
            attempts += 1
            let proxy = FaultProxy(target, port: try await port(), folder: folder)
            do {
                try await proxy.listen()
                return proxy
            } catch let error as IOError where error.errnoCode == EADDRINUSE && attempts < 8 {
                continue
            }
        }
    }

    /// Takes connections again after ``refuse()``.
    ///
    /// - Throws: An error where the port was taken meanwhile.
    public func listen() async throws {
        guard state.withLockedValue(\.listeners.isEmpty) else { return }
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(RelayHandler(self.opened(channel), .up))
                }
            }
        let port = try await bootstrap.bind(host: "127.0.0.1", port: port).get()
        do {
            let socket = try await bootstrap.bind(unixDomainSocketPath: socketPath, cleanupExistingSocketFile: true)
                .get()
            state.withLockedValue { $0.listeners = [port, socket] }
        } catch {
            try? await port.close().get()
            throw error
        }
    }

    /// Takes no more connections: who connects is refused, and who is connected is left alone.
    public func refuse() async {
        let listeners = state.withLockedValue { state in
            defer { state.listeners = [] }
            return state.listeners
        }
        for listener in listeners { try? await listener.close().get() }
    }

    private func end() async {
        await refuse()
        state.withLockedValue { $0.isEnding = true }
        await cut(.close)
    }

    private func opened(_ channel: any Channel) -> Relay {
        state.withLockedValue { state in
            state.made += 1
            state.counts.connections += 1
            let number = state.made
            let relay = Relay(number: number, proxy: self, client: channel)
            state.relays[number] = NIOLoopBound(relay, eventLoop: channel.eventLoop)
            if state.isEnding { channel.close(promise: nil) }
            return relay
        }
    }
}

extension FaultProxy {
    /// Changes how bytes travel from now on, for all connections, those to come too.
    ///
    /// - Parameters:
    ///   - directions: Which bytes; both directions where none is named.
    ///   - change: What is changed.
    public func shape(_ directions: Direction..., change: (inout Shape) -> Void) {
        let relays = state.withLockedValue { state in
            for direction in directions.isEmpty ? Direction.allCases : directions {
                change(&state.shapes[direction, default: Shape()])
            }
            return state.relays.values
        }
        for relay in relays {
            relay.eventLoop.execute { for direction in Direction.allCases { relay.value.pump(direction) } }
        }
    }

    /// Plans a fault for requests to come; of several that match a request the first is done.
    public func add(_ fault: RequestFault) {
        state.withLockedValue { $0.plan.add(fault) }
    }

    /// Gives up all faults of requests to come; bytes travel at once again.
    public func mend() {
        state.withLockedValue { $0.plan.removeAll() }
        shape { $0 = Shape() }
    }

    /// Ends all connections, on both sides, and returns when that is done.
    ///
    /// - Parameter ending: How.
    public func cut(_ ending: RequestFault.Ending) async {
        for relay in state.withLockedValue({ Array($0.relays.values) }) {
            try? await relay.eventLoop.flatSubmit { relay.value.end(ending) }.get()
        }
    }

    /// Swallows the bytes and ends of the connections that stand now; connections that are made later work.
    ///
    /// So does a network device that forgets its connections: neither side is told. Returns when that is done.
    public func silenceStanding() async {
        for relay in state.withLockedValue({ Array($0.relays.values) }) {
            try? await relay.eventLoop.submit { relay.value.silence() }.get()
        }
    }

    /// Ends one direction of all connections: who reads there reads an end, and can still send.
    ///
    /// - Parameter direction: Which.
    public func halfClose(_ direction: Direction) async {
        for relay in state.withLockedValue({ Array($0.relays.values) }) {
            try? await relay.eventLoop.flatSubmit { relay.value.halfClose(direction) }.get()
        }
    }

    /// How many connections are open.
    public var openConnections: Int { state.withLockedValue(\.relays.count) }

    /// What went through since the beginning, or since ``resetCounts()``.
    public var counts: ProxyCounts {
        state.withLockedValue { state in
            var counts = state.counts
            counts.faults = state.plan.hits
            return counts
        }
    }

    /// Counts from zero.
    public func resetCounts() {
        state.withLockedValue { state in
            state.counts = ProxyCounts()
            state.plan.resetHits()
        }
    }

    /// A connection has ended on both sides.
    func closed(_ number: Int) {
        state.withLockedValue { $0.relays[number] = nil }
    }

    func count(_ change: (inout ProxyCounts) -> Void) {
        state.withLockedValue { change(&$0.counts) }
    }

    func shape(of direction: Direction) -> Shape {
        state.withLockedValue { $0.shapes[direction] ?? Shape() }
    }

    /// Counts a request, and says what is done to it.
    func plan(request: Int, command: String, connection: Int) -> RequestFault? {
        state.withLockedValue { state in
            state.counts.requests += 1
            state.counts.commands[command, default: 0] += 1
            return state.plan.fault(request: request, command: command, connection: connection)
        }
    }
}
