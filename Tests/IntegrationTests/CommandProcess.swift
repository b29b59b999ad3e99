import Foundation
import StatelineTesting
import Synchronization
import Testing

/// The executable `stateline` as a process, with pipes or a terminal of its own.
final class CommandProcess: Sendable {
    /// How a process ended, and what it wrote.
    struct Outcome {
        var status: Int32
        var output: String
        var error: String
    }

    struct Unexpected: Error, CustomStringConvertible {
        var description: String
    }

    /// The executable, which the same build puts beside the tests.
    static let path = Bundle.main.executableURL!.deletingLastPathComponent().appending(path: "stateline").path

    private let process: Mutex<Process>
    private let input: FileHandle
    private let output: CommandOutput
    private let error: CommandOutput?
    private let ended: AsyncStream<Int32>

    /// Starts the executable, or another one, with pipes.
    static func start(
        _ arguments: [String],
        path: String = CommandProcess.path,
        environment: [String: String] = [:]
    ) throws -> CommandProcess {
        try ProcessLaunch.alone {
            let (input, output, error) = (Pipe(), Pipe(), Pipe())
            return try CommandProcess(
                path,
                arguments,
                environment: environment,
                stdin: input.fileHandleForReading,
                stdout: output.fileHandleForWriting,
                stderr: error.fileHandleForWriting,
                input: input.fileHandleForWriting,
                output: output.fileHandleForReading,
                error: error.fileHandleForReading
            )
        }
    }

    /// Starts a program; the caller takes care that no other one is started meanwhile.
    fileprivate init(
        _ path: String,
        _ arguments: [String],
        environment: [String: String],
        stdin: FileHandle,
        stdout: FileHandle,
        stderr: FileHandle,
        input: FileHandle,
        output: FileHandle,
        error: FileHandle?
    ) throws {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        let inherited = ProcessInfo.processInfo.environment.filter {
            $0.key != "NO_COLOR" && $0.key != "OPENAI_API_KEY"
        }
        process.environment = inherited.merging(environment) { $1 }
        (process.standardInput, process.standardOutput, process.standardError) = (stdin, stdout, stderr)
        let (ended, end) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            end.yield(process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus)
            end.finish()
        }
        try process.run()
        // The process holds its own copies: with ours open, an end of output would never come.
        for handle in Set([stdin, stdout, stderr]) { try handle.close() }
        self.process = Mutex(process)
        self.input = input
        self.output = CommandOutput(output)
        self.error = error.map { CommandOutput($0) }
        self.ended = ended
    }

    deinit {
        process.withLock { if $0.isRunning { $0.terminate() } }
    }

    /// Runs the executable, or another one, to its end.
    static func run(
        _ arguments: [String],
        path: String = CommandProcess.path,
        input: String = "",
        environment: [String: String] = [:]
    ) async throws -> Outcome {
        let process = try CommandProcess.start(arguments, path: path, environment: environment)
        try process.send(input)
        try process.endInput()
        return try await process.outcome()
    }

    /// Waits for the end.
    func outcome() async throws -> Outcome {
        let output = await output.rest()
        let error = await error?.rest() ?? ""
        for await status in ended { return Outcome(status: status, output: output, error: error) }
        throw Unexpected(description: "the end of the process was awaited twice")
    }

    func send(_ text: String) throws {
        try input.write(contentsOf: Data(text.utf8))
    }

    func endInput() throws {
        try input.close()
    }

    func signal(_ number: Int32) {
        _ = process.withLock { kill($0.processIdentifier, number) }
    }

    /// Waits for a text in what was written since the last one that was waited for.
    ///
    /// - Returns: What came before it.
    @discardableResult
    func expect(_ text: String) async throws -> String {
        guard let before = await output.next(upTo: text) else {
            throw Unexpected(description: "the output ended before \(text.debugDescription)")
        }
        return before
    }
}

extension CommandProcess {
    /// Starts the executable in a terminal of its own, whose keys send signals as ever.
    static func inTerminal(_ arguments: [String], environment: [String: String] = [:]) throws -> CommandProcess {
        try ProcessLaunch.alone {
            var (terminal, device): (Int32, Int32) = (-1, -1)
            guard unsafe openpty(&terminal, &device, nil, nil, nil) == 0 else {
                throw Unexpected(description: "no terminal: error \(errno)")
            }
            let handle = FileHandle(fileDescriptor: terminal, closeOnDealloc: true)
            let end = FileHandle(fileDescriptor: device, closeOnDealloc: true)
            return try CommandProcess(
                "/usr/bin/setsid",
                ["--ctty", "--wait", path] + arguments,
                environment: ["TERM": "xterm"].merging(environment) { $1 },
                stdin: end,
                stdout: end,
                stderr: end,
                input: handle,
                output: handle,
                error: nil
            )
        }
    }
}

/// What a process writes, as it comes.
private final class CommandOutput: Sendable {
    private let chunks: AsyncStream<Data>
    private let unread = Mutex(Data())

    /// Reads on a thread of its own, which ends with the process's output.
    init(_ handle: FileHandle) {
        let (chunks, continuation) = AsyncStream.makeStream(of: Data.self)
        self.chunks = chunks
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                // Safety: the buffer outlives the call, and its own count bounds what is written.
                let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                    unsafe read(handle.fileDescriptor, bytes.baseAddress, bytes.count)
                }
                if count < 0, errno == EINTR { continue }
                // A terminal whose last process is gone gives an error instead of an end.
                guard count > 0 else { break }
                continuation.yield(Data(buffer[..<count]))
            }
            continuation.finish()
        }
    }

    /// What comes before a text, which is taken too; `nil` where the output ends without it.
    func next(upTo text: String) async -> String? {
        if let before = take(upTo: text) { return before }
        for await chunk in chunks {
            unread.withLock { $0.append(chunk) }
            if let before = take(upTo: text) { return before }
        }
        return nil
    }

    /// What comes until the output ends.
    func rest() async -> String {
        for await chunk in chunks { unread.withLock { $0.append(chunk) } }
        return String(decoding: unread.withLock { $0 }, as: UTF8.self)
    }

    private func take(upTo text: String) -> String? {
        unread.withLock { data in
            guard let range = data.firstRange(of: Data(text.utf8)) else { return nil }
            defer { data = Data(data[range.upperBound...]) }
            return String(decoding: data[..<range.lowerBound], as: UTF8.self)
        }
    }
}
