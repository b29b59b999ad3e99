internal import Foundation
internal import NIOCore
internal import NIOPosix

/// Releases turns when they are due, from a thread that does nothing else.
///
/// A turn's lateness is told here, before it waits for a thread to run on: that wait is the load's, and counts as its time.
///
/// A thread that sleeps until a moment wakes up 60 us after it, and later now and then. So this one wakes up before, and
/// watches the clock from then on: that takes at most a sixth of a processor for a thousand releases a second.
struct Pacer: Sendable {
    /// How long before the moment the thread wakes up.
    private static let vigil = TimeAmount.microseconds(150)

    private let loop: any EventLoop

    /// Lends a pacer.
    static func withPacer<Result: Sendable>(_ body: (Pacer) async throws -> Result) async throws -> Result {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        #if os(Linux)
        // Where the process may: the thread goes before all that compute. Elsewhere it waits for its turn, and is late.
        group.any().execute { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, -20) }
        #endif
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body(Pacer(loop: group.any()))) } catch { result = .failure(error) }
        try? await group.shutdownGracefully()
        return try result.get()
    }

    /// The time since any fixed moment.
    static var now: Duration { .nanoseconds(Int64(NIODeadline.now().uptimeNanoseconds)) }

    /// Waits for a moment.
    ///
    /// - Parameter moment: By ``now``.
    /// - Returns: By how much the release was late.
    /// - Throws: `CancellationError` where the task is cancelled first.
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
    /// Whole nanoseconds.
    var nanoseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    }

    /// Seconds.
    var inSeconds: Double { self / .seconds(1) }
}
