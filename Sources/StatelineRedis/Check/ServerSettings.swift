internal import NIOCore

/// The settings of a server that concern sessions, as `CONFIG GET` returns them.
struct ServerSettings: Sendable {
    /// The names of the settings.
    static let names = ["appendonly", "appendfsync", "min-replicas-to-write"]

    private let values: [String: String]
    /// The code of the first error; `nil` for none.
    private let refusal: String?

    /// Reads the replies to `CONFIG GET` for each name, in order.
    init(_ replies: [RESPValue]) {
        var values: [String: String] = [:]
        for case .array(let fields) in replies {
            guard fields.count == 2, case .bytes(let name) = fields[0], case .bytes(let value) = fields[1] else {
                continue
            }
            values[String(buffer: name)] = String(buffer: value)
        }
        self.values = values
        self.refusal = replies.lazy.compactMap(\.errorCode).first
    }

    /// Returns the findings about the settings.
    ///
    /// - Parameter facts: The server's `INFO`.
    /// - Returns: The findings. For the settings that cannot be read, there is one that says why.
    func findings(_ facts: ServerFacts) -> [StoreFinding] {
        guard !values.isEmpty else { return [unreadable] }
        return [fsyncFinding, replicasFinding(facts), fileFinding(facts)].compactMap { $0 }
    }

    private var unreadable: StoreFinding {
        let names = "not readable: " + Self.names.joined(separator: ", ")
        guard refusal == "NOPERM" else {
            return StoreFinding(
                .unchecked,
                "settings",
                names,
                advice: "The server refused CONFIG GET (\(refusal ?? "no values")): check these settings where it is "
                    + "administered."
            )
        }
        return StoreFinding(
            .unchecked,
            "settings",
            names + " (+config|get)",
            advice: "Run this check as an administrator, or grant +config|get to this user: the store does not need it."
        )
    }

    private var fsyncFinding: StoreFinding? {
        guard values["appendonly"] == "yes", let policy = values["appendfsync"] else { return nil }
        guard policy == "no" else { return StoreFinding(.fine, "appendfsync", policy) }
        return StoreFinding(
            .warning,
            "appendfsync",
            policy,
            advice: "CONFIG SET appendfsync everysec: a machine failure loses up to 30 seconds of commits."
        )
    }

    private func replicasFinding(_ facts: ServerFacts) -> StoreFinding? {
        guard let least = values["min-replicas-to-write"], facts["role"] == "master" else { return nil }
        let replicas = Int(facts["connected_slaves"] ?? "") ?? 0
        if let least = Int(least), least > replicas {
            return StoreFinding(
                .problem,
                "min-replicas",
                "requires \(least) replicas, but \(replicas) are connected",
                advice:
                    "Start the replicas, or lower min-replicas-to-write: until then the server refuses every commit."
            )
        }
        guard least == "0", replicas > 0 else { return StoreFinding(.fine, "min-replicas", least) }
        return StoreFinding(
            .advice,
            "min-replicas",
            "0, of \(replicas) replicas",
            advice: "CONFIG SET min-replicas-to-write 1: otherwise a primary that is cut off from all replicas accepts "
                + "commits that a failover loses. With one replica, the server then refuses commits while it is down."
        )
    }

    /// Returns a finding about the configuration file.
    ///
    /// The server reports the file, but not if the file has changes by `CONFIG SET`.
    private func fileFinding(_ facts: ServerFacts) -> StoreFinding? {
        guard let path = facts["config_file"] else { return nil }
        return path.isEmpty
            ? StoreFinding(
                .advice,
                "settings",
                "the server was started without a configuration file",
                advice:
                    "Start it with a file, or give every setting as an argument: a restart loses changes by CONFIG SET, "
                    + "maxmemory-policy too."
            )
            : StoreFinding(
                .fine,
                "settings",
                path,
                advice: "Run CONFIG REWRITE after each CONFIG SET: a restart loses the change otherwise."
            )
    }
}
