internal import ArgumentParser

@main
struct CompareTurn: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Measures a turn late in a session beside one early in it.",
        subcommands: [TurnTopic.self]
    )
}
