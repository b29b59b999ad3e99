internal import ArgumentParser
internal import Measurement
@_spi(Benchmark) internal import StatelineRedis
internal import StatelineTesting

/// Runs our side alone, for a profiler.
struct ProfileTopic: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "GET of 1 KiB through our connection and nothing beside it, for perf or callgrind.",
        shouldDisplay: false
    )

    @Option(help: "How many commands at a time.")
    var concurrency = 64

    @Option(help: "How many commands in all.")
    var operations = 640_000

    @Flag(help: "By tasks of the global pool.")
    var pool = false

    func run() async throws {
        try await RedisCertificates.run { certificates in
            try await RedisServer.run { server in
                let run = ConnectionRun(
                    server: server,
                    certificates: certificates,
                    transport: .unix,
                    concurrency: concurrency,
                    operations: operations
                )
                try run.prepare()
                let probe = try await run.connect()
                let cost = try await run.measure(pool ? .onPool : .onLoop, over: probe)
                Progress.print("\(cost.cpu) ns of CPU and \(cost.time) ns of time an operation")
                await probe.close()
            }
        }
    }
}
