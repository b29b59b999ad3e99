internal import ArgumentParser

@main
struct CompareRedis: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Measures our connection to Redis beside redis-benchmark.",
        subcommands: [RedisTopic.self, ProfileTopic.self]
    )
}
