/// The failures of a connection. Their messages contain no text of a server or a caller.
extension RedisError {
    /// Returns the code of an error reply: its first word, if that looks like a code.
    static func code(of text: String) -> String {
        let word = text.prefix { !$0.isWhitespace }
        let isCode = !word.isEmpty && word.utf8.count <= 32 && word.utf8.allSatisfy { (65...90).contains($0) }
        return isCode ? String(word) : "ERR"
    }

    /// Returns the error for a reply that refuses the credentials; `nil` for another reply.
    static func denial(in reply: RESPValue) -> RedisError? {
        guard case .error(let text) = reply else { return nil }
        let code = code(of: text)
        let message: String
        switch code {
        case "NOAUTH": message = "the server requires a password: give user and password in the URL"
        case "WRONGPASS": message = "the server refused user and password"
        case "NOPERM": message = "the server's access list forbids a command of the handshake"
        default: return nil
        }
        return RedisError(.denied, .notExecuted, message: "\(message) (\(code))")
    }

    /// Makes the error for a reply without a request.
    static func unasked(_ reply: RESPValue) -> RedisError {
        guard case .error(let text) = reply else {
            return RedisError(.protocolViolation, .unknown, message: "the server sent a reply without a request")
        }
        return RedisError(
            .protocolViolation,
            .unknown,
            message: "the server sent an error without a request (\(code(of: text)))"
        )
    }

    /// Makes the error for bytes that are not an acceptable reply.
    static func violation(_ violation: ReplyViolation) -> RedisError {
        RedisError(
            .protocolViolation,
            .unknown,
            message: "the server sent bytes that are not an acceptable reply (\(violation))"
        )
    }

    /// A reply belongs to another request than the one that it came for.
    static var outOfStep: RedisError {
        RedisError(.protocolViolation, .unknown, message: "a reply belongs to another request")
    }

    /// No connection was made before the deadline.
    static var connectTimedOut: RedisError {
        RedisError(.timedOut, .notSent, message: "no connection was made before the deadline")
    }

    /// The server did not take part in the TLS handshake.
    static var unencrypted: RedisError {
        RedisError(
            .unreachable,
            .notSent,
            message: "the server does not answer in TLS on this port: check the port, or use redis:// instead of "
                + "rediss://"
        )
    }

    /// The server closed an unencrypted connection before it answered.
    static var closedUnanswered: RedisError {
        RedisError(
            .unreachable,
            .notSent,
            message: "the server closed the connection before it answered: if it requires TLS, use rediss://"
        )
    }

    /// The host's name has no address.
    static var unknownHost: RedisError {
        RedisError(.unreachable, .notSent, message: "the host name has no address: check its spelling")
    }

    /// The server sent no byte for too long.
    static var stalled: RedisError {
        RedisError(.timedOut, .unknown, message: "the server stopped sending")
    }

    /// The server answers over another connection but not over this one.
    static var silent: RedisError {
        RedisError(.closed, .unknown, message: "the connection went silent while another one works")
    }

    /// The client closed the connection.
    static var closedByUs: RedisError {
        RedisError(.closed, .unknown, message: "the connection was closed")
    }

    /// The server or the network closed the connection.
    static var closedByPeer: RedisError {
        RedisError(.closed, .unknown, message: "the connection was closed by the server or the network")
    }
}

/// The failures of requests that were never sent.
extension RedisError {
    /// No connection could be made.
    static var unreachable: RedisError {
        RedisError(.unreachable, .notSent, message: "could not connect to the server")
    }

    /// The connection is being closed.
    static var closing: RedisError {
        RedisError(.closed, .notSent, message: "the connection is being closed")
    }

    /// Too many commands are waiting.
    static var tooManyCommands: RedisError {
        RedisError(.overloaded, .notSent, message: "too many commands are waiting for replies")
    }

    /// Too many bytes are waiting.
    static var tooMuchToWrite: RedisError {
        RedisError(.overloaded, .notSent, message: "too many bytes are waiting to be written")
    }

    /// The deadline passed before anything was sent.
    static var tooLateToSend: RedisError {
        RedisError(.timedOut, .notSent, message: "the deadline passed before the request was sent")
    }

    /// The task was cancelled before anything was sent.
    static var cancelledUnsent: RedisError {
        RedisError(.cancelled, .notSent, message: "the task was cancelled before the request was sent")
    }
}
