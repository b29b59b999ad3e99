internal import NIOConcurrencyHelpers

/// What a client has done so far.
struct ClientMetrics: Hashable, Sendable {
    /// Attempts to connect.
    var connectAttempts = 0
    /// Connections that were made.
    var connections = 0
    /// Of these, the ones that took the place of another.
    var reconnections = 0
    /// Requests that waited for a connection in vain.
    var connectTimeouts = 0
    /// Requests that were sent and not answered in time.
    var replyTimeouts = 0
    /// Requests that were refused because too many waited.
    var overloads = 0
    /// Requests that were sent again because the server was not ready for them.
    var waits = 0
    /// Redirections to a slot's new node.
    var moves = 0
    /// Redirections to the node to which a slot is moving.
    var asks = 0
    /// Looks at who serves what.
    var refreshes = 0
    /// Replies that were not to what was asked.
    var mismatches = 0
}

/// Where what a client does is counted: only what is rare is.
final class ClientCounter: Sendable {
    private let box = NIOLockedValueBox(ClientMetrics())

    /// What was counted.
    var snapshot: ClientMetrics { box.withLockedValue(\.self) }

    /// Counts one.
    func count(_ path: any WritableKeyPath<ClientMetrics, Int> & Sendable) {
        box.withLockedValue { $0[keyPath: path] += 1 }
    }
}
