internal import NIOCore
internal import NIOPosix

/// A check that the replicas of a primary would not evict sessions after a promotion.
struct ReplicaCheck: Sendable {
    let url: RedisURL
    let timeout: TimeAmount

    /// Returns the endpoints of the replicas that a primary names in `INFO replication`.
    static func endpoints(_ facts: ServerFacts) -> [RedisEndpoint] {
        var endpoints: [RedisEndpoint] = []
        while let line = facts["slave\(endpoints.count)"] {
            var fields: [Substring: Substring] = [:]
            for field in line.split(separator: ",") {
                let parts = field.split(separator: "=", maxSplits: 1)
                if parts.count == 2 { fields[parts[0]] = parts[1] }
            }
            guard let host = fields["ip"], let port = fields["port"].flatMap({ Int($0) }) else { break }
            endpoints.append(.host(String(host), port: port))
        }
        return endpoints
    }

    private static func reason(of reply: Result<RESPValue, RedisError>) -> String {
        switch reply {
        case .success(let value): value.errorCode.map { $0 == "NOPERM" ? "+info" : $0 } ?? "not reported"
        case .failure(let error): error.reason == .denied ? "login refused" : "no connection"
        }
    }

    /// Checks one replica.
    ///
    /// - Returns: A finding if the replica's policy evicts, or it gave no answer; otherwise `nil`.
    func finding(_ endpoint: RedisEndpoint) async -> StoreFinding? {
        let replica = RedisURL(
            topology: .server(endpoint),
            credentials: url.credentials,
            tls: url.tls,
            options: url.options
        )
        let client = RedisClient(replica, ClusterConfiguration(RedisConfiguration(), url.options))
        let reply: Result<RESPValue, RedisError>
        let request = RedisRequest(slot: nil, isRepeatable: true) { $0.command(["INFO", "memory"]) }
        do throws(RedisError) { reply = .success(try await client.send(request, deadline: .now() + timeout)) } catch {
            reply = .failure(error)
        }
        await client.close()
        guard case .success(.bytes(let text)) = reply,
            let policy = ServerFacts(String(buffer: text))["maxmemory_policy"]
        else {
            return StoreFinding(
                .unchecked,
                "replica",
                "not readable: maxmemory-policy of \(endpoint) (\(Self.reason(of: reply)))",
                advice: "Check on that machine that it is noeviction: a promoted replica keeps its own policy."
            )
        }
        guard policy != "noeviction" else { return nil }
        return StoreFinding(
            .problem,
            "replica",
            "\(endpoint) has maxmemory-policy \(policy)",
            advice: "CONFIG SET maxmemory-policy noeviction there: after a promotion it evicts live sessions."
        )
    }
}
