public import Stateline

extension Boundary {
    /// Draws the line at a store in this process, whose sessions stay folded and rendered for all handles.
    ///
    /// They are kept in ``MemoryStore/cache``, which all boundaries of the store share that are not given another one.
    ///
    /// To open a session that is in the cache costs the same whatever the length of its history. What the cache holds is
    /// compared with the store at each opening and each turn, which costs no round trip: a handle never begins with less
    /// than what the store holds, and never with a session that has ended.
    ///
    /// - Parameters:
    ///   - store: The store of the sessions.
    ///   - observers: Those that are told of each turn, as it begins and as it ends.
    ///   - clock: The clock that stages and tools are timed by; never goes back.
    ///   - timestamp: The time of day that batches are stamped with, for people; order never depends on it.
    public init(
        store: MemoryStore,
        observers: [any TurnObserver] = [],
        clock: some Clock<Duration> = ContinuousClock(),
        timestamp: @escaping @Sendable () -> Timestamp = Timestamp.now
    ) {
        self.init(
            store: CachedStore(store, cache: store.cache),
            observers: observers,
            clock: clock,
            timestamp: timestamp
        )
    }

    /// Draws the line at a store, with a cache of its sessions in this process.
    ///
    /// - Parameters:
    ///   - store: The store of the sessions.
    ///   - cache: The cache, which no other store uses.
    ///   - observers: Those that are told of each turn, as it begins and as it ends.
    ///   - clock: The clock that stages and tools are timed by; never goes back.
    ///   - timestamp: The time of day that batches are stamped with, for people; order never depends on it.
    public init(
        store: some SessionStore,
        cache: SessionCache,
        observers: [any TurnObserver] = [],
        clock: some Clock<Duration> = ContinuousClock(),
        timestamp: @escaping @Sendable () -> Timestamp = Timestamp.now
    ) {
        self.init(
            store: CachedStore(store, cache: cache),
            observers: observers,
            clock: clock,
            timestamp: timestamp
        )
    }
}
