internal import ArgumentParser
internal import Callgrind
internal import Measurement
internal import Workload

/// Compares the cost of a byte of a long answer with that of a short one, plain and streamed, in pieces of 7 bytes.
///
/// The cost of an answer is linear in its size if that of a byte does not grow.
struct AnswerTopic: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "answer",
        abstract: "Instructions for each byte of an answer of 5 and 10 MB beside one of 1 MB."
    )

    @Option(help: .hidden)
    var program: String

    @OptionGroup var options: RunOptions

    /// The largest allowed ratio of the cost of a byte to that in the shortest answer.
    private static let bound = 1.05

    func run() throws {
        let operations = HotOperation.allCases.filter { operation in
            guard let answer = operation.longAnswer else { return false }
            return !options.quick || answer.megabytes < 10
        }
        let costs = try Callgrind.costs(of: operations, program: program) { Progress.print("answer: \($0.rawValue)") }
        let cases = operations.compactMap { operation -> Report.Case? in
            guard let answer = operation.longAnswer, answer.megabytes > 1,
                let shortest = operations.first(where: { $0.longAnswer?.isStreamed == answer.isStreamed }),
                let shortAnswer = shortest.longAnswer, let long = costs[operation], let short = costs[shortest]
            else { return nil }
            let ours = long.instructions / Double(answer.byteCount)
            let theirs = short.instructions / Double(shortAnswer.byteCount)
            return Report.Case(
                name: operation.rawValue,
                peer: "of \(shortAnswer.megabytes) MB",
                ours: ours,
                theirs: theirs,
                unit: "instructions a byte",
                ratio: Ratio(exactly: ours / theirs),
                target: .atMost(Self.bound)
            )
        }
        try options.finish(Report(cases))
    }
}
