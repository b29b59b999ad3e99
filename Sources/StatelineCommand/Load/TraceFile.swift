internal import Foundation
internal import NIOCore
internal import StatelineLoad

/// A trace in a file.
struct TraceFile {
    /// A file that cannot be read.
    struct Unreadable: Error, CustomStringConvertible {
        let description: String
    }

    let path: String

    /// Reads the trace, through `gzip` if it is compressed.
    ///
    /// - Parameter agent: The agent whose turns are wanted; `nil` for those of all agents.
    /// - Returns: The trace.
    /// - Throws: ``Unreadable`` or `TraceError`.
    func read(agent: String?) throws -> Trace {
        guard let handle = FileHandle(forReadingAtPath: path), let head = try? handle.read(upToCount: 2) else {
            throw Unreadable(description: "cannot read the trace \(path): check the path and its permissions")
        }
        try handle.close()
        let data = head == Data([0x1F, 0x8B]) ? try decompressed() : try Data(contentsOf: URL(filePath: path))
        return try Trace(ByteBuffer(bytes: data), agent: agent)
    }

    private func decompressed() throws -> Data {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", "--decompress", "--stdout", "--", path]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Unreadable(
                description: "gzip cannot decompress the trace \(path): the file is damaged, or gzip is not installed"
            )
        }
        return data
    }
}
