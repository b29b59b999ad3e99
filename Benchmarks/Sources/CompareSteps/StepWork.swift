internal import Foundation

/// The work of a step: a kibibyte of text.
///
/// In a check, steps note their runs in a file, and a process that finds no note of the fatal step kills itself in it.
struct StepWork: Sendable {
    /// The number of steps of a check.
    static let stepsOfCheck = 10
    /// The fatal step of a check, which calls a tool.
    static let fatal = 5
    /// The result of a step.
    static let text = String(repeating: "sixteen bytes ..", count: 64)

    /// The file of a check; `nil` to note nothing.
    let runs: String?

    /// Does the work of a step.
    func callAsFunction(_ index: Int) throws -> String {
        guard let runs else { return Self.text }
        let isFirst = try !Self.noted(in: runs).contains(index)
        let file = try FileHandle(forWritingTo: URL(filePath: runs))
        try file.seekToEnd()
        try file.write(contentsOf: Data("\(index)\n".utf8))
        try file.close()
        if index == Self.fatal, isFirst { kill(getpid(), SIGKILL) }
        return Self.text
    }

    /// Returns the indices of the steps that ran, in order.
    static func noted(in runs: String) throws -> [Int] {
        try String(contentsOfFile: runs, encoding: .utf8).split(separator: "\n").compactMap { Int($0) }
    }
}
