public import Stateline

/// The capabilities that not every store has. A store that lacks one declines it and says why.
extension SessionStoreContract {
    /// The capability to expire sessions.
    public enum Expiry: Sendable {
        /// Supported: makes an empty store with this lifetime and retention.
        case provided(@Sendable (_ lifetime: Lifetime, _ retention: Duration) async throws -> ExpiringStore)
        /// Not supported, for this reason: the clauses about expiry do not apply.
        case declined(because: String)

        var isProvided: Bool {
            if case .provided = self { return true }
            return false
        }
    }

    /// The capability to bound the size of a store.
    public enum Bound: Sendable {
        /// Supported: makes an empty store that holds at most `bytes` bytes.
        case provided(@Sendable (_ bytes: Int) async throws -> any SessionStore)
        /// Supported, but records of deleted sessions count towards the bound, for this reason: the clause about them
        /// does not apply.
        case filledByRecords(because: String, @Sendable (_ bytes: Int) async throws -> any SessionStore)
        /// Not supported, for this reason: the clauses about a full store do not apply.
        case declined(because: String)

        /// Makes an empty store with a bound; `nil` if bounds are not supported.
        var makeStore: (@Sendable (_ bytes: Int) async throws -> any SessionStore)? {
            switch self {
            case .provided(let makeStore), .filledByRecords(_, let makeStore): makeStore
            case .declined: nil
            }
        }
    }

    /// The capability to evict sessions.
    public enum Eviction: Sendable {
        /// Supported: makes an empty store that evicts sessions to make room.
        case provided(@Sendable () async throws -> EvictingStore)
        /// Not supported, for this reason: the clause about eviction does not apply.
        case declined(because: String)
    }

    /// The capability to count renewals of leases.
    public enum Leases: Sendable {
        /// Supported.
        case provided
        /// Not supported, for this reason: the clauses about leases do not apply.
        case declined(because: String)

        var isProvided: Bool {
            if case .provided = self { return true }
            return false
        }
    }

    /// Returns `false` if the clause is about a capability that the store declined.
    public func applies(_ clause: Clause) -> Bool {
        switch clause {
        case .idleExpiry, .absoluteExpiry, .expiredStays, .expiredOrDeleted, .retention, .forkOutlivesExpiry:
            return expiry.isProvided
        case .lease, .leaseBesideLog, .leaseAbsence, .racingRenewals: return leases.isProvided
        case .leaseExpiry: return leases.isProvided && expiry.isProvided
        case .eviction:
            if case .provided = eviction { return true }
            return false
        case .full: return bound.makeStore != nil
        case .recordsLeaveRoom:
            if case .provided = bound { return true }
            return false
        default: return true
        }
    }
}
