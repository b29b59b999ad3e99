internal import Foundation
internal import NIOConcurrencyHelpers

extension RedisServer {
    /// Ends the server as kill -9 does, and returns when its process is gone.
    ///
    /// Does nothing where it does not run.
    public func kill() async {
        await process.withLockedValue(\.self).end()
    }

    /// Starts the server again, on the same ports and in the same folder; one that runs is killed first.
    ///
    /// - Throws: ``RedisServerError`` where it did not come up.
    public func restart() async throws {
        await kill()
        let next = try Self.start(options, kind, folder: folder, clock: clock)
        process.withLockedValue { $0 = next }
        try await ready()
    }

    /// Stops the server as SIGSTOP does, and returns when it stands.
    ///
    /// The system still takes connections and bytes for it.
    public func pause() async {
        let process = process.withLockedValue(\.self)
        process.signal(SIGSTOP)
        while process.isRunning, !process.isStopped { try? await Task.sleep(for: .milliseconds(1)) }
    }

    /// Whether its process stands still by a signal.
    public var isPaused: Bool { process.withLockedValue(\.isStopped) }

    /// Lets a paused server go on.
    public func resume() {
        process.withLockedValue(\.self).signal(SIGCONT)
    }

    /// Moves the server's wall clock, which stands otherwise.
    ///
    /// The server knows the new time before it executes a command that is sent when this has returned. A key that is to
    /// live *n* milliseconds lives until *n* + 1 have passed: Redis deletes what is *past* its time.
    ///
    /// - Parameter duration: How far; counted in milliseconds. Negative to set the clock back.
    /// - Throws: An error of the system where the file of the time cannot be written.
    public func advance(by duration: Duration) throws {
        guard let clock else { preconditionFailure("the server has the system's clock: start it with clock = .manual") }
        try clock.advance(by: duration)
    }

    /// What a server of a manual clock takes for the time, in milliseconds since 1970.
    public var now: Int64 {
        guard let clock else { preconditionFailure("the server has the system's clock: start it with clock = .manual") }
        return clock.now
    }
}
