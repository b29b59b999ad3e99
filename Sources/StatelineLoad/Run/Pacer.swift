internal import Foundation
internal import NIOCore
internal import NIOPosix

/// A timer that releases turns when they are due, from a thread of its own.
///
/// A turn's lateness is measured at the release, before the turn waits for a thread to run on: that wait is caused by
/// the load and counts as latency.
///
/// A thread that sleeps until a moment wakes up about 60 us after it, and sometimes later. So this thread wakes up
/// earlier and polls the clock, which takes at most a sixth of a processor at a thousand releases a second.
struct Pacer: Sendable {
    /// The time before the moment at which the thread wakes up.
    private static let vigil = TimeAmount.microseconds(150)

    private let loop: any EventLoop

    /// Lends a pacer.
    static func withPacer<Result: Sendable>(_ body: (Pacer) async throws -> Result) async throws -> Result {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        #if os(Linux)
        // With the permission for it, the thread runs before those that compute. Otherwise it waits its turn and is
        // late.
        group.any().execute { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, -20) }
        #endif
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body(Pacer(loop: group.any()))) } catch { result = .failure(error) }
        try? await group.shutdownGracefully()
        return try result.get()
    }

    /// The time since a fixed moment.
    static var now: Duration { .nanoseconds(Int64(NIODeadline.now().uptimeNanoseconds)) }

    /// Waits for a moment.
    ///
    /// - Parameter moment: A reading of ``now``.
    /// - Returns: The lateness of the release.
    /// - Throws: `CancellationError` if the task is cancelled first.
    func wait(until moment: Duration) async throws -> Duration {
        let now = Self.now
        guard now < moment else { return now - moment }
        let deadline = NIODeadline.uptimeNanoseconds(UInt64(moment.nanoseconds))
        let release = loop.scheduleTask(deadline: deadline - Self.vigil) {
            while NIODeadline.now() < deadline {}
            return Self.now
        }
        let released: Duration
        do {
            released = try await withTaskCancellationHandler {
                try await release.futureResult.get()
            } onCancel: {
                release.cancel()
            }
        } catch is EventLoopError {
            throw CancellationError()
        }
        return max(.zero, released - moment)
    }
}

extension Duration {
    /// The duration in whole nanoseconds.
    var nanoseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    }

    /// The duration in seconds.
    var inSeconds: Double { self / .seconds(1) }
}
