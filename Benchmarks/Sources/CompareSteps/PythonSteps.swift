internal import Foundation
internal import Measurement

/// A library that runs durable turns on command, in a process of its own: `steps.py`.
struct PythonSteps: StepContender {
    /// The library.
    let peer: StepPeer
    private let process: ScriptProcess
    private let folder: URL

    /// The library's name and version.
    var name: String { peer.name(version: process.greeting.first ?? "") }
    /// The settings of its server, as the server tells them.
    var settings: String { process.greeting.dropFirst().joined(separator: " ") }

    /// Starts a library, which first checks that its steps are durable.
    init(_ peer: StepPeer, python: String, script: String) throws {
        self.peer = peer
        folder = FileManager.default.temporaryDirectory.appending(path: "steps-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        do {
            process = try ScriptProcess(python, [script, peer.rawValue, folder.path()])
        } catch {
            try? FileManager.default.removeItem(at: folder)
            throw error
        }
    }

    /// Runs a turn and returns the cost of a step.
    func measure(steps: Int) throws -> StepCost {
        let reply = try process.send("turn \(steps)", replies: 2)
        return StepCost(milliseconds: reply[0], cpu: reply[1]) / steps
    }

    /// Runs a turn and returns the number of requests to the server for each step.
    func countRequests(steps: Int) throws -> Double? {
        try process.send("count \(steps)", replies: 1)[0] / Double(steps)
    }

    /// Ends the process and its server, and removes their files.
    func stop() {
        process.stop()
        try? FileManager.default.removeItem(at: folder)
    }
}
