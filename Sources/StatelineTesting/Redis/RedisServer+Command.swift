public import NIOCore

extension RedisServer {
    /// Sends an administrator's command over a connection of its own and waits for the reply.
    ///
    /// It blocks the thread, so commands should be short, and it must not be called on an event loop.
    ///
    /// - Parameter arguments: The command's name and its arguments.
    /// - Returns: The reply as text, one line for each value of an array.
    /// - Throws: ``RedisServerError`` with the server's text if it answers with an error, or if it does not answer
    ///   within 10 s.
    @discardableResult
    public func command(_ arguments: [String]) throws -> String {
        let reply = try replies(to: [arguments.map(ByteBuffer.init(string:))])[0]
        if case .error(let text) = reply { throw RedisServerError(.refused, message: text) }
        return reply.text
    }

    /// Sends commands in one write over a connection of their own and waits for all replies.
    ///
    /// Use it for transactions, for `ASKING`, and for arguments that are not text.
    ///
    /// - Parameter commands: The commands, each its name and its arguments.
    /// - Returns: A reply to each, including errors of the server.
    /// - Throws: ``RedisServerError`` if the server does not answer within 10 s.
    public func replies(to commands: [[ByteBuffer]]) throws -> [RedisReply] {
        try administrator.exchange(commands, within: .seconds(10)).wait()
    }

    /// Returns a field of `INFO`; `nil` if there is none.
    ///
    /// - Throws: ``RedisServerError`` if the server does not answer within 10 s.
    public func info(_ field: String) throws -> String? {
        let lines = try command(["INFO", "everything"]).split(whereSeparator: \.isNewline)
        return lines.first { $0.hasPrefix(field + ":") }.map { String($0.dropFirst(field.count + 1)) }
    }

    /// Waits until a condition of the server holds, and checks it every few milliseconds.
    ///
    /// - Parameters:
    ///   - what: The condition in words, for the error.
    ///   - limit: The maximum time.
    ///   - condition: The condition; one that throws does not hold.
    /// - Throws: ``RedisServerError`` if it does not hold in time.
    public func wait(
        until what: String,
        within limit: Duration = .seconds(20),
        _ condition: (RedisServer) throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + limit
        while (try? condition(self)) != true {
            guard ContinuousClock.now < deadline else {
                throw RedisServerError(.notStarted, message: "timed out waiting until \(what):\n\(logTail)")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
