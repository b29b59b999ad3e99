internal import Foundation
internal import NIOCore
internal import NIOPosix

/// Functions that run commands of the system to their end.
enum SystemCommand {
    /// Runs a command.
    ///
    /// - Parameters:
    ///   - name: The command.
    ///   - arguments: Its arguments.
    ///   - package: The Debian package that has it.
    ///   - folder: Its working folder, which also holds its output.
    /// - Returns: Its output.
    /// - Throws: ``RedisServerError`` if it is missing or fails, with its output.
    static func run(_ name: String, _ arguments: [String], package: String, folder: String) async throws -> String {
        guard let path = executable(name) else { throw RedisServerError.missing(name, package: package) }
        let output = "\(folder)/output-\(UInt32.random(in: 0...UInt32.max))"
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        defer { try? FileManager.default.removeItem(atPath: output) }
        let handle = try FileHandle(forWritingTo: URL(filePath: output))
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: folder)
        process.standardInput = FileHandle.nullDevice
        (process.standardOutput, process.standardError) = (handle, handle)
        let end = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Int32.self)
        process.terminationHandler = { end.succeed($0.terminationStatus) }
        do {
            try ProcessLaunch.alone { try process.run() }
        } catch {
            end.fail(error)
        }
        let status = try await end.futureResult.get()
        try? handle.close()
        let text = try String(contentsOfFile: output, encoding: .utf8)
        guard status == 0 else {
            throw RedisServerError(.commandFailed, message: "\(name) \(arguments.first ?? "") failed:\n\(text)")
        }
        return text
    }
}
