internal import Foundation

/// A process of another language that measures on command: lines of words go in, and come out.
package final class ScriptProcess {
    /// A command that the process did not carry out.
    package struct Failure: Error, CustomStringConvertible {
        /// The words of the process.
        package let description: String
    }

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var received = Data()

    /// The words that the process said after "ready".
    package private(set) var greeting: [String] = []

    /// Starts a program, and waits until it says that it is ready.
    ///
    /// - Parameters:
    ///   - program: The path of the program.
    ///   - arguments: Its arguments.
    /// - Throws: ``Failure`` with what it said instead; an error of the system if it did not start.
    package init(_ program: String, _ arguments: [String]) throws {
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let words = try line()
        guard words.first == "ready" else {
            stop()
            throw Failure(description: words.joined(separator: " "))
        }
        greeting = Array(words.dropFirst())
    }

    /// Sends a command and returns the numbers of its reply.
    ///
    /// It blocks the thread until the reply has come.
    ///
    /// - Parameters:
    ///   - command: A line, without its end.
    ///   - count: The number of numbers in a reply.
    /// - Returns: The numbers.
    /// - Throws: ``Failure`` with a reply of another form.
    package func send(_ command: String, replies count: Int) throws -> [Double] {
        try input.fileHandleForWriting.write(contentsOf: Data("\(command)\n".utf8))
        let words = try line()
        let numbers = words.compactMap { Double($0) }
        guard numbers.count == count, words.count == count else {
            throw Failure(description: words.joined(separator: " "))
        }
        return numbers
    }

    /// Closes the process's input and waits until it has ended.
    package func stop() {
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

    /// Returns `true` if an interpreter has all of some packages.
    package static func hasPackages(_ names: [String], python: String) -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = ["-c", "import importlib.metadata as m, sys; [m.version(n) for n in sys.argv[1:]]"] + names
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
