#if os(Linux)
import Foundation
import NIOCore
import StatelineMemory
import Synchronization
import Testing

@testable import StatelineLoad

@Suite(.serialized, .timeLimit(.minutes(5))) struct AwakeProcessorsTests {
    /// How many threads of this process run only where nothing else would.
    private static func threads() throws -> Int {
        let folder = "/proc/self/task"
        return try FileManager.default.contentsOfDirectory(atPath: folder)
            .count { thread in
                guard let file = FileHandle(forReadingAtPath: "\(folder)/\(thread)/stat") else { return false }
                // Behind the name, which may hold anything: the fields from the third on, of which the 41st is the policy.
                let text = String(decoding: file.availableData, as: UTF8.self)
                let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ").dropFirst()
                return fields.dropFirst(38).first == "5"
            }
    }

    @Test func `processors are kept awake while a load runs, where it says so, and not longer`() async throws {
        for isWanted in [false, true] {
            let most = Atomic<Int>(0)
            let parameters = Workload.chat.parameters(sessions: 20, rate: 1000, speed: 1e6, duration: nil, seed: 1)
            var configuration = LoadConfiguration(parameters)
            configuration.keepsAwake = isWanted
            configuration.work = { _ in
                let count = (try? Self.threads()) ?? 0
                most.max(count, ordering: .relaxed)
            }
            let report = try await LoadRun(.chat, against: LoadTarget(MemoryStore(), name: "memory"), configuration)
                .run()
            #expect(report.turns > 20 && report.errors == 0)
            #expect(most.load(ordering: .relaxed) == (isWanted ? System.coreCount : 0))
            #expect(try Self.threads() == 0)
        }
    }
}
#endif
