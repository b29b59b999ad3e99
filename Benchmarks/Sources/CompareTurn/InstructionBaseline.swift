internal import Callgrind
internal import Foundation
internal import Measurement
internal import Workload

/// The conditions that counts of instructions depend on, beside the code.
struct Conditions: Hashable {
    /// The conditions in one line.
    let text: String

    /// The conditions of this run.
    static var current: Conditions {
        let machine = Machine.current
        let library = machine.versions["glibc"].map { "glibc \($0)" } ?? "another C library than glibc"
        let compiler = machine.swift ?? "Swift of unknown version"
        let flags = ["avx", "avx2"].map { Machine.hasFeature($0) ? $0 : "no \($0)" }
        return Conditions(text: ([compiler, library] + flags).joined(separator: "; "))
    }
}

/// The committed counts of instructions: one line for each operation, below comments with the conditions.
struct InstructionBaseline {
    /// The conditions of the counts.
    let conditions: Conditions
    private let instructions: [String: Double]

    private static let mark = "# counted with: "

    /// Makes a baseline of counts.
    init(_ costs: [HotOperation: HotCost], conditions: Conditions) {
        self.conditions = conditions
        instructions = Dictionary(uniqueKeysWithValues: costs.map { ($0.key.rawValue, $0.value.instructions) })
    }

    /// Reads a file.
    init(file: String) throws {
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        conditions = Conditions(
            text: lines.first { $0.hasPrefix(Self.mark) }.map { String($0.dropFirst(Self.mark.count)) }
                ?? "nothing known"
        )
        var instructions: [String: Double] = [:]
        for line in lines where !line.hasPrefix("#") && line != Self.columns {
            // A name may have a comma in it, a count has none.
            guard let comma = line.lastIndex(of: ","), let count = Double(line[line.index(after: comma)...]) else {
                throw Callgrind.Failure(description: "no count: \(line)")
            }
            instructions[String(line[..<comma])] = count
        }
        self.instructions = instructions
    }

    /// The instructions of an operation.
    subscript(operation: HotOperation) -> Double? { instructions[operation.rawValue] }

    /// The names in the file that are no operations any more.
    var unknownNames: [String] {
        instructions.keys.filter { HotOperation(rawValue: $0) == nil }.sorted()
    }

    /// Writes a file.
    func write(to file: String) throws {
        let counts = HotOperation.allCases.compactMap { operation in
            self[operation].map { "\(operation.rawValue),\(($0 * 10).rounded() / 10)" }
        }
        let lines = Self.about + [Self.mark + conditions.text, Self.columns] + counts
        try (lines.joined(separator: "\n") + "\n").write(toFile: file, atomically: true, encoding: .utf8)
    }

    private static let columns = "operation,instructions"
    private static let about = [
        "# Instructions that hot operations take, which `Benchmarks/compare gate` requires within 3 %, both ways.",
        "# Written by `Benchmarks/compare gate --accept`; commit it with the change that moved a count.",
    ]
}
