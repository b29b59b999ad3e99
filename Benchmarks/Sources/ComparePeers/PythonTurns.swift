internal import Measurement

/// A Python library that runs turns on command, in a process of its own: `turns.py`.
struct PythonTurns {
    /// The cost of a turn.
    struct Turn {
        let milliseconds: Double
        /// The bytes that the process read and wrote by system calls.
        let bytes: Double
    }

    /// The library.
    let library: Library
    private let process: ScriptProcess

    /// The library's version.
    var version: String { process.greeting.joined(separator: " ") }

    /// Starts a library on a server, with `messages` messages stored.
    init(_ library: Library, python: String, script: String, url: String, messages: Int) throws {
        self.library = library
        process = try ScriptProcess(python, [script, library.rawValue, url, "\(messages)"])
    }

    /// Runs one turn.
    func turn() throws -> Turn {
        let reply = try process.send("turn", replies: 2)
        return Turn(milliseconds: reply[0], bytes: reply[1])
    }

    /// Ends the process and waits until it has ended.
    func stop() { process.stop() }
}
