internal import ArgumentParser
internal import Workload

/// A program for callgrind: two runs that differ in `--turns` alone differ by the cost of those turns.
@main
struct FlatTurn: ParsableCommand {
    @Option(help: "How many entries of 1 KiB the session has.")
    var entries: Int

    @Option(help: "How many turns run on each fork.")
    var turns: Int

    @Option(help: "How many forks of the session there are.")
    var forks = 8

    func run() throws {
        let (entries, turns, names) = (entries, turns, (0..<forks).map(String.init))
        try ThisThread()
            .run {
                let workload = try await FlatWorkload(entries: entries)
                try await workload.run(turns: turns, on: workload.forks(names))
            }
    }
}
