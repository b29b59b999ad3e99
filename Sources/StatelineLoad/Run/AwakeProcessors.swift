internal import Foundation
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Threads that keep processors awake.
///
/// An idle processor sleeps, and a virtual machine's goes back to its host. To wake it takes tens of microseconds,
/// several times a turn under a light load, which is more than the rest of the turn. So each processor gets a thread
/// that spins and runs only if nothing else would (`SCHED_IDLE`, see `sched(7)`), like `idle=poll` of a kernel.
enum AwakeProcessors {
    /// `SCHED_IDLE`, a name that `<sched.h>` has only with GNU's additions.
    private static let idlePolicy: Int32 = 5

    /// Runs a function while no processor sleeps.
    ///
    /// Processors continue sleeping on other systems than Linux.
    ///
    /// - Parameters:
    ///   - isWanted: `true` to keep them awake.
    ///   - body: The function.
    /// - Returns: The function's result.
    /// - Throws: The function's error.
    static func whileAwake<Result: Sendable>(
        _ isWanted: Bool,
        _ body: () async throws -> Result
    ) async throws -> Result {
        guard isWanted else { return try await body() }
        let end = End()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        #if os(Linux)
        for loop in group.makeIterator() {
            loop.execute {
                var parameters = sched_param()
                // A thread of normal priority would compete with the load.
                guard unsafe sched_setscheduler(0, idlePolicy, &parameters) == 0 else { return }
                while !end.isReached.load(ordering: .relaxed) {}
            }
        }
        #endif
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        end.isReached.store(true, ordering: .relaxed)
        try? await group.shutdownGracefully()
        return try result.get()
    }

    private final class End: Sendable {
        let isReached = Atomic<Bool>(false)
    }
}
