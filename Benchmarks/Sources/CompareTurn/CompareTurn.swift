internal import ArgumentParser

@main
struct CompareTurn: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Counts what hot operations take, and measures a turn late in a session beside one early in it.",
        subcommands: [TurnTopic.self, GateTopic.self, AnswerTopic.self]
    )
}
