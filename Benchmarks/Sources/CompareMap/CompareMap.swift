internal import ArgumentParser

@main
struct CompareMap: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Measures the map and the cache beside their peers.",
        subcommands: [MapTopic.self]
    )
}
