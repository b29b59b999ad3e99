internal import ArgumentParser
internal import Foundation

/// What a program did, as `valgrind --tool=callgrind` counts it: the same on each run, whatever the machine's load.
struct Callgrind: Equatable {
    /// Instructions executed, in all threads.
    private(set) var instructions = 0
    /// Calls of the C library's allocating functions.
    private(set) var allocations = 0

    private static let allocators: Set<Substring> = [
        "malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc", "memalign",
    ]

    /// Reads a file that callgrind wrote.
    ///
    /// Source: the *Callgrind Format Specification* in Valgrind's manual. A name stands once beside its number, and is
    /// the number alone after that.
    init(file: String) throws(ValidationError) {
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
        guard let total else { throw ValidationError("callgrind wrote no totals") }
        instructions = total
    }

    /// Runs a program and waits until it has ended.
    static func run(_ program: String, _ arguments: [String]) throws -> Callgrind {
        let file = FileManager.default.temporaryDirectory.appending(path: "callgrind-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            ["valgrind", "--tool=callgrind", "--quiet", "--callgrind-out-file=\(file.path)", program] + arguments
        process.environment = ProcessInfo.processInfo.environment
            .merging(["SWIFT_DETERMINISTIC_HASHING": "1"]) { _, new in new }
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ValidationError("valgrind ended with status \(process.terminationStatus)")
        }
        return try Callgrind(file: String(contentsOf: file, encoding: .utf8))
    }
}
