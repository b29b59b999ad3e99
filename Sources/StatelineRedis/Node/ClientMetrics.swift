/// The counts of a store's client since it was made.
///
/// All of these events are rare in normal operation.
public struct ClientMetrics: Hashable, Sendable {
    /// Attempts to connect.
    public internal(set) var connectAttempts = 0
    /// Connections that were made.
    public internal(set) var connections = 0
    /// Connections that replaced a lost one.
    public internal(set) var reconnections = 0
    /// Attempts to connect that failed because the server refused the credentials.
    public internal(set) var refusedCredentials = 0
    /// Changes of the set of primaries.
    public internal(set) var failovers = 0
    /// Requests that got no connection in time.
    public internal(set) var connectTimeouts = 0
    /// Requests that were sent and not answered in time.
    public internal(set) var replyTimeouts = 0
    /// Requests that were refused because too many were waiting.
    public internal(set) var overloads = 0
    /// Requests that were sent again because the server was not ready for them.
    public internal(set) var waits = 0
    /// `MOVED` redirections.
    public internal(set) var moves = 0
    /// `ASK` redirections.
    public internal(set) var asks = 0
    /// Surveys of a cluster's slots, and questions to sentinels.
    public internal(set) var refreshes = 0
    /// Replies that belonged to another request.
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
