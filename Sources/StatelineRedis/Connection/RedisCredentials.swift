internal import NIOCore

/// A user and a password for a server.
public struct RedisCredentials: Hashable, Sendable {
    /// The user; `nil` for the default user.
    public let user: String?
    let password: Secret

    /// Makes credentials.
    ///
    /// - Parameters:
    ///   - user: The user; `nil` for the default user.
    ///   - password: The password, or a token. No description shows it.
    public init(user: String? = nil, password: String) {
        self.user = user
        self.password = Secret(password)
    }
}

extension RedisConnection.Configuration {
    /// Gets the credentials of a new connection from the provider, if there is one.
    ///
    /// - Parameter deadline: The time at which the provider's task is cancelled.
    /// - Returns: The configuration with user and password.
    /// - Throws: ``RedisError``, with nothing sent: `denied` if the provider failed, `unreachable` if it was too slow.
    func entered(until deadline: NIODeadline) async throws(RedisError) -> Self {
        guard let credentials else { return self }
        let found: RedisCredentials?
        do {
            found = try await withThrowingTaskGroup(of: RedisCredentials?.self) { group in
                group.addTask { try await credentials() }
                group.addTask {
                    try await Task.sleep(for: Duration(max(.zero, deadline - .now())))
                    return nil
                }
                defer { group.cancelAll() }
                return try await group.next() ?? nil
            }
        } catch {
            guard !Task.isCancelled else { throw .cancelledUnsent }
            // The provider's error may contain secrets.
            throw RedisError(.denied, .notSent, message: "the credentials provider failed")
        }
        guard let found else {
            throw RedisError(
                .unreachable,
                .notSent,
                message: "the credentials provider did not answer within the connect timeout"
            )
        }
        var configuration = self
        configuration.user = found.user
        configuration.password = found.password
        return configuration
    }
}
