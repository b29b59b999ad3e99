internal import Stateline

/// What a server said instead of doing what it was asked.
struct ServerMessage: Sendable {
    /// What it said; it may name keys, and is not shown.
    private let text: String

    /// Takes an error of a command, or of a script.
    init(_ text: String) {
        self.text = text
    }

    /// The error's code, such as `OOM`.
    ///
    /// Servers before 7.0 put the code of a command that failed in a script behind words of their own.
    var code: String {
        for (sign, code) in Self.signs where text.contains(sign) { return code }
        return String(text.prefix { $0 != " " })
    }

    /// The error, of a request that was not executed.
    var error: RedisError {
        let code = code
        switch code {
        case "NOPERM", "NOAUTH", "WRONGPASS":
            return RedisError(.denied, .notExecuted, message: "the server's access list does not allow it: \(code)")
        case "WRONGTYPE":
            let message = "a key of the session holds a value of another type"
            return RedisError(.refused(code: code), .notExecuted, message: message)
        default:
            let message = Self.explanations[code] ?? "the server refused the request: \(code)"
            return RedisError(.refused(code: code), .notExecuted, message: message)
        }
    }

    private static let signs = [
        ("OOM command not allowed", "OOM"),
        ("maximum allowed size", "TOOLARGE"),
        ("WRONGTYPE Operation", "WRONGTYPE"),
        // Redis 7.0; Redis 7.2 and later, Valkey.
        ("The user executing the script", "NOPERM"),
        ("ACL failure in script", "NOPERM"),
        ("NOPERM ", "NOPERM"),
        // A family's keys while its slot moves: the second from Redis 8 on.
        ("access a non local key", "TRYAGAIN"),
        ("undeclared keys were accessed during rehashing", "TRYAGAIN"),
        ("MISCONF ", "MISCONF"),
        ("NOREPLICAS ", "NOREPLICAS"),
        ("READONLY ", "READONLY"),
        // What the script itself trips over is the data.
        ("attempt to ", "CORRUPT"),
        ("bad argument #", "CORRUPT"),
        ("data string too short", "CORRUPT"),
    ]

    private static let explanations = [
        "CORRUPT": "what the session's keys hold is not what was written to them",
        "OOM": "the server is at its bound of memory",
        "TOOLARGE": "the log would be longer than the server allows a string to be",
        "MISCONF": "the server cannot save its data, and takes no more",
        "NOREPLICAS": "the server has too few replicas, and takes no more",
        "READONLY": "the server is a replica",
        "TRYAGAIN": "the session's keys are on their way to another server",
    ]
}

extension RedisError {
    /// A reply that is none to what was asked.
    static let outOfStep = RedisError(.protocolViolation, .unknown, message: "a reply is not to what was asked")
}

extension StoreError {
    /// A log that is not what was appended to it.
    static func corruptLog(at revision: Revision) -> StoreError {
        StoreError(.corrupt, committed: .no, message: "the session's log is corrupt at revision \(revision)")
    }

    /// A log with a batch of a newer writer.
    static func unreadableLog(at revision: Revision, _ error: FormatError) -> StoreError {
        StoreError(
            .unreadable(error),
            committed: .no,
            message: "the batch of revision \(revision) cannot be read: \(error)"
        )
    }

    /// Says in the store's terms why there is no answer.
    ///
    /// - Parameters:
    ///   - error: The last attempt's error.
    ///   - mayBeCommitted: Whether an attempt may have been executed.
    init(_ error: RedisError, mayBeCommitted: Bool) {
        let reason: Reason =
            switch error.reason {
            case .refused(code: "OOM"), .refused(code: "TOOLARGE"): .full
            case .refused(code: "WRONGTYPE"), .refused(code: "CORRUPT"): .corrupt
            case .denied, .untrusted: .denied
            default: .unavailable
            }
        self.init(reason, committed: mayBeCommitted ? .unknown : .no, message: error.message)
    }
}
