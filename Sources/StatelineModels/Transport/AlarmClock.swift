internal import AsyncHTTPClient
internal import NIOCore

/// The timers of a transport's answers.
struct AlarmClock: Sendable {
    /// Runs a function at a time, unless it is cancelled before.
    let schedule: @Sendable (_ time: NIODeadline, _ ring: @escaping @Sendable () -> Void) -> Scheduled<Void>

    /// The timers of the library's event loops.
    static let eventLoops = AlarmClock { time, ring in
        HTTPClient.defaultEventLoopGroup.any().scheduleTask(deadline: time) { ring() }
    }
}
