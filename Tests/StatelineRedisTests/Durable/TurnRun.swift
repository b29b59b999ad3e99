import Foundation
import NIOConcurrencyHelpers
import StatelineTesting

/// A run of the executable `TurnProcess`, which the same build puts beside the tests.
final class TurnRun: Sendable {
    private let process: NIOLockedValueBox<Process>
    private let ended: AsyncStream<Void>
    private let output: FileHandle

    /// Starts a process that takes a turn.
    ///
    /// - Parameters:
    ///   - url: The server.
    ///   - id: The session.
    ///   - journal: The file of calls and runs.
    ///   - prompt: The prompt, which is the idempotency key too; `resume` to continue the open turn.
    ///   - policy: The policy.
    ///   - count: The number of turns at the same time, each on a handle of its own.
    ///   - crash: The moment at which the process kills itself: `1 before opened`; `nil` for none.
    /// - Throws: What the process fails to start with.
    init(
        _ url: String,
        _ id: String,
        journal: URL,
        prompt: String,
        policy: String = "reject",
        count: Int = 1,
        crash: String? = nil
    ) throws {
        let process = Process()
        process.executableURL = Bundle.main.executableURL!.deletingLastPathComponent().appending(path: "TurnProcess")
        process.arguments = [url, id, journal.path, prompt, policy, "\(count)"]
        var environment = ProcessInfo.processInfo.environment
        if let crash { environment["STATELINE_CRASH_POINT"] = crash }
        // Many processes on a busy machine are slow, and must not take each other for dead.
        if count > 1 { environment["STATELINE_TERM"] = "20000" }
        process.environment = environment
        let (ended, end) = AsyncStream.makeStream(of: Void.self)
        process.terminationHandler = { _ in end.finish() }
        self.output = try ProcessLaunch.alone {
            let output = Pipe()
            process.standardOutput = output
            process.standardInput = FileHandle.nullDevice
            try process.run()
            try output.fileHandleForWriting.close()
            return output.fileHandleForReading
        }
        self.process = NIOLockedValueBox(process)
        self.ended = ended
    }

    deinit { kill() }

    /// Ends the process with SIGKILL.
    func kill() {
        process.withLockedValue { if $0.isRunning { Foundation.kill($0.processIdentifier, SIGKILL) } }
    }

    /// Waits for the end of the process.
    ///
    /// - Returns: Its last line; `nil` if it was killed before it said one.
    func line() async -> String? { await lines().last }

    /// Waits for the end of the process.
    ///
    /// - Returns: Its lines.
    func lines() async -> [String] {
        for await _ in ended {}
        let text = String(decoding: output.readDataToEndOfFile(), as: UTF8.self)
        return text.split(separator: "\n").map(String.init)
    }
}
