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

/// A proxy that breaks, delays and counts the traffic between a client and a server, over TCP and unix sockets.
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
/// It parses RESP. Requests and replies are passed whole, paired in order and counted (``ProxyCounts``), and each can
/// have a fault (``RequestFault``). Other bytes, such as TLS or a replica's connection after `PSYNC`, are passed as
/// they come, and only counted. Messages of `SUBSCRIBE` would count as replies: do not pass such connections through
/// the proxy.
public final class FaultProxy: Sendable {
    /// The server of a proxy.
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

    /// The port on 127.0.0.1.
    public let port: Int
    /// The server of a proxy.
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
    ///   - target: The server, which need not listen yet.
    ///   - body: A function that uses the proxy.
    /// - Returns: The body's result.
    /// - Throws: The body's error, or an error if no port is free.
    public static func run<Result>(
        to target: Target,
        _ body: (FaultProxy) async throws -> Result
    ) async throws -> Result {
        try await run(to: target, port: FreePort.find, body)
    }

    /// Listens on the first port of a function that is still free, while the body runs.
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

    /// Accepts connections again after ``refuse()``.
    ///
    /// - Throws: An error if another process has taken the port.
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

    /// Refuses new connections; open connections stay.
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
    /// Changes the shape of the traffic from now on, for all connections, including later ones.
    ///
    /// - Parameters:
    ///   - directions: The directions; both if none is given.
    ///   - change: A function that changes the shape.
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

    /// Plans a fault for later requests; if several match a request, the first applies.
    public func add(_ fault: RequestFault) {
        state.withLockedValue { $0.plan.add(fault) }
    }

    /// Removes all planned faults, and resets the shape of both directions.
    public func mend() {
        state.withLockedValue { $0.plan.removeAll() }
        shape { $0 = Shape() }
    }

    /// Ends all connections on both sides, and returns when they have ended.
    ///
    /// - Parameter ending: The way to end them.
    public func cut(_ ending: RequestFault.Ending) async {
        for relay in state.withLockedValue({ Array($0.relays.values) }) {
            try? await relay.eventLoop.flatSubmit { relay.value.end(ending) }.get()
        }
    }

    /// Swallows the bytes and ends of all open connections; later connections work.
    ///
    /// A network device that forgets its connections does the same: neither side gets an error. Returns when it is
    /// done.
    public func silenceStanding() async {
        for relay in state.withLockedValue({ Array($0.relays.values) }) {
            try? await relay.eventLoop.submit { relay.value.silence() }.get()
        }
    }

    /// Ends one direction of all connections: its reader reads an end, and can still send.
    ///
    /// - Parameter direction: The direction.
    public func halfClose(_ direction: Direction) async {
        for relay in state.withLockedValue({ Array($0.relays.values) }) {
            try? await relay.eventLoop.flatSubmit { relay.value.halfClose(direction) }.get()
        }
    }

    /// The number of open connections.
    public var openConnections: Int { state.withLockedValue(\.relays.count) }

    /// The traffic since the beginning, or since ``resetCounts()``.
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

    /// Forgets a connection that has ended on both sides.
    func closed(_ number: Int) {
        state.withLockedValue { $0.relays[number] = nil }
    }

    func count(_ change: (inout ProxyCounts) -> Void) {
        state.withLockedValue { change(&$0.counts) }
    }

    func shape(of direction: Direction) -> Shape {
        state.withLockedValue { $0.shapes[direction] ?? Shape() }
    }

    /// Counts a request, and returns its fault.
    func plan(request: Int, command: String, connection: Int) -> RequestFault? {
        state.withLockedValue { state in
            state.counts.requests += 1
            state.counts.commands[command, default: 0] += 1
            return state.plan.fault(request: request, command: command, connection: connection)
        }
    }
}
