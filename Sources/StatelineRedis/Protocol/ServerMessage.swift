/// The text of a server's error, of a command or of a script.
struct ServerMessage: Sendable {
    /// The server's text.
    ///
    /// It may name keys, and is not shown.
    private let text: String

    /// Makes a message of an error reply's text.
    init(_ text: String) {
        self.text = text
    }

    /// The error's code, such as `OOM`.
    ///
    /// Servers before 7.0 put the code of a command that failed in a script after a text of their own.
    var code: String {
        for (sign, code) in Self.signs where text.contains(sign) { return code }
        return String(text.prefix { $0 != " " })
    }

    /// The error for a request that was not executed.
    var error: RedisError {
        let code = code
        switch code {
        case "NOPERM", "NOAUTH", "WRONGPASS":
            let message = "the server's access list forbids a command of the store (\(code))"
            return RedisError(.denied, .notExecuted, message: message)
        case "WRONGTYPE":
            let message = "a key of the session has a value of another type: another program wrote to it"
            return RedisError(.refused(code: code), .notExecuted, message: message)
        default:
            let message = Self.explanations[code] ?? "the server refused the request: \(code)"
            return RedisError(.refused(code: code), .notExecuted, message: message)
        }
    }

    /// Texts that identify an error, and its code.
    private static let signs = [
        ("OOM command not allowed", "OOM"),
        ("maximum allowed size", "TOOLARGE"),
        ("WRONGTYPE Operation", "WRONGTYPE"),
        // Redis 7.0; Redis 7.2 and later, Valkey.
        ("The user executing the script", "NOPERM"),
        ("ACL failure in script", "NOPERM"),
        ("NOPERM ", "NOPERM"),
        // The keys of a family whose slot is moving; the second text is of Redis 8 and later.
        ("access a non local key", "TRYAGAIN"),
        ("undeclared keys were accessed during rehashing", "TRYAGAIN"),
        ("MISCONF ", "MISCONF"),
        ("NOREPLICAS ", "NOREPLICAS"),
        ("READONLY ", "READONLY"),
        // The script itself fails only on damaged data.
        ("attempt to ", "CORRUPT"),
        ("bad argument #", "CORRUPT"),
        ("data string too short", "CORRUPT"),
    ]

    private static let explanations = [
        "CORRUPT": "the session's keys do not have the values that the store wrote",
        "OOM": "the server has reached maxmemory",
        "TOOLARGE": "the log would exceed the server's longest string (proto-max-bulk-len)",
        "MISCONF": "the server cannot save its data and refuses writes",
        "NOREPLICAS": "the server has too few replicas and refuses writes",
        "READONLY": "the server is a replica",
        "TRYAGAIN": "the session's keys are moving to another server",
    ]
}
