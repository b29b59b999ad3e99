internal import Foundation
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Keeps processors from going to sleep.
///
/// One that has nothing to do sleeps, a virtual machine's goes back to its host, and to wake it takes tens of microseconds:
/// several times a turn where little is going on, and more than the rest of the turn. So each gets a thread that does
/// nothing, and runs only where nothing else would (`SCHED_IDLE`, see `sched(7)`): to a process what `idle=poll` is to a
/// kernel.
enum AwakeProcessors {
    /// `SCHED_IDLE`, by which `<sched.h>` calls it only where it is asked for what GNU adds.
    private static let idlePolicy: Int32 = 5

    /// Does something while no processor sleeps; elsewhere than on Linux they go on sleeping.
    ///
    /// - Parameters:
    ///   - isWanted: Whether they are kept awake at all.
    ///   - body: What is done.
    /// - Returns: What the function returns.
    /// - Throws: What it throws.
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
                // A thread that may not step back would be in the way.
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
