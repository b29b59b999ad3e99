internal import ArgumentParser

@main
struct Compare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Measures alternatives side by side, in one interleaved run.",
        subcommands: [Turn.self, Transport.self, DiscardServer.self]
    )
}
