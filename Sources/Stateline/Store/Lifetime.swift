/// How long a session lives: from its last commit, from its creation, or both, whichever ends first.
///
/// A store that has lifetimes checks them at every operation, by its own clock. A commit starts the idle time anew; a
/// read does not. A fork is a session of its own: its times begin when it is made, and it outlives its parent. What
/// ended is ``Absence/expired``, as long as the store remembers it.
public struct Lifetime: Hashable, Sendable {
    /// How long after its last commit a session ends; `nil` for never.
    public let idle: Duration?
    /// How long after its creation a session ends, whatever is committed; `nil` for never.
    public let absolute: Duration?

    private init(idle: Duration?, absolute: Duration?) {
        precondition(
            idle ?? .seconds(1) > .zero && absolute ?? .seconds(1) > .zero,
            "a lifetime is longer than nothing"
        )
        self.idle = idle
        self.absolute = absolute
    }

    /// A session ends so long after its last commit.
    public static func idle(_ idle: Duration) -> Lifetime {
        Lifetime(idle: idle, absolute: nil)
    }

    /// A session ends so long after its creation.
    public static func absolute(_ absolute: Duration) -> Lifetime {
        Lifetime(idle: nil, absolute: absolute)
    }

    /// A session ends so long after its last commit, and at the latest so long after its creation.
    public static func both(idle: Duration, absolute: Duration) -> Lifetime {
        Lifetime(idle: idle, absolute: absolute)
    }

    /// When a session ends, on any clock that both readings are of: from then on it is expired.
    ///
    /// - Parameters:
    ///   - created: When it was created.
    ///   - committed: When its newest batch was committed.
    /// - Returns: The earlier one of its two ends.
    public func end(created: Duration, committed: Duration) -> Duration {
        let idleEnd = idle.map { committed + $0 }
        let absoluteEnd = absolute.map { created + $0 }
        return [idleEnd, absoluteEnd].compactMap { $0 }.min() ?? created
    }
}
