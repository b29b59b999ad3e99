import Foundation
import NIOConcurrencyHelpers
import Stateline
import StatelineLoad
import StatelineTesting

/// The executable `RedisWriter`, which the same build puts beside the tests, as a process.
final class WriterProcess: Sendable {
    struct Unexpected: Error, CustomStringConvertible {
        var description: String
    }

    private let process: NIOLockedValueBox<Process>
    private let input: FileHandle
    private let order: String
    private let lines: AsyncStream<String>
    private let ended: AsyncStream<Void>

    /// Starts it, to write to a session whose names have no spaces.
    init(
        _ url: String,
        _ key: SessionKey,
        tasks: Int,
        appends: Int,
        work: String = "batches",
        environment: [String: String] = [:]
    ) throws {
        let process = Process()
        let folder = Bundle.main.executableURL!.deletingLastPathComponent()
        process.executableURL = folder.appending(path: "RedisWriter")
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let (ended, end) = AsyncStream.makeStream(of: Void.self)
        process.terminationHandler = { _ in end.finish() }
        let (input, output) = try ProcessLaunch.alone {
            let (input, output) = (Pipe(), Pipe())
            process.standardInput = input
            process.standardOutput = output
            try process.run()
            try output.fileHandleForWriting.close()
            try input.fileHandleForReading.close()
            return (input, output)
        }
        self.process = NIOLockedValueBox(process)
        self.input = input.fileHandleForWriting
        self.order = "\(url) \(key.tenant.rawValue) \(key.id) \(tasks) \(appends) \(work)\n"
        self.lines = Self.lines(of: output.fileHandleForReading)
        self.ended = ended
    }

    deinit {
        process.withLockedValue { if $0.isRunning { Foundation.kill($0.processIdentifier, SIGKILL) } }
    }

    /// Lets it begin, once it is ready.
    func begin() async throws {
        for await line in lines {
            guard line == "ready" else { throw Unexpected(description: "RedisWriter said: \(line)") }
            return try input.write(contentsOf: Data(order.utf8))
        }
        throw Unexpected(description: "RedisWriter ended at its start")
    }

    /// Lets it go on when it has said what its first batch is.
    func proceed() throws {
        try input.write(contentsOf: Data("go\n".utf8))
    }

    /// The next line that begins with a word, its rest; the journal's lines before it go to an auditor.
    func next(_ word: String, auditor: AppendAuditor) async throws -> String {
        for await line in lines where !auditor.record(line, of: 1) {
            if line.hasPrefix(word + " ") { return String(line.dropFirst(word.count + 1)) }
        }
        throw Unexpected(description: "RedisWriter ended before it said \(word)")
    }

    /// Kills it, and takes in what it had said.
    func kill(auditor: AppendAuditor) async {
        _ = process.withLockedValue { Foundation.kill($0.processIdentifier, SIGKILL) }
        for await line in lines { auditor.record(line, of: 1) }
        for await _ in ended {}
    }

    /// Lines as they come, read on a thread of their own, which ends with them.
    private static func lines(of handle: FileHandle) -> AsyncStream<String> {
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        Thread.detachNewThread {
            var rest = Data()
            while true {
                let data = handle.availableData
                if data.isEmpty { break }
                rest.append(data)
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    continuation.yield(String(decoding: rest[..<end], as: UTF8.self))
                    rest = Data(rest[(end + 1)...])
                }
            }
            continuation.finish()
        }
        return lines
    }
}
