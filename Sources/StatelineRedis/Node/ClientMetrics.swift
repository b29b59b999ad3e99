/// Counts of what a store's client did since it was made; all of it is rare in normal operation.
public struct ClientMetrics: Hashable, Sendable {
    /// Attempts to connect.
    public internal(set) var connectAttempts = 0
    /// Connections that were made.
    public internal(set) var connections = 0
    /// Connections that took the place of one that was lost.
    public internal(set) var reconnections = 0
    /// Attempts to connect that failed because the server refused the credentials.
    public internal(set) var refusedCredentials = 0
    /// Changes of the servers that are primaries, after the first ones.
    public internal(set) var failovers = 0
    /// Requests that waited for a connection in vain.
    public internal(set) var connectTimeouts = 0
    /// Requests that were sent and not answered in time.
    public internal(set) var replyTimeouts = 0
    /// Requests that were refused because too many waited.
    public internal(set) var overloads = 0
    /// Requests that were sent again because the server was not ready for them.
    public internal(set) var waits = 0
    /// Redirections to a slot's new node.
    public internal(set) var moves = 0
    /// Redirections to the node to which a slot is moving.
    public internal(set) var asks = 0
    /// Surveys of the nodes and the slots that they serve, and questions to sentinels.
    public internal(set) var refreshes = 0
    /// Replies that were not to what was asked.
    public internal(set) var mismatches = 0

    /// The counts, each with the name of its counter in a `MetricsFactory`.
    static let names: [(name: String, path: any KeyPath<ClientMetrics, Int> & Sendable)] = [
        ("stateline.redis.connect_attempts", \.connectAttempts),
        ("stateline.redis.connections", \.connections),
        ("stateline.redis.reconnections", \.reconnections),
        ("stateline.redis.refused_credentials", \.refusedCredentials),
        ("stateline.redis.failovers", \.failovers),
        ("stateline.redis.connect_timeouts", \.connectTimeouts),
        ("stateline.redis.reply_timeouts", \.replyTimeouts),
        ("stateline.redis.overloads", \.overloads),
        ("stateline.redis.waits", \.waits),
        ("stateline.redis.moves", \.moves),
        ("stateline.redis.asks", \.asks),
        ("stateline.redis.refreshes", \.refreshes),
        ("stateline.redis.mismatches", \.mismatches),
    ]
}
