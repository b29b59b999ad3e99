internal import Foundation
package import Workload

/// The counts of `valgrind --tool=callgrind` for a program, which are the same on each run under any load.
package struct Callgrind: Equatable, Sendable {
    /// The reason why there are no counts.
    package struct Failure: Error, CustomStringConvertible {
        /// The reason, in one line.
        package let description: String

        /// Creates a failure.
        package init(description: String) {
            self.description = description
        }
    }

    /// Instructions executed, in all threads.
    private(set) var instructions = 0
    /// Calls of the C library's allocating functions.
    private(set) var allocations = 0

    private static let allocators: Set<Substring> = [
        "malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc", "memalign",
    ]

    /// Reads a file that callgrind wrote.
    ///
    /// Source: the *Callgrind Format Specification* in Valgrind's manual. A name appears once beside its number, and
    /// as the number alone after that.
    init(file: String) throws(Failure) {
        var names: [Substring: Substring] = [:]
        var callee: Substring = ""
        var total: Int?
        for line in file.split(separator: "\n") {
            if line.hasPrefix("fn=") || line.hasPrefix("cfn=") {
                let parts = line.drop { $0 != "(" }.split(separator: " ", maxSplits: 1)
                guard let number = parts.first else { continue }
                if parts.count == 2 { names[number] = parts[1] }
                if line.hasPrefix("cfn=") { callee = names[number] ?? "" }
            } else if line.hasPrefix("calls="), Self.allocators.contains(callee) {
                allocations += line.dropFirst(6).split(separator: " ").first.flatMap { Int($0) } ?? 0
            } else if line.hasPrefix("totals: ") {
                total = Int(line.dropFirst(8))
            }
        }
        guard let total else { throw Failure(description: "callgrind wrote no totals") }
        instructions = total
    }

    /// Counts the costs of operations in processes of their own, two at a time.
    ///
    /// - Parameters:
    ///   - operations: The operations to count.
    ///   - program: The `HotPaths` program.
    ///   - progress: A function that is called as each operation begins.
    /// - Returns: The costs.
    /// - Throws: ``Failure``, or the error of starting valgrind.
    package static func costs(
        of operations: [HotOperation],
        program: String,
        progress: (HotOperation) -> Void
    ) throws -> [HotOperation: HotCost] {
        var costs: [HotOperation: HotCost] = [:]
        for start in stride(from: 0, to: operations.count, by: 2) {
            let runs = try operations[start..<min(start + 2, operations.count)]
                .map { operation in
                    progress(operation)
                    return (operation, try CallgrindRun(program, operation))
                }
            for (operation, run) in runs { costs[operation] = try run.cost() }
        }
        return costs
    }
}

/// The cost of one operation.
package struct HotCost: Hashable, Sendable {
    /// Instructions.
    package let instructions: Double
    /// Calls of the C library's allocating functions.
    package let allocations: Double
}
