internal import Foundation
internal import NIOConcurrencyHelpers

extension RedisServer {
    /// Kills the server by SIGKILL, and returns when its process has ended.
    ///
    /// Does nothing if it is not running.
    public func kill() async {
        await process.withLockedValue(\.self).end()
    }

    /// Starts the server again, on the same ports and in the same folder; one that runs is killed first.
    ///
    /// - Throws: ``RedisServerError`` if it did not start.
    public func restart() async throws {
        await kill()
        let next = try Self.start(options, kind, folder: folder, clock: clock)
        process.withLockedValue { $0 = next }
        try await ready()
    }

    /// Stops the server by SIGSTOP, and returns when it has stopped.
    ///
    /// The system still accepts connections and bytes for it.
    public func pause() async {
        let process = process.withLockedValue(\.self)
        process.signal(SIGSTOP)
        while process.isRunning, !process.isStopped { try? await Task.sleep(for: .milliseconds(1)) }
    }

    /// `true` if its process is stopped by a signal.
    public var isPaused: Bool { process.withLockedValue(\.isStopped) }

    /// Continues a paused server.
    public func resume() {
        process.withLockedValue(\.self).signal(SIGCONT)
    }

    /// Moves the server's wall clock, which stands still otherwise.
    ///
    /// The server knows the new time before it executes a command that is sent after this returned. A key with a
    /// lifetime of *n* milliseconds lives until *n* + 1 have passed, because Redis deletes keys that are *past* their
    /// time.
    ///
    /// - Parameter duration: The distance, in whole milliseconds. Negative to set the clock back.
    /// - Throws: An error of the system if the file of the time cannot be written.
    public func advance(by duration: Duration) throws {
        guard let clock else { preconditionFailure("the server has the system's clock: start it with clock = .manual") }
        try clock.advance(by: duration)
    }

    /// The time of a server with a manual clock, in milliseconds since 1970.
    public var now: Int64 {
        guard let clock else { preconditionFailure("the server has the system's clock: start it with clock = .manual") }
        return clock.now
    }
}
