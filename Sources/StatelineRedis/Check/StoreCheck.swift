internal import NIOCore

/// The check of one server of a store: version, memory, persistence, replicas, rights and latency.
struct StoreCheck: Sendable {
    /// The number of pings that measure the latency.
    private static let pingCount = 64
    /// The commands that the store's user should not be allowed to run.
    private static let dangers = [
        ["KEYS", "*"], ["SCAN", "0"], ["RANDOMKEY"], ["FLUSHALL"], ["FLUSHDB"], ["CONFIG", "GET", "*"],
        ["DEBUG", "JMAP"], ["MIGRATE", "h", "1", "k", "0", "1"],
    ]

    let sender: any RedisSender
    /// A slot of the checked node; `nil` if there is only one.
    let slot: HashSlot?
    let timeout: TimeAmount
    /// The servers and the credentials, to reach their replicas.
    let url: RedisURL

    /// Runs all checks.
    ///
    /// - Returns: The findings, in the order of the list above.
    /// - Throws: ``RedisError`` if the server gave no answer.
    func findings() async throws(RedisError) -> [StoreFinding] {
        var findings: [StoreFinding] = []
        switch try await ask(["INFO"]) {
        case .bytes(let text):
            let facts = ServerFacts(String(buffer: text))
            findings += facts.findings()
            findings += try await settings(facts)
            let check = ReplicaCheck(url: url, timeout: timeout)
            for endpoint in ReplicaCheck.endpoints(facts) {
                if let finding = await check.finding(endpoint) { findings.append(finding) }
            }
        case .error(let message):
            findings.append(Self.refusal(message))
            findings += try await settings(ServerFacts(""))
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

    private func settings(_ facts: ServerFacts) async throws(RedisError) -> [StoreFinding] {
        var replies: [RESPValue] = []
        for name in ServerSettings.names { replies.append(try await ask(["CONFIG", "GET", name])) }
        return ServerSettings(replies).findings(facts)
    }

    private static func refusal(_ message: String) -> StoreFinding {
        let code = RedisError.code(of: message)
        return StoreFinding(
            .warning,
            "server",
            "not readable: version, memory, persistence, replicas" + (code == "NOPERM" ? " (+info)" : " (\(code))"),
            advice: "Grant +info to this user: without it an evicting policy is not detected."
        )
    }

    /// Checks the rights that the user should not have.
    private func rights() async throws(RedisError) -> StoreFinding {
        let answer = try await ask(["ACL", "WHOAMI"])
        guard case .bytes(let name) = answer else {
            return Self.unreadableRights("this user's rights", answer, missing: "+acl|whoami +acl|dryrun")
        }
        let user = String(buffer: name)
        var allowed: [String] = []
        for danger in Self.dangers {
            let answer = try await ask(["ACL", "DRYRUN", user] + danger)
            switch answer {
            case .status("OK"): allowed.append(danger[0])
            case .error: return Self.unreadableRights("the rights of \(user)", answer, missing: "+acl|dryrun")
            default: continue
            }
        }
        guard !allowed.isEmpty else { return StoreFinding(.fine, "rights", "user \(user) has no dangerous rights") }
        return StoreFinding(
            .warning,
            "rights",
            "\(user) may " + allowed.joined(separator: ", "),
            advice: "Create a separate user with the rules that 'stateline store acl' prints: a mistake or a stolen "
                + "password then reaches only sessions, and cannot list or flush them."
        )
    }

    /// Returns the finding about rights that cannot be read: for want of a right, or in a server without access lists.
    private static func unreadableRights(_ what: String, _ answer: RESPValue, missing: String) -> StoreFinding {
        guard answer.errorCode == "NOPERM" else {
            return StoreFinding(
                .unchecked,
                "rights",
                "not readable: \(what)",
                advice: "The server has no ACL WHOAMI or no ACL DRYRUN, which came with Redis 7.0: compare the user's "
                    + "rights with those that 'stateline store acl' prints."
            )
        }
        return StoreFinding(
            .unchecked,
            "rights",
            "not readable: \(what) (\(missing))",
            advice: "Run this check as an administrator, or grant \(missing) to this user, or compare its rights with "
                + "those that 'stateline store acl' prints. The store does not need these rights."
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
        let found = "minimum \(times[0]) us, median \(median) us, maximum \(times[times.count - 1]) us"
        return median < 2_000
            ? StoreFinding(.fine, "latency", found)
            : StoreFinding(
                .advice,
                "latency",
                found,
                advice: "Run the server in the same zone: each turn waits for one round trip."
            )
    }
}

extension RESPValue {
    /// The code of an error; `nil` for another reply.
    var errorCode: String? {
        guard case .error(let text) = self else { return nil }
        return RedisError.code(of: text)
    }
}

extension RedisError {
    /// A reply of an unexpected type.
    fileprivate static let unexpectedReply = RedisError(
        .protocolViolation,
        .executed,
        message: "the server sent a reply of an unexpected type"
    )
}
