internal import NIOCore

/// The only access to a store: all layers above use it.
///
/// It repeats a write whose outcome is unknown, maps what stores answer to ``SessionError``, and tells the cache what
/// each reply showed. See ``append(_:making:to:expecting:until:isShielded:cost:)`` for how long a write can take.
package struct SessionLog: Sendable {
    package let store: any SessionStore
    /// The cache of snapshots for all handles of the process; `nil` for none.
    let cache: (any SessionCache)?
    /// The source of the sessions' key rings; `nil` if nothing is encrypted.
    let keys: (any KeyRingProvider)?
    /// The store's ``SessionStore/timeLimit``.
    let timeLimit: Duration?
    let clock: any Clock<Duration>
    /// The time since a fixed moment, by `clock`.
    let now: @Sendable () -> Duration
    let health = StoreHealth()

    /// Makes the door to a store.
    ///
    /// - Parameters:
    ///   - store: The store.
    ///   - cache: The cache of the store's sessions; `nil` for none.
    ///   - keys: The source of the sessions' key rings; `nil` if nothing is encrypted.
    ///   - clock: The clock of deadlines and of times; it is monotonic.
    package init(
        store: any SessionStore,
        cache: (any SessionCache)?,
        keys: (any KeyRingProvider)? = nil,
        clock: some Clock<Duration>
    ) {
        let origin = clock.now
        self.store = store
        self.cache = cache
        self.keys = keys
        self.timeLimit = store.timeLimit?.bounded
        self.clock = clock
        self.now = { origin.duration(to: clock.now) }
    }

    /// The time for which writes are repeated that no caller gave a deadline.
    static let patience = Duration.seconds(10)

    /// The result of ``append(_:making:to:expecting:until:isShielded:cost:)``.
    package enum Appended: Sendable {
        /// The batch is in the log.
        case committed(Acknowledged)
        /// The batch was in the log already, from an earlier attempt.
        case duplicate(Acknowledged)
        /// The log has moved on without it; these batches came after the expected position.
        case stale([EncodedBatch])
    }

    /// Appends a batch if the log is at the expected position.
    ///
    /// An attempt with an unknown outcome is repeated until `deadline`, which is safe and tells. An attempt that does not
    /// end at the deadline is cancelled, and left behind a tenth of a second later if it ignores that. A first attempt is
    /// watched only if ``SessionStore/timeLimit`` does not end it by then.
    ///
    /// - Parameters:
    ///   - batch: The batch.
    ///   - snapshot: The session with the batch, for the cache; `nil` if the caller has none.
    ///   - key: The session.
    ///   - position: The position that the batch follows.
    ///   - deadline: The time at which to give up an unknown outcome, on the log's clock; `nil` for
    ///     ``patience`` from now.
    ///   - isShielded: `true` to ask the store although the task is cancelled; `false` to leave the outcome of an attempt
    ///     that the cancellation ended unknown. It is left behind as at the deadline.
    ///   - cost: Receives the cost, whatever the outcome.
    /// - Returns: The outcome.
    /// - Throws: ``SessionError``: gone, regressed, unreadableLog, or store. Once one attempt's outcome is unknown, the
    ///   store's error says so whatever later attempts fail with.
    package func append(
        _ batch: EncodedBatch,
        making snapshot: Snapshot? = nil,
        to key: SessionKey,
        expecting position: Position,
        until deadline: Duration? = nil,
        isShielded: Bool = true,
        cost: inout StoreCost
    ) async throws(SessionError) -> Appended {
        let write = StoreAppend(batch: batch, key: key, position: position, snapshot: snapshot)
        switch try await perform(write, until: deadline, isShielded: isShielded, cost: &cost) {
        case .committed(let acknowledged): return .committed(acknowledged)
        case .duplicate(let acknowledged):
            if let snapshot { cache?.offer(snapshot) }
            return .duplicate(acknowledged)
        // A caller that follows the log would ask for ever.
        case .stale(let missing) where missing.isEmpty: throw .store(.staleWithoutNews)
        case .stale(let missing): return .stale(missing)
        case .regressed: throw .regressed(key)
        case .gone(let absence): throw .gone(key, absence)
        }
    }

    /// Makes a session that continues another one's log.
    ///
    /// - Parameters:
    ///   - key: The parent.
    ///   - position: The position in the parent's log at which the fork begins.
    ///   - fork: The new session's key.
    ///   - first: The fork's first batch.
    ///   - snapshot: The fork with that batch, for the cache; `nil` if the caller has none.
    /// - Returns: `false` if the fork was there already, from an earlier attempt.
    /// - Throws: ``SessionError``: alreadyExists, gone, regressed or store.
    @discardableResult
    package func fork(
        _ key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        first: EncodedBatch,
        making snapshot: Snapshot? = nil
    ) async throws(SessionError) -> Bool {
        var cost = StoreCost()
        let write = StoreFork(parent: key, position: position, key: fork, first: first, snapshot: snapshot)
        switch try await perform(write, cost: &cost) {
        case .forked: return true
        case .duplicate:
            if let snapshot { cache?.offer(snapshot) }
            return false
        case .taken: throw .alreadyExists(fork)
        case .regressed: throw .regressed(key)
        case .gone(let absence): throw .gone(key, absence)
        }
    }

    /// Returns the encryption of a session whose log was not read yet; `nil` if nothing is encrypted.
    ///
    /// - Throws: ``SessionError/sealed(_:_:_:)`` if the session has no key ring.
    func cipher(of key: SessionKey) throws(SessionError) -> SessionCipher? {
        guard let keys else { return nil }
        do throws(SealError) { return try SessionCipher(of: key, from: keys) } catch { throw .sealed(key, 0, error) }
    }

    /// Offers the cache a snapshot that was folded from batches the store has just sent or acknowledged.
    func learned(_ snapshot: Snapshot) {
        cache?.offer(snapshot)
    }
}

extension [EncodedBatch] {
    /// The bytes of all batches.
    var byteCount: Int { reduce(0) { $0 + $1.bytes.readableBytes } }
}

extension StoreError {
    /// An answer that contradicts itself.
    fileprivate static var staleWithoutNews: StoreError {
        StoreError(
            .corrupt,
            committed: .no,
            message: "the store refused a batch because of newer ones, and returned none"
        )
    }
}
