internal import NIOCore
internal import Synchronization

/// The place of one connection to a server: see ``SharedResource``.
///
/// A connection that falls silent while a reply is due may have died without a sign, or the server may stand still. Another
/// one is made beside it, which tells: if the server answers there, it takes the silent one's place, whose requests are
/// then sent again where that is safe; if not, the silent one stays.
final class Line: Sendable {
    /// Makes a connection.
    typealias Connector = @Sendable (any EventLoop, NIODeadline) async throws(RedisError) -> RedisConnection

    /// A connection, and since when it stands.
    private struct Standing: Sendable {
        let connection: RedisConnection
        let since: NIODeadline
    }

    /// Where its connections run.
    let loop: any EventLoop
    private let resource: SharedResource<Standing>

    /// Makes a line without a connection.
    init(
        _ configuration: NodeConfiguration,
        on loop: any EventLoop,
        counter: ClientCounter,
        connector: @escaping Connector
    ) {
        self.loop = loop
        let hadOne = Flag()
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
                    let connection: RedisConnection
                    do throws(RedisError) {
                        connection = try await connector(loop, .now() + configuration.connectTimeout)
                    } catch {
                        counter.connectFailed(error)
                        throw error.ofConnecting
                    }
                    counter.count(\.connections)
                    if hadOne.raise() { counter.count(\.reconnections) }
                    connection.onSilence { [weak resource, weak connection] in
                        guard let resource, let connection else { return }
                        Self.heardNothing(of: connection, in: resource)
                    }
                    return Standing(connection: connection, since: .now())
                }
            ),
            on: loop,
            counter: counter
        )
    }

    /// Makes another connection beside one that is silent; one that was let go ends where another one works.
    private static func heardNothing(of connection: RedisConnection, in resource: SharedResource<Standing>) {
        let stands = resource.doubt { $0.connection === connection }
        if !stands, resource.current != nil { connection.end(.silent) }
    }

    /// The connection, where one stands.
    var openConnection: RedisConnection? { resource.current?.connection }

    /// The connection; it is made first where none stands.
    ///
    /// - Throws: ``RedisError``, with nothing sent.
    func connection(until deadline: NIODeadline) async throws(RedisError) -> RedisConnection {
        try await resource.value(until: deadline).connection
    }

    /// Lets go of a connection that was made before a time, which answers what it took; the next request has another one
    /// made.
    func renew(madeBefore time: NIODeadline) {
        resource.renew { $0.since < time }
    }

    /// Makes another connection beside one that owes a reply and has sent nothing since a time.
    func reportSilence(since time: NIODeadline) {
        openConnection?.reportSilence(since: time)
    }

    /// Serves nobody any more: what was sent is answered.
    func beginClose() {
        resource.beginClose()
    }

    /// Serves nobody any more, and returns when the connection has ended.
    func close() async {
        let connection = openConnection
        await resource.close()
        await connection?.closed()
    }

    /// Something that is true from its first mention on.
    private final class Flag: Sendable {
        private let isUp = Atomic<Bool>(false)

        /// Whether it was true already.
        func raise() -> Bool { isUp.exchange(true, ordering: .relaxed) }
    }
}

extension RedisError {
    /// What the failure of an attempt to connect is for those who wait for it: nothing of theirs was sent, and it was
    /// not their time that ran out.
    var ofConnecting: RedisError {
        switch reason {
        case .timedOut, .closed, .cancelled: RedisError(.unreachable, .notSent, message: message)
        default: RedisError(reason, .notSent, message: message)
        }
    }

    /// The failure to connect to a server, by its name, and with what to look at where it did not answer.
    func ofConnecting(to endpoint: RedisEndpoint) -> RedisError {
        let isSilent = reason == .timedOut || [.unreachable, Self.connectTimedOut.ofConnecting].contains(self)
        let advice = isSilent ? ": is a server running there, and may this machine reach it?" : ""
        return RedisError(reason, execution, message: "\(endpoint): \(message)\(advice)")
    }
}
