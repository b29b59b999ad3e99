internal import NIOCore

/// The rules for sending a request again, until its deadline.
struct RequestRetryPolicy: Hashable, Sendable {
    /// `true` if another node may take over from one that does not answer: in a cluster, and behind sentinels.
    var awaitsFailover: Bool
    /// The maximum number of redirections in a row.
    ///
    /// After them there is a pause, and the owner is looked up again.
    var redirections = 5
    /// The maximum number of connections in a row that may end during the request without a pause.
    var reconnections = 3
    /// The maximum time that one attempt of a repeatable request takes, beyond the time that the server blocks on
    /// purpose; `nil` for the request's deadline.
    var attemptTimeout: TimeAmount?
    /// The pauses between attempts.
    var backoff = Backoff(base: .milliseconds(10), limit: .milliseconds(500))

    /// Returns the limit of one attempt on a lane.
    ///
    /// Large replies take longer.
    func attemptLimit(of lane: RedisRequest.Lane) -> TimeAmount? {
        attemptTimeout.map { lane == .bulk ? $0 * 5 : $0 }
    }
}
