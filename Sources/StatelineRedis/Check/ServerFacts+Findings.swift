extension ServerFacts {
    /// Returns the findings that concern sessions.
    func findings() -> [StoreFinding] {
        [
            versionFinding, memoryFinding, evictionFinding, persistenceFinding, replicationFinding, clusterFinding,
        ]
        .compactMap { $0 }
    }

    private var versionFinding: StoreFinding {
        guard let version else { return StoreFinding(.warning, "version", "the server does not report it") }
        let isEnough = Self.isVersion(version, atLeast: [6, 2])
        // Valkey reports its own version beside that of the compatible Redis.
        let name = self["valkey_version"].map { "Valkey \($0), compatible with Redis \(version)" } ?? version
        return isEnough
            ? StoreFinding(.fine, "version", name)
            : StoreFinding(.problem, "version", version, advice: "Use 6.2 or later: the store's script requires it.")
    }

    private var memoryFinding: StoreFinding {
        guard let policy = self["maxmemory_policy"] else {
            return StoreFinding(
                .warning,
                "memory",
                "the server does not report it",
                advice: "Grant +info to this user, so that the store can detect an evicting policy."
            )
        }
        let bound = Int(self["maxmemory"] ?? "") ?? 0
        let found = bound == 0 ? "\(policy), no limit" : "\(policy), at most \(bound) bytes"
        if policy != "noeviction" {
            return StoreFinding(
                .problem,
                "memory",
                found,
                advice: "CONFIG SET maxmemory-policy noeviction: this policy evicts live sessions when memory is "
                    + "full. With noeviction a commit is refused as full, and nothing is lost."
            )
        }
        return bound == 0
            ? StoreFinding(
                .advice,
                "memory",
                found,
                advice: "Set maxmemory below the machine's memory, so that a full server refuses commits "
                    + "before the system kills it."
            )
            : StoreFinding(.fine, "memory", found)
    }

    private var evictionFinding: StoreFinding? {
        guard let count = self["evicted_keys"], count != "0" else { return nil }
        return StoreFinding(
            .warning,
            "eviction",
            "\(count) keys evicted since the server started",
            advice:
                "Sessions may be among them. Set maxmemory-policy noeviction and raise maxmemory; then reset the count "
                + "with CONFIG RESETSTAT."
        )
    }

    private var persistenceFinding: StoreFinding? {
        guard let log = self["aof_enabled"] else { return nil }
        if log == "1" {
            let isSound = self["aof_last_write_status"] != "err"
            return isSound
                ? StoreFinding(.fine, "persistence", "append-only file")
                : StoreFinding(
                    .problem,
                    "persistence",
                    "the last write of the append-only file failed",
                    advice: "Check the disk and the server's log: commits are not on disk."
                )
        }
        return StoreFinding(
            .warning,
            "persistence",
            "no append-only file",
            advice: "CONFIG SET appendonly yes (appendfsync everysec): a restart without it loses the commits "
                + "since the last snapshot, and readers find their sessions regressed."
        )
    }

    private var replicationFinding: StoreFinding? {
        guard let role = self["role"] else { return nil }
        guard role == "master" else {
            return StoreFinding(
                .problem,
                "replication",
                "this is a replica",
                advice: "Connect to the primary, or name the sentinels: redis+sentinel://host:26379/primary."
            )
        }
        let replicas = Int(self["connected_slaves"] ?? "") ?? 0
        return replicas == 0
            ? StoreFinding(
                .advice,
                "replication",
                "no replica",
                advice: "Add a replica, so that sessions outlive the loss of a machine. Replication is asynchronous: "
                    + "use .replicas(n, timeout:) if a commit has to reach it."
            )
            : StoreFinding(.fine, "replication", "\(replicas) replica\(replicas == 1 ? "" : "s")")
    }

    private var clusterFinding: StoreFinding? {
        guard self["cluster_enabled"] == "1" else { return nil }
        return StoreFinding(.fine, "cluster", "this node is part of a cluster")
    }
}
