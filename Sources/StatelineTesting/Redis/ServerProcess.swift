internal import Foundation
internal import NIOCore
internal import NIOPosix

/// A program that never outlives the process that started it.
///
/// A shell starts the program and waits for it. A watcher reads from a pipe whose other end only the starting process
/// holds. If that end closes before the program has ended, because the process died, even by kill -9, the watcher kills
/// the program and removes the folder.
final class ServerProcess: Sendable {
    private static let script = """
        folder=$1; shift
        exec 3<&0 </dev/null 4>&1 >>"$folder/log" 2>&1
        "$@" 3<&- 4>&- & program=$!
        { read -r _; trap '' TERM; kill -9 $program; rm -rf "$folder"; } <&3 4>&- & watcher=$!
        exec 3<&-; echo $program >&4; exec 4>&-
        wait $program; status=$?
        kill $watcher
        exit $status
        """

    /// The process id of the program.
    let pid: Int32
    private let lifeline: FileHandle
    private let ended: EventLoopFuture<Int32>
    private let shell: Process

    /// Starts a program, with its output in the file `log` of the folder.
    init(_ path: String, _ arguments: [String], environment: [String: String] = [:], folder: String) throws {
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let command = variables.isEmpty ? [path] : ["/usr/bin/env"] + variables + [path]
        shell.arguments = ["-c", Self.script, "sh", folder] + command + arguments
        let end = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Int32.self)
        shell.terminationHandler = { end.succeed($0.terminationStatus) }
        shell.standardError = FileHandle.nullDevice
        let (input, output): (Pipe, Pipe)
        do {
            (input, output) = try ProcessLaunch.alone {
                let (input, output) = (Pipe(), Pipe())
                shell.standardInput = input.fileHandleForReading
                shell.standardOutput = output.fileHandleForWriting
                try shell.run()
                // The shell has copies of its own.
                try? input.fileHandleForReading.close()
                try? output.fileHandleForWriting.close()
                return (input, output)
            }
        } catch {
            end.fail(error)
            throw error
        }
        let line = Self.line(from: output.fileHandleForReading)
        guard let pid = Int32(line) else {
            throw RedisServerError(.notStarted, message: "\(path) did not start")
        }
        self.shell = shell
        self.pid = pid
        self.lifeline = input.fileHandleForWriting
        self.ended = end.futureResult
    }

    /// Reads to the end of a line, or of the output if that comes first.
    private static func line(from handle: FileHandle) -> String {
        var bytes: [UInt8] = []
        while let byte = try? handle.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") { bytes.append(byte) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `true` if the program is running.
    var isRunning: Bool { shell.isRunning }

    /// `true` if the program is stopped by a signal.
    var isStopped: Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return true }
        // The state follows the name, which is in brackets.
        return status.drop { $0 != ")" }.dropFirst(2).first.map { "Tt".contains($0) } ?? true
    }

    /// Sends a signal.
    func signal(_ number: Int32) {
        // Until the shell ends, the process id is not reused.
        if shell.isRunning { kill(pid, number) }
    }

    /// Kills the program and waits for its end, also if the task is cancelled.
    func end() async {
        signal(SIGKILL)
        _ = try? await ended.get()
        try? lifeline.close()
    }
}
