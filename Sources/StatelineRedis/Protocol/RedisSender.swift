internal import NIOCore

/// A sender of requests to the nodes that own their keys: a connection, or a client.
protocol RedisSender: Sendable {
    /// Sends a request and waits for its replies.
    ///
    /// An error reply of the server is returned as a value. A client has acted by then on the errors that it can act
    /// on, such as redirections.
    ///
    /// - Parameters:
    ///   - request: The commands.
    ///   - deadline: The time after which the request fails.
    /// - Returns: The reply to the command, or an array of the replies to several commands.
    /// - Throws: ``RedisError``, which says if the commands may have been executed.
    func send(_ request: RedisRequest, deadline: NIODeadline) async throws(RedisError) -> RESPValue

    /// Returns a slot of each primary, in ascending order. Requests for these slots reach all keys.
    ///
    /// - Returns: One `nil` if there is one server.
    func primarySlots(deadline: NIODeadline) async throws(RedisError) -> [HashSlot?]
}

extension RedisSender {
    /// Returns one `nil`: one server has all keys.
    func primarySlots(deadline: NIODeadline) async throws(RedisError) -> [HashSlot?] { [nil] }
}
