internal import ArgumentParser
internal import CCounts
internal import Workload

/// A program for callgrind: prepares one operation, does it a few times and writes the cost, then many times and writes
/// the cost.
@main
struct HotPaths: ParsableCommand {
    @Argument(help: "The operation.")
    var operation: HotOperation

    func run() throws {
        let operation = operation
        try ThisThread()
            .run {
                let path = try await operation.prepared()
                // Makes what is made once, at the first use.
                try await path(operation.runs.short)
                stateline_counts_start()
                try await path(operation.runs.short)
                stateline_counts_write()
                try await path(operation.runs.long)
                stateline_counts_write()
            }
    }
}

extension HotOperation: ExpressibleByArgument {}

/// A function that does an operation `times` times.
typealias HotPath = (_ times: Int) async throws -> Void

/// Takes a result, so that the optimiser does not remove its computation.
@inline(never)
func keep(_ result: some Any) {}
