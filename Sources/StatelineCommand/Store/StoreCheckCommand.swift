#if Redis
internal import ArgumentParser
internal import StatelineRedis

/// `stateline store check`.
struct StoreCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say whether sessions are safe in a Redis, and what to change.",
        discussion: """
            Looks at version, memory, persistence, replicas, rights and latency, and writes, reads and deletes a session \
            of its own. Exits with 1 where sessions cannot be kept there, with 0 otherwise.

            EXAMPLES:
              stateline store check redis://127.0.0.1:6379
              stateline store check rediss://app:$PASSWORD@redis.example:6380/0?ca=ca.crt
              stateline store check redis+cluster://10.0.0.1:6379,10.0.0.2:6379 --json
            """
    )

    @Argument(help: ArgumentHelp("Where the Redis is.", valueName: "url"), transform: RedisChoice.parse)
    var url: RedisURL

    @Flag(help: "Print one JSON object instead of the list.")
    var json = false

    func run() async throws {
        let findings = try await RedisStore.check(url)
        let list = FindingList(findings, of: url)
        let terminal = Terminal()
        if json { try terminal.writeLine(list.json) } else { try list.write(to: terminal) }
        if list.hasProblem { throw ExitCode(1) }
    }
}
#endif
