public import Stateline

extension Boundary {
    /// Makes a boundary over a store in this process, whose sessions stay folded and rendered for all handles.
    ///
    /// By default they are kept in ``MemoryStore/cache``, which all boundaries of the store share.
    ///
    /// The cost of opening a cached session does not depend on the length of its history. A cached session is compared with
    /// the store at each opening and each turn, which costs no round trip: a handle never begins with less than what the
    /// store holds, and never with a session that has ended.
    ///
    /// - Parameters:
    ///   - store: The store of the sessions.
    ///   - cache: The cache of the store's sessions; `nil` for ``MemoryStore/cache``.
    ///   - keys: The source of the key rings under which sessions are encrypted; `nil` for none.
    ///   - concurrency: The order of turns on different handles of one session; see
    ///     `Boundary.init(store:cache:keys:concurrency:observers:unrecordedCallLimit:clock:timestamp:)`.
    ///   - observers: The observers of each turn's beginning and end.
    ///   - unrecordedCallLimit: The maximum number of calls that this process keeps because their ledger lacks them.
    ///   - clock: The clock that stages and tools are timed by; it is monotonic.
    ///   - timestamp: The time of day that batches are stamped with, for people; order never depends on it.
    public init(
        store: MemoryStore,
        cache: MemoryCache? = nil,
        keys: (any KeyRingProvider)? = nil,
        concurrency: TurnConcurrency = .optimistic,
        observers: [any TurnObserver] = [],
        unrecordedCallLimit: Int = 4096,
        clock: some Clock<Duration> = ContinuousClock(),
        timestamp: @escaping @Sendable () -> Timestamp = Timestamp.now
    ) {
        let cache: any SessionCache = cache?.comparing(store) ?? store.cache
        self.init(
            store: store as any SessionStore,
            cache: cache,
            keys: keys,
            concurrency: concurrency,
            observers: observers,
            unrecordedCallLimit: unrecordedCallLimit,
            clock: clock,
            timestamp: timestamp
        )
    }
}
