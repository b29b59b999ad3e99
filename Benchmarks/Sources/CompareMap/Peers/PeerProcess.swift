internal import CPeer
internal import Foundation

/// A running ``Peer``; `peer.h` of `CPeer` has the protocol.
final class PeerProcess {
    let peer: Peer
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let folder: TemporaryFolder
    private var received: [UInt8] = []
    private var hasPinnedThreads = false

    /// Starts a peer.
    init(_ peer: Peer, program: String, arguments: [String], in folder: TemporaryFolder) throws {
        self.peer = peer
        self.folder = folder
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.currentDirectoryURL = folder.url
        process.environment = ProcessInfo.processInfo.environment
            .merging(["GLIBC_TUNABLES": Peer.mallocOptions]) { $1 }
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        folder.adopt(process.processIdentifier)
    }

    /// Sends a command, and returns the numbers of the peer's answer.
    func ask(_ command: String) throws -> [String: UInt64] {
        try send(command)
        return try answer()
    }

    /// Sends a command without waiting for its answer.
    func send(_ command: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data("\(command)\n".utf8))
    }

    /// Waits for the answer to the command that was sent.
    func answer() throws -> [String: UInt64] {
        let words = try line().split(separator: " ")
        guard let first = words.first, first == "ready" || first == "done" else {
            throw PeerFailure(description: "\(peer.label) answered \(words.joined(separator: " "))")
        }
        if peer.isCompiledLate, !hasPinnedThreads { try pinThreads() }
        let pairs = words.dropFirst().map { $0.split(separator: "=") }
        return Dictionary(uniqueKeysWithValues: pairs.map { ("\($0[0])", UInt64($0[1]) ?? 0) })
    }

    /// The CPU time of the process, in nanoseconds: all of its threads, those that collect garbage too.
    var cpuTime: Double { Double(stateline_peer_cpu_time(process.processIdentifier)) }

    /// Ends the process and waits until it has ended.
    func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
        folder.release(process.processIdentifier)
    }

    private func line() throws -> String {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                defer { received.removeFirst(end + 1) }
                return String(decoding: received[..<end], as: UTF8.self)
            }
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { throw PeerFailure(description: "\(peer.label) has died") }
            received += data
        }
    }

    /// Pins each worker thread of a JVM to its core; the other peers pin theirs themselves.
    private func pinThreads() throws {
        let tasks = "/proc/\(process.processIdentifier)/task"
        for task in try FileManager.default.contentsOfDirectory(atPath: tasks) {
            let name = (try? String(contentsOfFile: "\(tasks)/\(task)/comm", encoding: .utf8)) ?? ""
            guard name.hasPrefix("worker-"), let thread = Int32(task), let index = Int32(name.dropFirst(7).prefix(1))
            else { continue }
            guard stateline_peer_pin(thread, index) == 0 else {
                throw PeerFailure(description: "a thread of \(peer.label) cannot be kept on core \(index)")
            }
        }
        hasPinnedThreads = true
    }
}

/// A failure of a peer.
struct PeerFailure: Error, CustomStringConvertible {
    let description: String
}
