/// The time for which a session lives: from its last commit, from its creation, or both, whichever ends first.
///
/// A store that has lifetimes checks them at every operation, by its own clock. A commit starts the idle time again, and so
/// does a renewal of a lease; a read does not. A fork is a session of its own: its times begin when it is made, and it outlives its parent. A session
/// whose lifetime ended is ``Absence/expired``, as long as the store remembers it.
public struct Lifetime: Hashable, Sendable {
    /// The time after its last commit at which a session ends; `nil` for never.
    public let idle: Duration?
    /// The time after its creation at which a session ends, whatever is committed; `nil` for never.
    public let absolute: Duration?

    private init(idle: Duration?, absolute: Duration?) {
        precondition(
            idle ?? .seconds(1) > .zero && absolute ?? .seconds(1) > .zero,
            "a lifetime must be longer than zero"
        )
        self.idle = idle
        self.absolute = absolute
    }

    /// Ends a session after a time without a commit.
    public static func idle(_ idle: Duration) -> Lifetime {
        Lifetime(idle: idle, absolute: nil)
    }

    /// Ends a session a time after its creation.
    public static func absolute(_ absolute: Duration) -> Lifetime {
        Lifetime(idle: nil, absolute: absolute)
    }

    /// Ends a session after a time without a commit, and at the latest a time after its creation.
    public static func both(idle: Duration, absolute: Duration) -> Lifetime {
        Lifetime(idle: idle, absolute: absolute)
    }

    /// Returns the time at which a session expires, on the clock of both readings.
    ///
    /// - Parameters:
    ///   - created: The time of its creation.
    ///   - committed: The time of the commit of its newest batch.
    /// - Returns: The earlier one of its two ends.
    public func end(created: Duration, committed: Duration) -> Duration {
        let idleEnd = idle.map { committed + $0.bounded }
        let absoluteEnd = absolute.map { created + $0.bounded }
        return [idleEnd, absoluteEnd].compactMap { $0 }.min() ?? created
    }
}
