internal import ArgumentParser

@main
struct CompareSteps: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Measures what it costs to make each step of a turn durable.",
        subcommands: [StepsTopic.self, CheckedTurn.self]
    )
}
