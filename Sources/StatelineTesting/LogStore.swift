package import Stateline

/// A store that is asked as sessions ask it: through a log, watched by a cache.
///
/// It runs the contract of stores over a cache.
package struct LogStore: SessionStore {
    private let log: SessionLog
    private let store: any SessionStore

    /// Makes a store.
    ///
    /// - Parameters:
    ///   - store: The store that is asked.
    ///   - cache: The cache of its sessions.
    package init(_ store: any SessionStore, cache: some SessionCache) {
        self.store = store
        self.log = SessionLog(store: store, cache: cache, clock: ContinuousClock())
    }

    /// Makes a store that is asked as a boundary's sessions ask it.
    ///
    /// - Parameters:
    ///   - store: The boundary's store.
    ///   - boundary: The boundary.
    package init(_ store: any SessionStore, of boundary: Boundary) {
        self.store = store
        self.log = boundary.log
    }

    /// Reads the batches after a position.
    package func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        var cost = StoreCost()
        do throws(SessionError) {
            let batches = try await log.batches(of: key, after: position, cost: &cost)
            return batches.isEmpty ? .current : .tail(batches)
        } catch {
            return switch try Refusal(error) {
            case .gone(let absence): .gone(absence)
            case .regressed, .taken: .regressed
            }
        }
    }

    /// Appends a batch if the log is at the expected position.
    package func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        var cost = StoreCost()
        do throws(SessionError) {
            return switch try await log.append(batch, to: key, expecting: position, cost: &cost) {
            case .committed(let acknowledged): .committed(acknowledged)
            case .duplicate(let acknowledged): .duplicate(acknowledged)
            case .stale(let missing): .stale(missing: missing)
            }
        } catch {
            return switch try Refusal(error) {
            case .gone(let absence): .gone(absence)
            case .regressed, .taken: .regressed
            }
        }
    }

    /// Makes a session that continues another one's log.
    package func fork(
        _ key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        first: EncodedBatch
    ) async throws(StoreError) -> ForkResult {
        do throws(SessionError) {
            return try await log.fork(key, at: position, to: fork, first: first) ? .forked : .duplicate
        } catch {
            return switch try Refusal(error) {
            case .gone(let absence): .gone(absence)
            case .regressed: .regressed
            case .taken: .taken
            }
        }
    }

    /// Returns the position of the store's session.
    package func position(of key: SessionKey) async throws(StoreError) -> Position? {
        try await store.position(of: key)
    }

    /// Deletes a session.
    package func delete(_ key: SessionKey, expecting position: Position?) async throws(StoreError) -> DeleteResult {
        do throws(SessionError) {
            return try await log.delete(key, expecting: position) ? .deleted : .stale
        } catch {
            return switch try Refusal(error) {
            case .gone(let absence): .gone(absence)
            case .regressed, .taken: .stale
            }
        }
    }

    /// Lists the store's sessions of a tenant.
    package func list(_ tenant: Tenant, cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        try await store.list(tenant, cursor: cursor, limit: limit)
    }

    /// Returns the newest batches of the store's sessions.
    package func newest(of keys: [SessionKey]) async throws(StoreError) -> [EncodedBatch?] {
        try await store.newest(of: keys)
    }

    /// Renews a lease of the store's session, or reads it.
    package func lease(of key: SessionKey, renewing turn: TurnID?) async throws(StoreError) -> LeaseResult {
        try await store.lease(of: key, renewing: turn)
    }
}

/// A result of a store that the log reports as an error.
private enum Refusal {
    case gone(Absence)
    case regressed
    case taken

    /// - Throws: ``StoreError`` if the error is a failure of the store.
    init(_ error: SessionError) throws(StoreError) {
        switch error {
        case .gone(_, let absence): self = .gone(absence)
        case .regressed: self = .regressed
        case .alreadyExists: self = .taken
        case .store(let error): throw error
        case .unreadableLog(_, let reason):
            throw StoreError(.unreadable(reason), committed: .no, message: reason.description)
        default: preconditionFailure("no error of a log: \(error)")
        }
    }
}
