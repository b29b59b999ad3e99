internal import NIOCore
internal import NIOPosix

/// Asks the replicas of a primary whether they would evict sessions once they are promoted.
struct ReplicaCheck: Sendable {
    let url: RedisURL
    let timeout: TimeAmount

    /// The endpoints of the replicas that a primary names in `INFO replication`.
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

    /// Asks one replica.
    ///
    /// - Returns: A finding if its policy evicts or it cannot be asked, otherwise `nil`.
    func finding(_ endpoint: RedisEndpoint) async -> StoreFinding? {
        let replica = RedisURL(
            topology: .server(endpoint),
            credentials: url.credentials,
            tls: url.tls,
            options: url.options
        )
        let client = RedisClients.make(for: replica, ClusterConfiguration(RedisConfiguration(), url.options))
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
                .advice,
                "replica",
                "\(endpoint) did not tell its maxmemory-policy",
                advice: "Check on that machine that it is noeviction: a replica that is promoted brings its own policy."
            )
        }
        guard policy != "noeviction" else { return nil }
        return StoreFinding(
            .problem,
            "replica",
            "\(endpoint) has maxmemory-policy \(policy)",
            advice: "CONFIG SET maxmemory-policy noeviction there: once it is promoted it deletes live sessions."
        )
    }
}
