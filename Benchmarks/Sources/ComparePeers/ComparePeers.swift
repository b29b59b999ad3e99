internal import ArgumentParser

@main
struct ComparePeers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Measures what a turn costs its store, beside libraries of other languages.",
        subcommands: [PeersTopic.self]
    )
}
