/// The events of a store's client since the store was made, as counts, and the state of its servers.
///
/// Apart from the first connections to each server, all of these events are rare in normal operation. The counts and
/// the state of the servers are of slightly different moments.
public struct RedisStatistics: Hashable, Sendable {
    /// The connections to one server at one moment.
    public struct Server: Hashable, Sendable {
        /// The server's host and port or its socket; behind sentinels, the name of the primary.
        public internal(set) var name: String
        /// The open connections without a command that waits for its reply.
        public internal(set) var idleConnections = 0
        /// The open connections with commands that wait for their replies.
        public internal(set) var usedConnections = 0
        /// The commands that were sent and wait for their replies.
        public internal(set) var commandsInFlight = 0
        /// The requests that wait for a connection, or for the next group that waits for replicas.
        public internal(set) var waitingRequests = 0
        /// `true` if there is no connection and the last attempt to make one failed.
        public internal(set) var isDown = false
    }

    /// Attempts to connect.
    public internal(set) var connectAttempts = 0
    /// Connections that were made.
    public internal(set) var connections = 0
    /// Connections that took longer than a second, or than half of the connect timeout if that is shorter.
    public internal(set) var slowConnections = 0
    /// Attempts to connect that were refused: by the server for the credentials, by this client for the server's policy
    /// of eviction, or because no credentials were provided.
    public internal(set) var refusedConnections = 0
    /// Attempts to connect that failed for another reason.
    public internal(set) var failedConnections = 0
    /// Connections that ended and that the client had not closed.
    public internal(set) var lostConnections = 0
    /// Connections that replaced one that was lost, was silent or led to a former primary.
    public internal(set) var reconnections = 0
    /// Changes of the set of primaries.
    public internal(set) var failovers = 0
    /// Requests that got no connection in time.
    public internal(set) var connectTimeouts = 0
    /// Attempts of requests that were sent and not answered in time.
    public internal(set) var replyTimeouts = 0
    /// Requests that were refused because too many were waiting.
    public internal(set) var overloads = 0
    /// Further attempts of requests, without redirections.
    public internal(set) var retries = 0
    /// `MOVED` redirections.
    public internal(set) var moves = 0
    /// `ASK` redirections.
    public internal(set) var asks = 0
    /// Surveys of a cluster's slots, and questions to sentinels.
    public internal(set) var lookups = 0
    /// Replies that belonged to another request.
    public internal(set) var mismatches = 0
    /// The servers that the client knows, in no order.
    public internal(set) var servers: [Server] = []
}
