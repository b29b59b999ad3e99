internal import NIOCore

/// Whatever brings a request to the right node and its reply back: a connection, a client of one server, of a cluster or
/// of what sentinels watch over.
protocol RedisSender: Sendable {
    /// Sends a request and waits for its replies.
    ///
    /// A reply that is an error of the server's is a value here where the caller has to tell; what the sender itself
    /// can act on (redirection, reconnection) it has acted on.
    ///
    /// - Parameters:
    ///   - request: The commands.
    ///   - deadline: Until when.
    /// - Returns: The reply of its one command, or an array of the replies of its several ones.
    /// - Throws: ``RedisError``, which tells whether the commands may have been executed.
    func send(_ request: RedisRequest, deadline: NIODeadline) async throws(RedisError) -> RESPValue

    /// A slot of each primary, in ascending order: requests for them reach all keys.
    ///
    /// - Returns: One `nil` where there is one server.
    func primarySlots(deadline: NIODeadline) async throws(RedisError) -> [HashSlot?]
}

extension RedisSender {
    /// One server has all keys.
    func primarySlots(deadline: NIODeadline) async throws(RedisError) -> [HashSlot?] { [nil] }
}
