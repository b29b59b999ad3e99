internal import CoreMetrics
internal import Logging
internal import NIOConcurrencyHelpers
internal import NIOCore

/// A counter of the rare events of a client, which exports the counts and logs the events that an operator has to know.
final class ClientCounter: Sendable {
    /// The minimum time between two log lines of one kind; the second one says how many events were left out.
    private static let pause = TimeAmount.seconds(1)

    /// The state that the counters of all nodes of a client share.
    private struct State {
        var metrics = ClientMetrics()
        /// The primaries that were seen last.
        var primaries: Set<String> = []
        /// For each log message, the time of its last line and the number of events since then.
        var lines: [String: (time: NIODeadline, omitted: Int)] = [:]
    }

    private let state: NIOLockedValueBox<State>
    private let logger: Logger?
    /// The exported counters, in the order of ``ClientMetrics/names``; empty if there are none.
    private let handlers: [any CounterHandler]
    private let server: String?

    /// Makes a counter.
    ///
    /// - Parameters:
    ///   - logger: Takes the log lines; `nil` for none.
    ///   - factory: Makes the exported counters; `nil` for none.
    convenience init(logger: Logger? = nil, factory: (any MetricsFactory)? = nil) {
        let handlers = ClientMetrics.names.compactMap { factory?.makeCounter(label: $0.name, dimensions: []) }
        self.init(NIOLockedValueBox(State()), logger, handlers, server: nil)
    }

    private init(
        _ state: NIOLockedValueBox<State>,
        _ logger: Logger?,
        _ handlers: [any CounterHandler],
        server: String?
    ) {
        self.state = state
        self.logger = logger
        self.handlers = handlers
        self.server = server
    }

    /// The counts so far.
    var snapshot: ClientMetrics { state.withLockedValue(\.metrics) }

    /// Returns a counter with the same counts whose log lines name a server.
    func named(_ endpoint: RedisEndpoint) -> ClientCounter {
        ClientCounter(state, logger, handlers, server: endpoint.description)
    }

    /// Counts one event, and logs it if an operator has to know it.
    func count(_ path: any WritableKeyPath<ClientMetrics, Int> & Sendable) {
        state.withLockedValue { $0.metrics[keyPath: path] += 1 }
        if !handlers.isEmpty, let index = ClientMetrics.names.firstIndex(where: { $0.path == path }) {
            handlers[index].increment(by: 1)
        }
        if path == \ClientMetrics.reconnections { warn("a lost connection was replaced") }
        if path == \ClientMetrics.overloads {
            warn("a request was refused: too many are waiting for a connection")
        }
    }

    /// Counts and logs an attempt to connect that failed.
    func connectFailed(_ error: RedisError) {
        switch error.reason {
        case .cancelled: break
        case .denied:
            count(\.refusedCredentials)
            warn("a server refused the connection", reason: error.message)
        default: warn("a connection could not be made", reason: error.message)
        }
    }

    /// Notes the primaries that serve now, and counts and logs a change.
    func served(by primaries: Set<String>) {
        let former = state.withLockedValue { state in
            defer { state.primaries = primaries }
            return state.primaries
        }
        guard !former.isEmpty, former != primaries else { return }
        count(\.failovers)
        warn("the primaries changed", reason: primaries.sorted().joined(separator: ", "))
    }

    private func warn(_ message: String, reason: String? = nil) {
        guard let logger, logger.logLevel <= .warning else { return }
        let now = NIODeadline.now()
        let kind = message + (server ?? "")
        let omitted: Int? = state.withLockedValue { state in
            guard let last = state.lines[kind] else {
                state.lines[kind] = (now, 0)
                return 0
            }
            guard now - last.time >= Self.pause else {
                state.lines[kind]?.omitted += 1
                return nil
            }
            state.lines[kind] = (now, 0)
            return last.omitted
        }
        guard let omitted else { return }
        var metadata: Logger.Metadata = [:]
        if let server { metadata["stateline.server"] = "\(server)" }
        if let reason { metadata["stateline.reason"] = "\(reason)" }
        if omitted > 0 { metadata["stateline.omitted"] = "\(omitted)" }
        logger.warning("\(message)", metadata: metadata)
    }
}
