internal import ArgumentParser

@main
struct CompareTransport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Measures ways to send a body side by side.",
        subcommands: [TransportTopic.self, DiscardServer.self]
    )
}
