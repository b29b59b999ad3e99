internal import ArgumentParser
internal import Foundation
internal import Stateline
internal import StatelineRedis
internal import StatelineTesting

/// The turn of a check, as a process that a step kills.
struct CheckedTurn: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checked-turn",
        abstract: "Run the turn of a check.",
        shouldDisplay: false
    )

    @Option(help: ArgumentHelp("The server.", valueName: "url"))
    var url: String

    @Option(help: ArgumentHelp("The file in which steps note their runs.", valueName: "file"))
    var runs: String

    func run() async throws {
        let driver = TurnSteps(boundary: Boundary(store: RedisStore(try RedisURL(url))))
        let steps = StepWork.stepsOfCheck
        let kept = try await driver.run(SessionKey("check"), steps: steps, work: StepWork(runs: runs))
        guard kept == steps else { throw MissingSteps(kept: kept, steps: steps) }
    }

    /// The error of a store that did not keep the steps of a dead process.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Checks that steps are durable on a server.
    ///
    /// A process that runs a turn is killed in the sixth step, and so is the server if the storage outlives it. Another
    /// process must end the turn, and the first five steps must not run again.
    ///
    /// - Throws: ``Failure``.
    static func check(_ storage: StepStorage, on server: RedisServer) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "runs-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data().write(to: file)
        let url = "redis://127.0.0.1:\(server.port)"
        let first = try await launch(["--url", url, "--runs", file.path()])
        guard first == SIGKILL else { throw Failure(description: "its process ended with status \(first)") }
        if storage.outlivesServer { try await server.restart() }
        let second = try await launch(["--url", url, "--runs", file.path()])
        let noted = try StepWork.noted(in: file.path())
        let counts = (0..<StepWork.stepsOfCheck).map { step in noted.count { $0 == step } }
        let expected = (0..<StepWork.stepsOfCheck).map { $0 == StepWork.fatal ? 2 : 1 }
        guard second == 0, counts == expected else {
            throw Failure(description: "steps ran \(counts) times, not \(expected), and the turn ended with \(second)")
        }
    }

    /// Runs this program and returns the signal that killed it, or its exit status.
    private static func launch(_ arguments: [String]) async throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: CommandLine.arguments[0])
        process.arguments = [configuration.commandName ?? ""] + arguments
        return try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
    }
}
