internal import Foundation
internal import Workload

/// One operation under callgrind: in one process a short run of it, then a long one.
///
/// The difference of the two, divided by their difference in operations, is the cost of one: the costs of beginning and
/// ending a run cancel out. Preparation is not counted, and runs many times faster.
struct CallgrindRun {
    private let process = Process()
    private let operation: HotOperation
    private let folder: URL

    private var file: URL { folder.appending(path: "counts") }

    /// Starts a process.
    init(_ program: String, _ operation: HotOperation) throws {
        self.operation = operation
        folder = FileManager.default.temporaryDirectory.appending(path: "callgrind-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "valgrind", "--tool=callgrind", "--quiet", "--instr-atstart=no", "--callgrind-out-file=\(file.path)",
            program, operation.rawValue,
        ]
        // Nothing of the caller's environment that could change a count, such as options of valgrind or of the
        // allocator.
        let kept = ["PATH", "LD_LIBRARY_PATH", "TMPDIR"]
        process.environment = ProcessInfo.processInfo.environment.filter { kept.contains($0.key) }
            .merging(["SWIFT_DETERMINISTIC_HASHING": "1"]) { _, new in new }
        process.standardOutput = FileHandle.nullDevice
        do { try process.run() } catch {
            try? FileManager.default.removeItem(at: folder)
            throw error
        }
    }

    /// Waits until the process has ended, and returns the cost of one operation.
    func cost() throws -> HotCost {
        defer { try? FileManager.default.removeItem(at: folder) }
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Callgrind.Failure(
                description: "valgrind ended with status \(process.terminationStatus) at: \(operation.rawValue)"
            )
        }
        let counts = try (1...2)
            .map { part in
                guard let text = try? String(contentsOfFile: "\(file.path).\(part)", encoding: .utf8) else {
                    throw Callgrind.Failure(
                        description: "HotPaths was built without valgrind/callgrind.h: install valgrind, touch"
                            + " Benchmarks/Sources/CCounts/counts.c and build again"
                    )
                }
                return try Callgrind(file: text)
            }
        let runs = operation.runs
        let count = Double((runs.long - runs.short) * operation.operationsInRun)
        return HotCost(
            instructions: Double(counts[1].instructions - counts[0].instructions) / count,
            allocations: Double(counts[1].allocations - counts[0].allocations) / count
        )
    }
}
