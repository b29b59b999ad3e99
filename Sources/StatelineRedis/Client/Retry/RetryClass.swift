/// What can be done about a failure, seen by itself: whether it may be done is ``RequestStateMachine``'s to say.
enum RetryClass: Hashable, Sendable {
    /// Nothing: it would fail again, or is for the caller to judge.
    case no
    /// To send it again after a while.
    case wait
    /// To send it again over another connection.
    case reconnect
    /// To send it to the node that the slot belongs to now.
    case moved(Redirection)
    /// To send it to the node that the slot is moving to, this once.
    case ask(Redirection)
    /// To find out who serves the keys now.
    case refresh
}

extension RetryClass {
    /// The class of a server's error; each but ``no`` means that the command was not executed.
    ///
    /// - Parameter text: What the server said, its code first.
    init(serverError text: String) {
        let code = text.prefix { $0 != " " }
        switch code {
        case "LOADING", "BUSY", "MASTERDOWN", "TRYAGAIN": self = .wait
        case "CLUSTERDOWN", "READONLY": self = .refresh
        case "MOVED": self = Redirection(text.dropFirst(code.count)).map { .moved($0) } ?? .no
        case "ASK": self = Redirection(text.dropFirst(code.count)).map { .ask($0) } ?? .no
        default: self = .no
        }
    }

    /// The class of a failure of the transport.
    init(_ error: RedisError) {
        switch error.reason {
        case .closed: self = .reconnect
        // An attempt's time ran out; whether there is time for another is not seen here.
        case .timedOut: self = .wait
        case .unreachable, .clusterDown: self = .refresh
        // What had not been sent has nothing to do with what its connection ended of.
        case .protocolViolation where error.execution == .notSent: self = .reconnect
        case .cancelled, .overloaded, .untrusted, .denied, .refused, .protocolViolation: self = .no
        }
    }
}
