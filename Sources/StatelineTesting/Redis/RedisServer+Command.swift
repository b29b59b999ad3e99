public import NIOCore

extension RedisServer {
    /// Sends an administrator's command over a connection of its own and waits for the reply.
    ///
    /// It blocks the thread, so commands should be short, and it must not be called on an event loop.
    ///
    /// - Parameter arguments: The command's name and its arguments.
    /// - Returns: The reply as text, an array's values a line each.
    /// - Throws: ``RedisServerError`` with the server's own text where it answers with an error, or where it does not
    ///   answer within 10 s.
    @discardableResult
    public func command(_ arguments: [String]) throws -> String {
        let reply = try replies(to: [arguments.map(ByteBuffer.init(string:))])[0]
        if case .error(let text) = reply { throw RedisServerError(.refused, message: text) }
        return reply.text
    }

    /// Sends commands in one write over a connection of their own and waits for all replies: for transactions, for
    /// `ASKING`, for arguments that are no text.
    ///
    /// - Parameter commands: The commands, each its name and its arguments.
    /// - Returns: A reply to each; a server's errors are among them.
    /// - Throws: ``RedisServerError`` where the server does not answer within 10 s.
    public func replies(to commands: [[ByteBuffer]]) throws -> [RedisReply] {
        try administrator.exchange(commands, within: .seconds(10)).wait()
    }

    /// What `INFO` says about a field; `nil` where it says nothing.
    ///
    /// - Throws: ``RedisServerError`` where the server does not answer within 10 s.
    public func info(_ field: String) throws -> String? {
        let lines = try command(["INFO", "everything"]).split(whereSeparator: \.isNewline)
        return lines.first { $0.hasPrefix(field + ":") }.map { String($0.dropFirst(field.count + 1)) }
    }

    /// Waits until a condition of the server holds, which is looked at every few milliseconds.
    ///
    /// - Parameters:
    ///   - what: The condition in words, for the error.
    ///   - limit: How long.
    ///   - condition: The condition; one that throws does not hold.
    /// - Throws: ``RedisServerError`` where it did not come to hold in time.
    public func wait(
        until what: String,
        within limit: Duration = .seconds(20),
        _ condition: (RedisServer) throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + limit
        while (try? condition(self)) != true {
            guard ContinuousClock.now < deadline else {
                throw RedisServerError(.notStarted, message: "waited in vain until \(what):\n\(logTail)")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
