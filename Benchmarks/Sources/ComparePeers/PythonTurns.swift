internal import Foundation

/// A Python library that holds turns in a process of its own, one at a time, as it is told: `redis_turn.py`.
final class PythonTurns {
    /// The library did not do what it was told.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The library's version.
    let version: String
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var received = Data()
    private let library: Library

    /// Starts a library on a server, with so many messages stored.
    init(_ library: Library, python: String, script: String, url: String, messages: Int) throws {
        self.library = library
        process.executableURL = URL(filePath: python)
        process.arguments = [script, library.rawValue, url, "\(messages)"]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let words = try Self.line(of: output, &received).split(separator: " ")
        guard words.count == 2, words[0] == "ready" else {
            throw Failure(description: "\(library.rawValue) did not get ready")
        }
        version = String(words[1])
    }

    /// Holds one turn, and returns its milliseconds.
    func turn() throws -> Double {
        try input.fileHandleForWriting.write(contentsOf: Data("turn\n".utf8))
        guard let time = Double(try Self.line(of: output, &received)) else {
            throw Failure(description: "\(library.rawValue) did not hold a turn")
        }
        return time
    }

    /// Ends the process and waits until it has ended.
    func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    private static func line(of pipe: Pipe, _ received: inout Data) throws -> String {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                defer { received = Data(received[(end + 1)...]) }
                return String(decoding: received[..<end], as: UTF8.self)
            }
            let more = pipe.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Failure(description: "the process ended") }
            received += more
        }
    }
}
