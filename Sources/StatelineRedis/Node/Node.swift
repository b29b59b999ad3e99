internal import NIOCore
internal import Synchronization

/// A server and its connections: some that small requests share, one for large replies, and one for `WAIT`.
final class Node: Sendable {
    /// The server's address.
    let endpoint: RedisEndpoint
    private let shared: [ConnectionSlot]
    private let bulk: ConnectionSlot
    private let replicated: ReplicatedConnectionSlot
    private let turn = Atomic<UInt>(0)
    /// Counts the node's events.
    let counter: ClientCounter
    /// `true` if connections go to the endpoint, so that a failure to connect names it.
    private let isNamed: Bool

    /// Makes a node without a connection.
    ///
    /// The connections are spread over the event loops.
    ///
    /// - Parameters:
    ///   - endpoint: The server's address.
    ///   - configuration: The settings.
    ///   - group: The event loops.
    ///   - counter: Counts the node's events.
    ///   - connector: Makes a connection; by default to the endpoint.
    init(
        _ endpoint: RedisEndpoint,
        _ configuration: NodeConfiguration,
        on group: any EventLoopGroup,
        counter: ClientCounter,
        connector: ConnectionSlot.Connector? = nil
    ) {
        let isNamed = connector == nil
        let counter = isNamed ? counter.named(endpoint) : counter
        let connector: ConnectionSlot.Connector = connector ?? Self.connector(to: endpoint, configuration.connection)
        func slot() -> ConnectionSlot {
            ConnectionSlot(configuration, on: group.next(), counter: counter, connector: connector)
        }
        self.endpoint = endpoint
        self.isNamed = isNamed
        self.shared = (0..<max(1, configuration.sharedConnections)).map { _ in slot() }
        self.bulk = slot()
        self.replicated = ReplicatedConnectionSlot(
            slot(),
            to: isNamed ? endpoint : nil,
            waitingLimit: configuration.waitingLimit,
            counter: counter
        )
        self.counter = counter
    }

    private static func connector(
        to endpoint: RedisEndpoint,
        _ configuration: RedisConnection.Configuration
    ) -> ConnectionSlot.Connector {
        { loop, deadline async throws(RedisError) in
            try await RedisConnection.connect(
                to: endpoint,
                configuration: configuration,
                on: loop,
                deadline: deadline
            )
        }
    }

    /// Sends a request once, over the connection for its lane.
    func send(_ request: RedisRequest, until deadline: NIODeadline) async throws(RedisError) -> RESPValue {
        do throws(RedisError) {
            switch request.lane {
            case .shared: return try await send(request, over: nextShared, until: deadline)
            case .bulk: return try await send(request, over: bulk, until: deadline)
            case .replicated:
                return try await replicated.send(request, until: deadline)
            }
        } catch {
            switch (error.reason, error.execution) {
            case (.timedOut, .unknown): counter.count(\.replyTimeouts)
            case (.protocolViolation, .unknown): counter.count(\.mismatches)
            default: break
            }
            throw error
        }
    }

    private func send(
        _ request: RedisRequest,
        over slot: ConnectionSlot,
        until deadline: NIODeadline
    ) async throws(RedisError) -> RESPValue {
        let connection: RedisConnection
        do throws(RedisError) { connection = try await slot.connection(until: deadline) } catch {
            throw isNamed ? error.asConnectFailure(to: endpoint) : error
        }
        do throws(RedisError) { return try await connection.send(request, deadline: deadline) } catch {
            // The queue before the connection counts its own refusals.
            if error.reason == .overloaded { counter.overloaded() }
            throw error
        }
    }

    private var nextShared: ConnectionSlot {
        guard shared.count > 1 else { return shared[0] }
        let turn = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        return shared[Int(turn % UInt(shared.count))]
    }

    private var slots: [ConnectionSlot] { shared + [bulk, replicated.slot] }

    /// The event loop of small requests, if they share one connection.
    var loop: (any EventLoop)? { shared.count == 1 ? shared[0].loop : nil }

    /// `true` if small requests can be sent without making a connection.
    var isOpen: Bool { shared.contains { $0.openConnection != nil } }

    /// Returns the state of the connections, under a name; `nil` for the endpoint.
    func statistics(as name: String?) -> RedisStatistics.Server {
        var server = RedisStatistics.Server(name: name ?? endpoint.description)
        for connection in slots.compactMap(\.openConnection) {
            let commands = connection.pendingCommands
            server.commandsInFlight += commands
            if commands > 0 { server.usedConnections += 1 } else { server.idleConnections += 1 }
        }
        server.waitingRequests = (shared + [bulk]).reduce(replicated.waitingRequests) { $0 + $1.waitingRequests }
        let isOpen = server.usedConnections + server.idleConnections > 0
        server.isDown = !isOpen && slots.contains(where: \.isDown)
        return server
    }

    /// Disposes of all connections that were made before a time.
    ///
    /// They still answer the requests that they have; the next requests make others.
    func renew(madeBefore time: NIODeadline) {
        for slot in slots { slot.renew(madeBefore: time) }
    }

    /// Makes replacements for connections on which a reply is due and no byte has come since a time.
    func reportSilence(since time: NIODeadline) {
        for slot in slots { slot.reportSilence(since: time) }
    }

    /// Accepts no more requests.
    ///
    /// Those that were sent are answered.
    func beginClose() {
        for slot in slots { slot.beginClose() }
    }

    /// Accepts no more requests, and returns when the connections have ended.
    func close() async {
        beginClose()
        for slot in shared + [bulk] { await slot.close() }
        await replicated.close()
    }
}
