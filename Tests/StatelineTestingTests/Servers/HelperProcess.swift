import Foundation
import NIOConcurrencyHelpers
import StatelineTesting

/// These tests in another process, of which only ``HelperProcessTests`` run.
final class HelperProcess: Sendable {
    struct Ended: Error {
        let output: String
    }

    private let process: Process
    private let lines: AsyncStream<String>

    /// Which helper this process is; `nil` in the tests themselves.
    static var role: String? { ProcessInfo.processInfo.environment["STATELINE_HELPER"] }

    /// Starts one.
    ///
    /// - Parameters:
    ///   - role: What `STATELINE_HELPER` says in it, which is the helper test that runs.
    ///   - environment: What else it is told.
    /// - Throws: What the system says.
    init(_ role: String, environment: [String: String] = [:]) throws {
        precondition(Self.role == nil, "a helper starts no helper")
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["--testing-library", "swift-testing", "--filter", "HelperProcessTests"]
        process.environment = ProcessInfo.processInfo.environment
            .merging(["STATELINE_HELPER": role]) { $1 }
            .merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        let pipe = try ProcessLaunch.alone {
            let pipe = Pipe()
            process.standardOutput = pipe.fileHandleForWriting
            process.standardError = pipe.fileHandleForWriting
            try process.run()
            try pipe.fileHandleForWriting.close()
            return pipe
        }
        self.process = process
        self.lines = lines
        Thread.detachNewThread {
            var rest = Data()
            while case let data = pipe.fileHandleForReading.availableData, !data.isEmpty {
                rest += data
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    continuation.yield(String(decoding: rest[..<end], as: UTF8.self))
                    rest = Data(rest[(end + 1)...])
                }
            }
            continuation.finish()
        }
    }

    deinit { kill() }

    /// Waits for a line.
    func line(where isWanted: (String) -> Bool) async throws -> String {
        var seen: [String] = []
        for await line in lines {
            if isWanted(line) { return line }
            seen.append(line)
        }
        throw Ended(output: seen.joined(separator: "\n"))
    }

    /// Ends it as kill -9 does.
    func kill() {
        if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
    }

    /// What a command writes.
    static func output(_ name: String, _ arguments: [String]) -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [name] + arguments
        process.standardInput = FileHandle.nullDevice
        let data = try? ProcessLaunch.output(of: process)
        return String(decoding: data ?? Data(), as: UTF8.self)
    }
}
