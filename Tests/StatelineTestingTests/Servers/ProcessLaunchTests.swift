import Foundation
import NIOConcurrencyHelpers
import StatelineTesting
import Testing

@Suite struct ProcessLaunchTests {
    /// A server that held the pipe of another one kept a test waiting for as long as both ran.
    @Test func `of processes that are started at once none has another's pipe`() {
        let found = NIOLockedValueBox<[String]>([])
        // Open until the end: a descriptor is inherited if its number is above all that were in use.
        let held = NIOLockedValueBox<[(Pipe, Pipe)]>([])
        DispatchQueue.concurrentPerform(iterations: 6) { _ in
            for _ in 0..<40 {
                let process = Process()
                process.executableURL = URL(filePath: "/bin/sleep")
                process.arguments = ["60"]
                let pipes = try? ProcessLaunch.alone {
                    let pipes = (Pipe(), Pipe())
                    process.standardInput = pipes.0.fileHandleForReading
                    process.standardOutput = pipes.1.fileHandleForWriting
                    process.standardError = FileHandle.nullDevice
                    try process.run()
                    try pipes.0.fileHandleForReading.close()
                    try pipes.1.fileHandleForWriting.close()
                    return pipes
                }
                guard let pipes else { continue }
                held.withLockedValue { $0.append(pipes) }
                let others = Self.pipes(of: process.processIdentifier).filter { $0 > 2 }
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
                found.withLockedValue { $0 += others.map { "descriptor \($0)" } }
            }
        }
        #expect(held.withLockedValue(\.count) == 240)
        #expect(found.withLockedValue(\.self) == [])
    }

    /// The descriptors of a process that are pipes.
    private static func pipes(of process: Int32) -> [Int] {
        let folder = "/proc/\(process)/fd"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.compactMap { name in
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)")
            return target?.hasPrefix("pipe:") == true ? Int(name) : nil
        }
    }
}
