internal import ArgumentParser

@main
struct CompareProcess: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Measures what needs this process alone: what metrics cost, and what idle sessions take.",
        subcommands: [MetricsTopic.self, IdleTopic.self]
    )
}
