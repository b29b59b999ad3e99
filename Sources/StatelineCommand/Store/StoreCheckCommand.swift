#if Redis
internal import ArgumentParser
internal import StatelineRedis

/// `stateline store check`.
struct StoreCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check that sessions are safe on a Redis server, and print what to change.",
        discussion: """
            Checks version, memory, persistence, replicas, rights and latency, and writes, reads and deletes a session \
            of its own. Exits with 1 if sessions cannot be kept on the server, with 0 otherwise.

            EXAMPLES:
              stateline store check redis://127.0.0.1:6379
              stateline store check rediss://app:$PASSWORD@redis.example:6380/0?ca=ca.crt
              stateline store check redis+cluster://10.0.0.1:6379,10.0.0.2:6379 --json
            """
    )

    @Argument(help: ArgumentHelp("The URL of the Redis server.", valueName: "url"), transform: RedisChoice.parse)
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
