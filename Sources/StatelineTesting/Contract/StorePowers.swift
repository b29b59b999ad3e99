public import Stateline

/// A store whose sessions expire, and what moves its time.
public struct ExpiringStore: Sendable {
    let store: any SessionStore
    let advance: @Sendable (Duration) async throws -> Void

    /// Makes one of a store that is timed by a manual clock.
    public init(_ store: some SessionStore, clock: ManualClock) {
        self.init(store) { clock.advance(by: $0) }
    }

    /// Makes one of a store that keeps a time of its own.
    ///
    /// - Parameters:
    ///   - store: The store.
    ///   - advance: Lets time pass for the store: no more than is asked for, and it has passed when this returns.
    public init(_ store: some SessionStore, advance: @escaping @Sendable (Duration) async throws -> Void) {
        self.store = store
        self.advance = advance
    }
}

/// A store that gives up sessions to make room.
public struct EvictingStore: Sendable {
    let store: any SessionStore
    let evict: @Sendable (SessionKey) async throws -> Void

    /// Makes one of a store and a function that has it give up a session.
    ///
    /// - Parameters:
    ///   - store: The store.
    ///   - evict: Has the store give up everything that it holds of a session.
    public init(_ store: some SessionStore, evict: @escaping @Sendable (SessionKey) async throws -> Void) {
        self.store = store
        self.evict = evict
    }
}

extension SessionStoreContract {
    /// Whether a store has lifetimes.
    public enum Expiry: Sendable {
        /// It has: this makes an empty store of a lifetime and a retention.
        case provided(@Sendable (_ lifetime: Lifetime, _ retention: Duration) async throws -> ExpiringStore)
        /// It has none, and says why; the clauses about expiry don't apply.
        case declined(because: String)
    }

    /// Whether a store has a bound on its memory.
    public enum Bound: Sendable {
        /// It has: this makes an empty store that holds at most so many bytes.
        case provided(@Sendable (_ bytes: Int) async throws -> any SessionStore)
        /// It has none, and says why; the clause about a full store does not apply.
        case declined(because: String)
    }

    /// A way to make a store give up a session, or the reason why there is none.
    public enum Eviction: Sendable {
        /// Makes an empty store that gives up sessions to make room.
        case provided(@Sendable () async throws -> EvictingStore)
        /// The store gives up no session, for this reason; the clause about eviction does not apply.
        case declined(because: String)
    }

    /// Whether a promise is one that the store makes: not where it declined what the promise is about.
    public func applies(_ clause: Clause) -> Bool {
        switch clause {
        case .idleExpiry, .absoluteExpiry, .expiredStays, .expiredOrDeleted, .retention, .forkOutlivesExpiry:
            if case .provided = expiry { return true }
            return false
        case .eviction:
            if case .provided = eviction { return true }
            return false
        case .full:
            if case .provided = bound { return true }
            return false
        default: return true
        }
    }
}
