extension RedisCluster {
    /// Returns the node that serves a slot: of the nodes that claim it, the one with the newest claim.
    ///
    /// Dead and paused nodes are skipped.
    ///
    /// - Parameter slot: The slot, below 16,384.
    /// - Returns: The node.
    /// - Throws: ``RedisServerError`` if no node serves it.
    public func primary(of slot: Int) throws -> RedisServer {
        let claims = try nodes.filter { $0.isRunning && !$0.isPaused }
            .compactMap { node in
                try Self.claim(of: slot, in: node.command(["CLUSTER", "NODES"])).map { (epoch: $0, node: node) }
            }
        guard let claim = claims.max(by: { $0.epoch < $1.epoch }) else {
            throw RedisServerError(.notStarted, message: "no node serves slot \(slot)")
        }
        return claim.node
    }

    /// Returns a replica of a primary, in the view of the primary or, if it is not running, of another node.
    ///
    /// - Parameter primary: The primary.
    /// - Returns: The replica.
    /// - Throws: ``RedisServerError`` if there is none.
    public func replica(of primary: RedisServer) throws -> RedisServer {
        let others = nodes.filter { $0 !== primary && $0.isRunning && !$0.isPaused }
        for node in others {
            let port = try node.info("master_port")
            if try node.info("role") == "slave", port == String(primary.port) { return node }
        }
        throw RedisServerError(.notStarted, message: "the primary has no replica")
    }

    /// Makes a replica the primary of its slots, and waits until it reports that role.
    ///
    /// - Parameters:
    ///   - replica: The replica.
    ///   - isForced: `true` to skip the consent of its primary, for one that is not running.
    /// - Throws: ``RedisServerError`` if it does not become one.
    public func failover(to replica: RedisServer, isForced: Bool = false) async throws {
        try replica.command(["CLUSTER", "FAILOVER"] + (isForced ? ["FORCE"] : []))
        try await replica.wait(until: "the replica is the primary") { try $0.info("role") == "master" }
    }

    /// Begins to move a slot: from now on the source answers `ASK` for keys that it does not have.
    ///
    /// - Parameters:
    ///   - slot: The slot.
    ///   - source: The node that serves it.
    ///   - target: The node that will serve it.
    /// - Throws: ``RedisServerError`` if a node refuses.
    public func beginMigration(of slot: Int, from source: RedisServer, to target: RedisServer) throws {
        try target.command(["CLUSTER", "SETSLOT", String(slot), "IMPORTING", try source.clusterID])
        try source.command(["CLUSTER", "SETSLOT", String(slot), "MIGRATING", try target.clusterID])
    }

    /// Moves one key of a slot that is being moved.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - source: The node that serves it.
    ///   - target: The node that will serve it.
    /// - Throws: ``RedisServerError`` if a node refuses.
    public func migrate(key: String, from source: RedisServer, to target: RedisServer) throws {
        let credentials = target.options.password.map { ["AUTH", $0] } ?? []
        try source.command(["MIGRATE", "127.0.0.1", String(target.port), key, "0", "5000"] + credentials)
    }

    /// Returns the keys of a slot that a node has.
    ///
    /// - Parameters:
    ///   - slot: The slot.
    ///   - node: The node.
    /// - Returns: At most 10,000 keys.
    /// - Throws: ``RedisServerError`` if the node does not answer.
    public func keys(of slot: Int, in node: RedisServer) throws -> [String] {
        try node.command(["CLUSTER", "GETKEYSINSLOT", String(slot), "10000"]).split(separator: "\n").map(String.init)
    }

    /// Ends the move of a slot whose keys have been moved, and tells all nodes.
    ///
    /// - Parameters:
    ///   - slot: The slot.
    ///   - target: The node that serves it now.
    /// - Throws: ``RedisServerError`` if a node refuses.
    public func endMigration(of slot: Int, to target: RedisServer) throws {
        let id = try target.clusterID
        try target.command(["CLUSTER", "SETSLOT", String(slot), "NODE", id])
        for node in nodes where node !== target && node.isRunning && !node.isPaused {
            guard try node.info("role") == "master" else { continue }
            try node.command(["CLUSTER", "SETSLOT", String(slot), "NODE", id])
        }
    }

    /// Moves a slot and all its keys.
    ///
    /// - Parameters:
    ///   - slot: The slot.
    ///   - source: The node that serves it.
    ///   - target: The node that will serve it.
    /// - Throws: ``RedisServerError`` if a node refuses.
    public func migrate(slot: Int, from source: RedisServer, to target: RedisServer) throws {
        try beginMigration(of: slot, from: source, to: target)
        while case let keys = try keys(of: slot, in: source), !keys.isEmpty {
            for key in keys { try migrate(key: key, from: source, to: target) }
        }
        try endMigration(of: slot, to: target)
    }

    /// Returns the epoch at which a node claims a slot, from its own line of `CLUSTER NODES`; `nil` if it does not
    /// claim it.
    static func claim(of slot: Int, in nodes: String) -> Int? {
        let lines = nodes.split(separator: "\n").map { $0.split(separator: " ") }
        guard let line = lines.first(where: { $0.count > 7 && $0[2].contains("myself") }), line[2].contains("master"),
            let epoch = Int(line[6])
        else { return nil }
        let isClaimed = line[8...]
            .contains { range in
                let ends = range.split(separator: "-").compactMap { Int($0) }
                guard let first = ends.first, let last = ends.last, !range.hasPrefix("[") else { return false }
                return (first...last).contains(slot)
            }
        return isClaimed ? epoch : nil
    }
}
