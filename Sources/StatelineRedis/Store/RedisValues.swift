package import NIOCore

/// Plain values in Redis, with `GET` and `SET`, which a load measures beside the store.
package final class RedisValues: Sendable {
    private let client: RedisClient
    private let timeout: TimeAmount

    /// Makes a client of its own, without a connection.
    package init(_ url: RedisURL, timeout: TimeAmount = .seconds(10)) {
        self.client = RedisClient(url, ClusterConfiguration(RedisConfiguration(), url.options))
        self.timeout = url.timeout ?? timeout
    }

    /// Returns the value of a key; `nil` if there is none.
    package func get(_ key: String) async throws -> ByteBuffer? {
        let reply = try await send(key) { encoder in
            encoder.command(2)
            encoder.argument("GET")
            encoder.argument(key)
        }
        if case .bytes(let value) = reply { return value }
        return nil
    }

    /// Sets the value of a key.
    package func set(_ key: String, _ value: ByteBuffer) async throws {
        try await send(key) { encoder in
            encoder.command(3)
            encoder.argument("SET")
            encoder.argument(key)
            encoder.argument(value)
        }
    }

    /// Deletes a key.
    package func delete(_ key: String) async throws {
        try await send(key) { encoder in
            encoder.command(2)
            encoder.argument("DEL")
            encoder.argument(key)
        }
    }

    /// Ends all connections.
    package func close() async {
        await client.close()
    }

    @discardableResult
    private func send(
        _ key: String,
        _ encode: @escaping @Sendable (inout CommandEncoder) -> Void
    ) async throws -> RESPValue {
        let request = RedisRequest(slot: HashSlot(key), lane: .bulk, isRepeatable: true, encode: encode)
        let reply = try await client.send(request, deadline: .now() + timeout)
        if case .error(let text) = reply { throw ServerMessage(text).error }
        return reply
    }
}
