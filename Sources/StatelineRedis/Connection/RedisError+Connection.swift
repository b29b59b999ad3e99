/// The failures of a connection; their texts hold nothing that a server or a caller wrote.
extension RedisError {
    /// The code of an error reply: its first word, if it looks like one.
    static func code(of text: String) -> String {
        let word = text.prefix { !$0.isWhitespace }
        let isCode = !word.isEmpty && word.utf8.count <= 32 && word.utf8.allSatisfy { (65...90).contains($0) }
        return isCode ? String(word) : "ERR"
    }

    /// The failure that a reply stands for which says that our credentials are wrong or do not reach so far.
    static func denial(in reply: RESPValue) -> RedisError? {
        guard case .error(let text) = reply else { return nil }
        let code = code(of: text)
        guard ["WRONGPASS", "NOAUTH", "NOPERM"].contains(code) else { return nil }
        return RedisError(.denied, .notExecuted, message: "the server refused the credentials (\(code))")
    }

    /// A reply came that belongs to nothing.
    static func unasked(_ reply: RESPValue) -> RedisError {
        guard case .error(let text) = reply else {
            return RedisError(.protocolViolation, .unknown, message: "a reply came that nothing was asked for")
        }
        return RedisError(
            .protocolViolation,
            .unknown,
            message: "the server reported an error that nothing was asked for (\(code(of: text)))"
        )
    }

    /// What came is not a reply.
    static func violation(_ violation: ReplyViolation) -> RedisError {
        RedisError(.protocolViolation, .unknown, message: "what came is not a reply that can be taken (\(violation))")
    }

    /// There was no connection in time.
    static var connectTimedOut: RedisError {
        RedisError(.timedOut, .notSent, message: "there was no connection before the deadline")
    }

    /// The server gave no sign of life.
    static var stalled: RedisError {
        RedisError(.timedOut, .unknown, message: "the server gave no sign of life")
    }

    /// The server answers over another connection, and not over this one.
    static var silent: RedisError {
        RedisError(.closed, .unknown, message: "the connection fell silent while another one worked")
    }

    /// We closed it.
    static var closedByUs: RedisError {
        RedisError(.closed, .unknown, message: "the connection was closed")
    }

    /// The server closed it, or the network did.
    static var closedByPeer: RedisError {
        RedisError(.closed, .unknown, message: "the connection ended")
    }
}

/// The failures of requests that were never sent.
extension RedisError {
    /// There is no connection, or there was none yet.
    static var unreachable: RedisError {
        RedisError(.unreachable, .notSent, message: "there is no connection to the server")
    }

    /// It is being closed.
    static var closing: RedisError {
        RedisError(.closed, .notSent, message: "the connection is being closed")
    }

    /// Too many commands wait.
    static var tooManyCommands: RedisError {
        RedisError(.overloaded, .notSent, message: "too many commands wait for the server's replies")
    }

    /// Too many bytes wait.
    static var tooMuchToWrite: RedisError {
        RedisError(.overloaded, .notSent, message: "too many bytes wait to be written")
    }

    /// The deadline was past before anything was sent.
    static var tooLateToSend: RedisError {
        RedisError(.timedOut, .notSent, message: "the deadline had passed")
    }

    /// The task was cancelled before anything was sent.
    static var cancelledUnsent: RedisError {
        RedisError(.cancelled, .notSent, message: "the task was cancelled")
    }
}
