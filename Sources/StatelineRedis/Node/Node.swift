internal import NIOCore
internal import Synchronization

/// A server and the connections to it: some that small requests share, one for large replies, one for `WAIT`.
final class Node: Sendable {
    /// Where it listens.
    let endpoint: RedisEndpoint
    private let shared: [Line]
    private let bulk: Line
    private let replicated: ReplicatedLine
    private let turn = Atomic<UInt>(0)
    private let counter: ClientCounter
    /// Whether connections go to the endpoint, so that it is what a failure to connect is about.
    private let isNamed: Bool

    /// Makes a node without a connection; each line has a loop of its own as far as there are so many.
    ///
    /// - Parameters:
    ///   - endpoint: Where it listens.
    ///   - configuration: How many connections, and how long to wait for them.
    ///   - group: The loops.
    ///   - counter: Where what happens is counted.
    ///   - connector: What makes a connection; by default, to the endpoint.
    init(
        _ endpoint: RedisEndpoint,
        _ configuration: NodeConfiguration,
        on group: any EventLoopGroup,
        counter: ClientCounter,
        connector: Line.Connector? = nil
    ) {
        let isNamed = connector == nil
        let counter = isNamed ? counter.named(endpoint) : counter
        let connector: Line.Connector = connector ?? Self.connector(to: endpoint, configuration.connection)
        func line() -> Line { Line(configuration, on: group.next(), counter: counter, connector: connector) }
        self.endpoint = endpoint
        self.isNamed = isNamed
        self.shared = (0..<max(1, configuration.sharedConnections)).map { _ in line() }
        self.bulk = line()
        self.replicated = ReplicatedLine(
            line(),
            to: isNamed ? endpoint : nil,
            waitingLimit: configuration.waitingLimit,
            counter: counter
        )
        self.counter = counter
    }

    private static func connector(
        to endpoint: RedisEndpoint,
        _ configuration: RedisConnection.Configuration
    ) -> Line.Connector {
        { loop, deadline async throws(RedisError) in
            try await RedisConnection.connect(
                to: endpoint,
                configuration: configuration,
                on: loop,
                deadline: deadline
            )
        }
    }

    /// Sends a request once, over the connection of its lane.
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
        over line: Line,
        until deadline: NIODeadline
    ) async throws(RedisError) -> RESPValue {
        let connection: RedisConnection
        do throws(RedisError) { connection = try await line.connection(until: deadline) } catch {
            throw isNamed ? error.ofConnecting(to: endpoint) : error
        }
        return try await connection.exchange(request, deadline: deadline)
    }

    private var nextShared: Line {
        guard shared.count > 1 else { return shared[0] }
        let turn = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        return shared[Int(turn % UInt(shared.count))]
    }

    private var lines: [Line] { shared + [bulk, replicated.line] }

    /// The loop of small requests, where they have one connection.
    var loop: (any EventLoop)? { shared.count == 1 ? shared[0].loop : nil }

    /// Whether small requests can be sent at once.
    var isOpen: Bool { shared.contains { $0.openConnection != nil } }

    /// Lets go of all connections that were made before a time, which answer what they took; others are made for the next
    /// requests.
    func renew(madeBefore time: NIODeadline) {
        for line in lines { line.renew(madeBefore: time) }
    }

    /// Makes other connections beside those that owe a reply and have sent nothing since a time.
    func reportSilence(since time: NIODeadline) {
        for line in lines { line.reportSilence(since: time) }
    }

    /// Serves nobody any more: what was sent is answered.
    func beginClose() {
        for line in lines { line.beginClose() }
    }

    /// Serves nobody any more, and returns when the connections have ended.
    func close() async {
        beginClose()
        for line in shared + [bulk] { await line.close() }
        await replicated.close()
    }
}

extension RedisConnection {
    /// Sends a request, and ends the connection where the reply is not to it.
    func exchange(_ request: RedisRequest, deadline: NIODeadline) async throws(RedisError) -> RESPValue {
        let reply = try await send(request, deadline: deadline)
        guard let isAnswer = request.isAnswer, !isAnswer(reply) else { return reply }
        // Replies and requests are out of step: nothing more that comes over this connection can be believed.
        let error = RedisError(.protocolViolation, .unknown, message: "the reply is not to what was asked")
        end(error)
        throw error
    }
}
