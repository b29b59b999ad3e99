internal import ArgumentParser
internal import CCounts
internal import Workload

/// A program for callgrind: it prepares one operation, then does it a few times and writes what that took, then many
/// times and writes what that took.
@main
struct HotPaths: ParsableCommand {
    @Argument(help: "The operation.")
    var operation: HotOperation

    func run() throws {
        let operation = operation
        try ThisThread()
            .run {
                let path = try await operation.prepared()
                // What is made once, at the first use, is made now.
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

/// Does something a number of times.
typealias HotPath = (_ times: Int) async throws -> Void

/// Takes a result, so that it has to be made.
@inline(never)
func keep(_ result: some Any) {}
