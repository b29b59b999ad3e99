internal import NIOCore
internal import NIOPosix

extension RedisConnection {
    /// Makes a connection that is ready for requests: encrypted, authenticated, in its database.
    ///
    /// - Parameters:
    ///   - endpoint: The server's address.
    ///   - configuration: The settings.
    ///   - eventLoop: The event loop that the connection runs on.
    ///   - deadline: The time by which the connection has to be ready.
    /// - Returns: The connection.
    /// - Throws: ``RedisError``, always with ``RedisError/Execution-swift.enum/notSent``.
    static func connect(
        to endpoint: RedisEndpoint,
        configuration: Configuration,
        on eventLoop: any EventLoop,
        deadline: NIODeadline
    ) async throws(RedisError) -> RedisConnection {
        guard !Task.isCancelled else { throw .cancelledUnsent }
        let configuration = try await configuration.entered(until: deadline)
        let layer: TLSLayer?
        if let tls = configuration.tls {
            layer = try TLSLayer(tls, endpoint: endpoint)
        } else {
            layer = nil
        }
        let attempt = ConnectionAttempt(endpoint, configuration, layer, eventLoop, deadline)
        do {
            return try await withTaskCancellationHandler {
                try await attempt.begin().get()
            } onCancel: {
                attempt.cancel()
            }
        } catch let error as RedisError {
            throw error
        } catch let error as NIOConnectionError where error.connectionErrors.isEmpty {
            throw .unknownHost
        } catch {
            throw .unreachable
        }
    }
}
