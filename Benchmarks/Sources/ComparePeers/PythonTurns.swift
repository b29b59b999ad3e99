internal import Foundation

/// A Python library that runs turns on command, in a process of its own: `turns.py`.
final class PythonTurns {
    /// A command that the library did not carry out.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The cost of a turn.
    struct Turn {
        let milliseconds: Double
        /// The bytes that the process read and wrote by system calls.
        let bytes: Double
    }

    /// The library.
    let library: Library
    /// The library's version.
    private(set) var version = ""
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var received = Data()

    /// Starts a library on a server, with `messages` messages stored.
    init(_ library: Library, python: String, script: String, url: String, messages: Int) throws {
        self.library = library
        process.executableURL = URL(filePath: python)
        process.arguments = [script, library.rawValue, url, "\(messages)"]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let words = try line()
        guard words.count == 2, words[0] == "ready" else {
            stop()
            throw Failure(description: words.joined(separator: " "))
        }
        version = words[1]
    }

    /// Runs one turn.
    func turn() throws -> Turn {
        try input.fileHandleForWriting.write(contentsOf: Data("turn\n".utf8))
        let words = try line()
        guard words.count == 2, let time = Double(words[0]), let bytes = Double(words[1]) else {
            throw Failure(description: words.joined(separator: " "))
        }
        return Turn(milliseconds: time, bytes: bytes)
    }

    /// Ends the process and waits until it has ended.
    func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// The words of the next line.
    private func line() throws -> [String] {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                defer { received = Data(received[(end + 1)...]) }
                return String(decoding: received[..<end], as: UTF8.self).split(separator: " ").map(String.init)
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Failure(description: "the process ended without a word") }
            received += more
        }
    }
}
