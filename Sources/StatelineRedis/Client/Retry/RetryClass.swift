/// The remedy for a failure.
///
/// ``RequestStateMachine`` decides if it may be applied.
enum RetryClass: Hashable, Sendable {
    /// None: the request would fail again, or the caller has to judge.
    case no
    /// Send the request again after a pause.
    case wait
    /// Send the request again over another connection.
    case reconnect
    /// Send the request to the node that the slot belongs to now.
    case moved(Redirection)
    /// Send the request to the node that the slot is moving to, this once.
    case ask(Redirection)
    /// Find the owner of the keys again.
    case refresh
}

extension RetryClass {
    /// Makes the class of a server's error.
    ///
    /// Every class but ``no`` means that the command was not executed.
    ///
    /// - Parameter text: The server's text, of a command or of a script.
    init(serverError text: String) {
        let code = ServerMessage(text).code
        switch code {
        case "LOADING", "BUSY", "MASTERDOWN", "TRYAGAIN": self = .wait
        case "CLUSTERDOWN", "READONLY": self = .refresh
        case "MOVED": self = Redirection(text.dropFirst(code.count)).map { .moved($0) } ?? .no
        case "ASK": self = Redirection(text.dropFirst(code.count)).map { .ask($0) } ?? .no
        default: self = .no
        }
    }

    /// Makes the class of a failure without a reply.
    init(_ error: RedisError) {
        switch error.reason {
        case .closed: self = .reconnect
        // The attempt timed out. The state machine decides if there is time for another one.
        case .timedOut: self = .wait
        case .unreachable, .clusterDown: self = .refresh
        // The connection has ended; another one begins in step.
        case .protocolViolation: self = .reconnect
        case .cancelled, .overloaded, .untrusted, .denied, .refused: self = .no
        }
    }
}
