internal import ArgumentParser
internal import Callgrind
internal import Measurement
internal import Workload

/// Compares the instructions of hot operations with the committed counts.
///
/// The counts do not depend on the machine's load. They depend on the compiler, on the C library, and on the processor
/// that callgrind emulates, which is the same on all machines with AVX2. If one of these differs from the baseline's, a
/// count that moved is printed and no verdict is given (exit status 75).
struct GateTopic: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gate",
        abstract: "Instructions of hot operations beside the committed baseline: within 3 %, both ways."
    )

    @Flag(help: "Write the baseline anew, with what is counted now: for a change that is made on purpose.")
    var accept = false

    @Option(help: .hidden)
    var program: String

    @Option(help: .hidden)
    var baseline: String

    @OptionGroup var options: RunOptions

    /// The largest relative difference of a count from its baseline.
    private static let share = 0.03

    func validate() throws {
        guard !accept || !options.quick else { throw ValidationError("a baseline has all operations: not --quick") }
    }

    func run() throws {
        let operations = HotOperation.allCases.filter { $0.longAnswer == nil && (!options.quick || !$0.isLate) }
        let costs = try Callgrind.costs(of: operations, program: program) { Progress.print("gate: \($0.rawValue)") }
        if accept {
            try InstructionBaseline(costs, conditions: .current).write(to: baseline)
            Progress.print("written: \(baseline)")
        }
        let committed = try InstructionBaseline(file: baseline)
        let cases = operations.compactMap { operation -> Report.Case? in
            guard let now = costs[operation]?.instructions, let then = committed[operation] else { return nil }
            return Report.Case(
                name: operation.rawValue,
                peer: "the baseline",
                ours: now,
                theirs: then,
                unit: "instructions",
                ratio: Ratio(exactly: now / then),
                target: .near(Self.share)
            )
        }
        let unknown = operations.filter { committed[$0] == nil }.map { "a baseline of: \($0.rawValue)" }
        let gone = committed.unknownNames.map { "an operation called \($0), which the baseline has" }
        do {
            try options.finish(Report(cases), missing: unknown + gone, footer: footer(cases))
        } catch {
            guard committed.conditions == .current || !unknown.isEmpty || !gone.isEmpty else {
                Progress.print("VERDICT WITHHELD: the baseline was counted with \(committed.conditions.text)")
                Progress.print("and this with \(Conditions.current.text); --accept writes it anew")
                throw ExitCode(75)
            }
            throw error
        }
    }

    /// Describes the counts that moved.
    private func footer(_ cases: [Report.Case]) -> [String] {
        cases.filter { !$0.isWithinTarget }
            .map { item in
                let percent = ((item.ratio.value - 1) * 1_000).rounded() / 10
                return percent > 0
                    ? "SLOWER: \(item.name) takes \(percent) % more instructions than its baseline."
                    : "FASTER: \(item.name) takes \(-percent) % fewer instructions: renew the baseline with --accept."
            }
    }
}
