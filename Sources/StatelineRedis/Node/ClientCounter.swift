internal import Logging
internal import NIOConcurrencyHelpers
internal import NIOCore

/// A counter of the rare events of a client, which also logs them.
///
/// A warning is for an operator, a notice says that a trouble is over, and a line for debugging is of an event that the
/// client has dealt with. No line has a key, content, credentials or a server's text.
final class ClientCounter: Sendable {
    /// The maximum time to connect that is not logged as slow.
    private static let slowLimit = TimeAmount.seconds(1)

    /// The state that the counters of all nodes of a client share.
    private struct State {
        var counts = RedisStatistics()
        /// The primaries that were seen last.
        var primaries: Set<String> = []
    }

    private let state: NIOLockedValueBox<State>
    private let log: ClientLog?
    private let server: String?

    /// Makes a counter.
    ///
    /// - Parameter logger: Takes the log lines; `nil` for none.
    convenience init(logger: Logger? = nil) {
        self.init(NIOLockedValueBox(State()), logger.map { ClientLog($0) }, server: nil)
    }

    private init(_ state: NIOLockedValueBox<State>, _ log: ClientLog?, server: String?) {
        self.state = state
        self.log = log
        self.server = server
    }

    /// The counts so far, without servers.
    var snapshot: RedisStatistics { state.withLockedValue(\.counts) }

    /// Returns a counter with the same counts whose log lines name a server.
    func named(_ endpoint: RedisEndpoint) -> ClientCounter {
        ClientCounter(state, log, server: endpoint.description)
    }

    /// Counts one event.
    func count(_ path: any WritableKeyPath<RedisStatistics, Int> & Sendable) {
        state.withLockedValue { $0.counts[keyPath: path] += 1 }
    }

    private func write(_ level: Logger.Level, _ message: String, _ details: Logger.Metadata = [:]) {
        guard let log else { return }
        log.write(level, message, server: server ?? soleServer, details)
    }

    /// The server, if the client knows one: behind sentinels, the primary that they named last.
    private var soleServer: String? {
        state.withLockedValue { $0.primaries.count == 1 ? $0.primaries.first : nil }
    }
}

// MARK: - Connections

extension ClientCounter {
    /// Notes a connection that was made.
    ///
    /// - Parameters:
    ///   - time: The time that it took.
    ///   - limit: The maximum time that it may take.
    ///   - isReplacement: `true` if there was an earlier connection in its place.
    func connected(in time: TimeAmount, of limit: TimeAmount, isReplacement: Bool) {
        count(\.connections)
        if time > min(Self.slowLimit, .nanoseconds(limit.nanoseconds / 2)) {
            count(\.slowConnections)
            write(
                .warning,
                "a connection took long to make",
                ["stateline.milliseconds": "\(time.nanoseconds / 1_000_000)"]
            )
        }
        if isReplacement {
            count(\.reconnections)
            write(.notice, "a connection was made again")
        }
    }

    /// Notes an attempt to connect that failed, or that the server or the provider of credentials refused.
    func connectFailed(_ error: RedisError) {
        switch error.reason {
        case .cancelled: break
        case .denied:
            count(\.refusedConnections)
            write(.warning, "a connection was refused", ["stateline.reason": "\(error.message)"])
        default:
            count(\.failedConnections)
            write(.warning, "a connection could not be made", ["stateline.reason": "\(error.message)"])
        }
    }

    /// Notes a connection that ended and that the client had not closed.
    func connectionLost(_ error: RedisError) {
        count(\.lostConnections)
        write(.warning, "a connection was lost", ["stateline.reason": "\(error.message)"])
    }

    /// Notes a request that was refused because too many are waiting.
    func overloaded() {
        count(\.overloads)
        write(.warning, "a request was refused: too many are waiting")
    }
}

// MARK: - The topology

extension ClientCounter {
    /// Notes the primaries that serve now; a change is a failover.
    func served(by primaries: Set<String>) {
        let former = state.withLockedValue { state in
            defer { state.primaries = primaries }
            return state.primaries
        }
        guard !former.isEmpty, former != primaries else { return }
        count(\.failovers)
        let names = primaries.sorted().map { Logger.MetadataValue.string($0) }
        write(.warning, "the primaries changed", ["stateline.primaries": .array(names)])
    }

    /// Notes a sentinel that did not say which server is the primary.
    func sentinelFailed(_ endpoint: RedisEndpoint, _ error: RedisError) {
        named(endpoint).write(.warning, "a sentinel gave no answer", ["stateline.reason": "\(error.message)"])
    }
}

// MARK: - Requests

extension ClientCounter {
    /// Notes a redirection of a request to another server.
    func redirected(to endpoint: RedisEndpoint, isMoved: Bool) {
        if isMoved { count(\.moves) } else { count(\.asks) }
        write(
            .debug,
            "a request was redirected",
            ["stateline.kind": isMoved ? "moved" : "ask", "stateline.target": "\(endpoint)"]
        )
    }

    /// Notes a request that is sent again.
    func sentAgain(after error: RedisError) {
        count(\.retries)
        write(.debug, "a request is sent again", ["stateline.reason": "\(error.message)"])
    }
}
