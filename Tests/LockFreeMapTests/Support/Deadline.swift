import Foundation
import Testing

/// Ends the process if a test takes too long: a thread in an endless loop can be stopped in no other way, and
/// the time limit of the testing library waits for it.
struct Deadline: SuiteTrait, TestTrait, TestScoping {
    let seconds: Int

    var isRecursive: Bool { true }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let ended = DispatchSemaphore(value: 0)
        let (name, seconds) = (test.name, seconds)
        Thread.detachNewThread {
            guard ended.wait(timeout: .now() + .seconds(seconds)) == .timedOut else { return }
            fatalError("\(name) has not ended after \(seconds) s")
        }
        defer { ended.signal() }
        try await function()
    }
}

extension Trait where Self == Deadline {
    /// The time that a test of threads may take: 3 minutes, an hour in a long run.
    static var deadline: Deadline {
        Deadline(seconds: ProcessInfo.processInfo.environment["STATELINE_SOAK"] == nil ? 180 : 3_600)
    }
}
