internal import NIOCore
internal import Synchronization

/// One connection to a server, made on demand; see ``SharedResource``.
///
/// A connection that goes silent while a reply is due may be dead, or the server may be frozen. So another connection
/// is made. If the server answers there, that connection replaces the silent one, whose requests are then sent again if
/// that is safe. If not, the silent one stays.
final class ConnectionSlot: Sendable {
    /// Makes a connection.
    typealias Connector = @Sendable (any EventLoop, NIODeadline) async throws(RedisError) -> RedisConnection

    /// A connection, and the time at which it was made.
    private struct Established: Sendable {
        let connection: RedisConnection
        let made: NIODeadline
    }

    /// The event loop of the connections.
    let loop: any EventLoop
    private let resource: SharedResource<Established>

    /// Makes a slot without a connection.
    init(
        _ configuration: NodeConfiguration,
        on loop: any EventLoop,
        counter: ClientCounter,
        connector: @escaping Connector
    ) {
        self.loop = loop
        let hadConnection = Flag()
        self.resource = SharedResource(
            SharedResource.Rules(
                backoff: configuration.reconnecting,
                patience: configuration.patience,
                waitingLimit: configuration.waitingLimit,
                isGood: \.connection.isOpen,
                discard: { $0.connection.beginClose() },
                makeWay: { $0.connection.makeWay() },
                make: { resource async throws(RedisError) in
                    counter.count(\.connectAttempts)
                    let began = NIODeadline.now()
                    let connection: RedisConnection
                    do throws(RedisError) {
                        connection = try await connector(loop, began + configuration.connectTimeout)
                    } catch {
                        counter.connectFailed(error)
                        throw error.asConnectFailure
                    }
                    counter.connected(
                        in: NIODeadline.now() - began,
                        of: configuration.connectTimeout,
                        isReplacement: hadConnection.raise()
                    )
                    connection.onSilence { [weak resource, weak connection] in
                        guard let resource, let connection else { return }
                        Self.connectionFellSilent(of: connection, in: resource)
                    }
                    connection.onLoss { counter.connectionLost($0) }
                    return Established(connection: connection, made: .now())
                }
            ),
            on: loop,
            counter: counter
        )
    }

    /// Makes a replacement for a silent connection.
    ///
    /// A connection that was replaced already ends.
    private static func connectionFellSilent(of connection: RedisConnection, in resource: SharedResource<Established>) {
        let isCurrent = resource.replace { $0.connection === connection }
        if !isCurrent, resource.current != nil { connection.end(.silent) }
    }

    /// The connection, if there is an open one.
    var openConnection: RedisConnection? { resource.current?.connection }

    /// Returns the connection, and makes it first if there is no open one.
    ///
    /// - Throws: ``RedisError``, with nothing sent.
    func connection(until deadline: NIODeadline) async throws(RedisError) -> RedisConnection {
        try await resource.value(until: deadline).connection
    }

    /// Disposes of a connection that was made before a time.
    ///
    /// It still answers the requests that it has; the next request makes another one.
    func renew(madeBefore time: NIODeadline) {
        resource.renew { $0.made < time }
    }

    /// Makes a replacement for a connection on which a reply is due and no byte has come since a time.
    func reportSilence(since time: NIODeadline) {
        openConnection?.reportSilence(since: time)
    }

    /// Accepts no more requests.
    ///
    /// Those that were sent are answered.
    func beginClose() {
        resource.beginClose()
    }

    /// Accepts no more requests, and returns when the connection has ended.
    func close() async {
        let connection = openConnection
        await resource.close()
        await connection?.closed()
    }

    /// `true` if there is no open connection and the last attempt to make one failed.
    var isDown: Bool { resource.isDown }

    /// The number of requests that wait for a connection.
    var waitingRequests: Int { resource.waitingCount }

    /// A flag that stays up once it is raised.
    private final class Flag: Sendable {
        private let isUp = Atomic<Bool>(false)

        /// Raises the flag, and returns `true` if it was up before.
        func raise() -> Bool { isUp.exchange(true, ordering: .relaxed) }
    }
}

extension RedisError {
    /// The failure of an attempt to connect, as an error for the requests that wait for it: nothing of them was sent,
    /// and their own time has not run out.
    var asConnectFailure: RedisError {
        switch reason {
        case .timedOut, .closed, .cancelled: RedisError(.unreachable, .notSent, message: message)
        default: RedisError(reason, .notSent, message: message)
        }
    }

    /// Returns the failure to connect to a server, with the server's address, and with advice if it did not answer.
    func asConnectFailure(to endpoint: RedisEndpoint) -> RedisError {
        let isSilent = reason == .timedOut || [.unreachable, Self.connectTimedOut.asConnectFailure].contains(self)
        let advice = isSilent ? ": check that a server is running there and that this machine can reach it" : ""
        return RedisError(reason, execution, message: "\(endpoint): \(message)\(advice)")
    }
}
