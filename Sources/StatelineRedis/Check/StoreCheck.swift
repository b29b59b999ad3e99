internal import NIOCore

/// Looks at a store's server as an operator would: version, memory, persistence, replicas, rights and latency.
struct StoreCheck: Sendable {
    /// How often the server is asked for its latency.
    private static let pingCount = 64
    /// What the store's user should not be able to do.
    private static let dangers = [
        ["KEYS", "*"], ["SCAN", "0"], ["RANDOMKEY"], ["FLUSHALL"], ["FLUSHDB"], ["CONFIG", "GET", "*"],
        ["DEBUG", "JMAP"], ["MIGRATE", "h", "1", "k", "0", "1"],
    ]

    let sender: any RedisSender
    /// The slot of the node that is looked at; `nil` where there is one.
    let slot: HashSlot?
    let timeout: TimeAmount
    /// Where the servers are, for their replicas.
    let url: RedisURL

    /// Looks at all.
    ///
    /// - Returns: What was found, in the order of the list above.
    /// - Throws: ``RedisError`` where the server gave no answer.
    func findings() async throws(RedisError) -> [StoreFinding] {
        var findings: [StoreFinding] = []
        switch try await ask(["INFO"]) {
        case .bytes(let text):
            let facts = ServerFacts(String(buffer: text))
            findings += facts.findings()
            var settings: [RESPValue] = []
            for name in ServerSettings.names { settings.append(try await ask(["CONFIG", "GET", name])) }
            findings += ServerSettings(settings).findings(facts)
            let check = ReplicaCheck(url: url, timeout: timeout)
            for endpoint in ReplicaCheck.endpoints(facts) {
                if let finding = await check.finding(endpoint) { findings.append(finding) }
            }
        case .error(let message): findings.append(Self.refusal("INFO", message))
        default: throw .unexpectedReply
        }
        findings.append(try await rights())
        findings.append(try await latency())
        return findings
    }

    private func ask(_ arguments: [String]) async throws(RedisError) -> RESPValue {
        let request = RedisRequest(slot: slot, isRepeatable: true) { encoder in
            encoder.command(arguments)
        }
        return try await sender.send(request, deadline: .now() + timeout)
    }

    private static func refusal(_ command: String, _ message: String) -> StoreFinding {
        StoreFinding(
            .warning,
            "rights",
            "\(command) was refused: \(message.prefix { $0 != " " })",
            advice: "Grant +\(command.lowercased()) to this user: without it the store cannot see a policy that evicts."
        )
    }

    /// What the user may do that it should not.
    private func rights() async throws(RedisError) -> StoreFinding {
        guard case .bytes(let name) = try await ask(["ACL", "WHOAMI"]) else {
            return StoreFinding(.fine, "rights", "this user may not look at its own")
        }
        let user = String(buffer: name)
        var allowed: [String] = []
        for danger in Self.dangers {
            switch try await ask(["ACL", "DRYRUN", user] + danger) {
            case .status("OK"): allowed.append(danger[0])
            case .error:
                return StoreFinding(.advice, "rights", "user \(user); what else it may do is not told to it")
            default: continue
            }
        }
        guard !allowed.isEmpty else { return StoreFinding(.fine, "rights", "user \(user), nothing dangerous") }
        return StoreFinding(
            .warning,
            "rights",
            "\(user) may " + allowed.joined(separator: ", "),
            advice: "Make a user of its own with the rules of 'stateline store acl': a mistake or a stolen password "
                + "then reaches sessions alone, and cannot list or flush them."
        )
    }

    private func latency() async throws(RedisError) -> StoreFinding {
        var times: [Int64] = []
        for _ in 0..<Self.pingCount {
            let start = NIODeadline.now()
            _ = try await ask(["PING"])
            times.append((NIODeadline.now() - start).nanoseconds / 1_000)
        }
        times.sort()
        let median = times[times.count / 2]
        let found = "\(times[0]) us at best, \(median) us in the middle, \(times[times.count - 1]) us at worst"
        return median < 2_000
            ? StoreFinding(.fine, "latency", found)
            : StoreFinding(
                .advice,
                "latency",
                found,
                advice: "Each turn waits for one round trip: keep the server in the same zone."
            )
    }
}

extension RedisError {
    /// A reply that no server gives.
    fileprivate static let unexpectedReply = RedisError(
        .protocolViolation,
        .executed,
        message: "the server answered with a reply of another kind"
    )
}
