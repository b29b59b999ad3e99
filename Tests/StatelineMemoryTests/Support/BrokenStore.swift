import NIOConcurrencyHelpers
import NIOCore
import Stateline
import StatelineMemory
import StatelineTesting

/// A store with one fault.
final class BrokenStore: SessionStore {
    enum Fault: CaseIterable {
        case comparesRevisionsOnly
        case appendsDuplicates
        case staleWithoutBatches
        case staleWithoutRecords
        case knowsBatchesByTheirTurn
        case forgetsDeletion
        case deletesAtAnyPosition
        case showsOtherTenants
        case losesPages
        case answersCurrentForRegressed
        case takesForeignBatches
        case deletesForksWithTheirParent
        case losesLargeBatches
        case refusesNewerKinds
        case callsNewerVersionsCorrupt
        case answersStaleForLateDuplicates
        case deletesLater
        case createsOverDeleted
        case neverExpires
        case commitsDoNotProlong
        case commitsProlongTheAge
        case createsOverExpired
        case listsExpired
        case answersDeletedForExpired
        case remembersForEver
        case forgetsAtOnce
        case expiresForksWithTheirParent
        case evictsWhenFull
        case takesAllWhenFull
        case saysUnknownWhenFull
        case sharesLoadsAfterTheirReply
        case isFilledByRecords
        case showsOldestForNewest
        case leavesOutGoneSessions
        case addsRenewalsOfAllTurns
        case countsReadsOfALease
        case refusesCommitsAfterARenewal
        case sharesLeasesWithForks
        case renewsDeleted
        case losesRenewalsAtOnce
        case renewalsDoNotProlong
        case readsOfALeaseProlong

        var clause: SessionStoreContract.Clause {
            switch self {
            case .comparesRevisionsOnly: .diverged
            case .appendsDuplicates: .racingRetries
            case .staleWithoutBatches: .stale
            case .staleWithoutRecords, .knowsBatchesByTheirTurn: .recordsBetween
            case .forgetsDeletion: .deletion
            case .deletesAtAnyPosition: .conditionalDeletion
            case .showsOtherTenants: .tenants
            case .losesPages: .list
            case .answersCurrentForRegressed: .beyond
            case .takesForeignBatches: .foreignBatch
            case .deletesForksWithTheirParent: .forkOutlives
            case .losesLargeBatches: .largeEntries
            case .refusesNewerKinds: .newerContent
            case .callsNewerVersionsCorrupt: .newerVersion
            case .answersStaleForLateDuplicates: .unknownOutcome
            case .deletesLater, .createsOverDeleted: .racingDeletion
            case .neverExpires, .commitsDoNotProlong: .idleExpiry
            case .commitsProlongTheAge: .absoluteExpiry
            case .createsOverExpired, .listsExpired: .expiredStays
            case .answersDeletedForExpired: .expiredOrDeleted
            case .remembersForEver, .forgetsAtOnce: .retention
            case .expiresForksWithTheirParent: .forkOutlivesExpiry
            case .evictsWhenFull, .takesAllWhenFull, .saysUnknownWhenFull: .full
            case .sharesLoadsAfterTheirReply: .freshReads
            case .isFilledByRecords: .recordsLeaveRoom
            case .showsOldestForNewest, .leavesOutGoneSessions: .newest
            case .addsRenewalsOfAllTurns, .countsReadsOfALease: .lease
            case .refusesCommitsAfterARenewal, .sharesLeasesWithForks: .leaseBesideLog
            case .renewsDeleted: .leaseAbsence
            case .losesRenewalsAtOnce: .racingRenewals
            case .renewalsDoNotProlong, .readsOfALeaseProlong: .leaseExpiry
            }
        }

        /// The lifetime that the store has in truth, of the one that it was asked for.
        func lifetime(_ wanted: Lifetime) -> Lifetime? {
            switch self {
            case .neverExpires: nil
            case .commitsDoNotProlong: .absolute(wanted.idle ?? .seconds(1))
            case .commitsProlongTheAge: .idle(wanted.idle ?? .seconds(1))
            default: wanted
            }
        }

        /// The retention that the store has in truth, of the one that it was asked for.
        func retention(_ wanted: Duration) -> Duration {
            switch self {
            case .remembersForEver: wanted * 1000
            case .forgetsAtOnce: .seconds(1)
            default: wanted
            }
        }
    }

    private let fault: Fault
    private let store: any SessionStore
    private let forks = NIOLockedValueBox<[SessionKey: SessionKey]>([:])
    private let turns = NIOLockedValueBox<Set<TurnID>>([])
    private let used = NIOLockedValueBox<[SessionKey]>([])
    private let deletionCount = NIOLockedValueBox(0)
    private let renewed = NIOLockedValueBox<[SessionKey: Position]>([:])
    private let loads = NIOLockedValueBox<[SessionKey: LoadResult]>([:])

    init(_ fault: Fault, _ store: any SessionStore = ReferenceStore()) {
        self.fault = fault
        self.store = store
    }

    /// The contract with a store that has the fault, in each of its powers.
    static func contract(_ fault: Fault) -> SessionStoreContract {
        SessionStoreContract(
            BrokenStore(fault),
            expiry: .provided { lifetime, retention in
                let clock = ManualClock()
                let store = ReferenceStore(
                    lifetime: fault.lifetime(lifetime),
                    retention: fault.retention(retention),
                    clock: clock
                )
                return ExpiringStore(BrokenStore(fault, store), clock: clock)
            },
            bound: .provided { BrokenStore(fault, MemoryStore(byteLimit: fault == .takesAllWhenFull ? nil : $0)) }
        )
    }

    func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        if fault == .sharesLoadsAfterTheirReply { return try await share(key, after: position) }
        let result = try await store.load(renamed(key), after: position)
        switch (fault, result) {
        case (.answersCurrentForRegressed, .regressed): return .current
        case (.forgetsDeletion, .gone): return .gone(.absent)
        case (.answersDeletedForExpired, .gone(.expired)): return .gone(.deleted)
        case (.comparesRevisionsOnly, .regressed): return .current
        case (.refusesNewerKinds, .tail(let batches)) where batches.contains { Self.kind(of: $0) > 5 },
            (.callsNewerVersionsCorrupt, .tail(let batches)) where batches.contains { $0.version != 1 }:
            throw StoreError(.corrupt, committed: .no, message: "a test's")
        case (.losesLargeBatches, .tail(let batches)):
            return .tail(batches.filter { $0.bytes.readableBytes < 1 << 20 })
        case (.deletesForksWithTheirParent, _), (.expiresForksWithTheirParent, _):
            guard let parent = forks.withLockedValue({ $0[key] }) else { return result }
            guard case .gone(let absence) = try await store.load(parent, after: nil) else { return result }
            return .gone(absence)
        default: return result
        }
    }

    /// Gives the reply of a load to all that ask before the caller that loaded has gone on.
    private func share(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        if let reply = loads.withLockedValue({ $0[key] }) { return reply }
        let result = try await store.load(key, after: position)
        loads.withLockedValue { $0[key] = result }
        for _ in 0..<16 { await Task.yield() }
        loads.withLockedValue { $0[key] = nil }
        return result
    }

    private static func kind(of batch: EncodedBatch) -> UInt8 {
        (try? batch.decoded())?.batch.kind.rawValue ?? 0
    }

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        if fault == .isFilledByRecords, deletionCount.withLockedValue({ $0 > 800 }) {
            throw StoreError(.full, committed: .no, message: "no room beside what is remembered")
        }
        if fault == .refusesCommitsAfterARenewal, renewed.withLockedValue({ $0[key] == position }) { return .regressed }
        if fault == .knowsBatchesByTheirTurn, !turns.withLockedValue({ $0.insert(batch.turn).inserted }) {
            return .duplicate(.memory)
        }
        let result: AppendResult
        do throws(StoreError) { result = try await store.append(batch, to: renamed(key), expecting: position) } catch {
            guard error.reason == .full else { throw error }
            if fault == .saysUnknownWhenFull { throw StoreError(.full, committed: .unknown, message: "perhaps") }
            if fault == .evictsWhenFull, let other = used.withLockedValue({ $0.first { $0 != key } }) {
                _ = try await store.delete(other, expecting: nil)
            }
            throw error
        }
        if result == .committed(.memory) { used.withLockedValue { $0.append(key) } }
        switch (fault, result) {
        case (.appendsDuplicates, .duplicate): return .committed(.memory)
        case (.staleWithoutBatches, .stale): return .stale(missing: [])
        case (.staleWithoutRecords, .stale(let missing)):
            return .stale(missing: missing.filter { (try? $0.decoded().batch.entries.isEmpty) == false })
        case (.takesForeignBatches, .regressed) where batch.position.incarnation != position.incarnation:
            return .committed(.memory)
        case (.createsOverDeleted, .gone(.deleted)) where position.revision == 0: return .committed(.memory)
        case (.createsOverExpired, .gone(.expired)) where position.revision == 0: return .committed(.memory)
        case (.answersStaleForLateDuplicates, .duplicate):
            guard case .tail(let missing) = try await store.load(key, after: position), missing.count > 1 else {
                return result
            }
            return .stale(missing: missing)
        default: return result
        }
    }

    func fork(
        _ key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        first: EncodedBatch
    ) async throws(StoreError) -> ForkResult {
        forks.withLockedValue { $0[fork] = key }
        return try await store.fork(renamed(key), at: position, to: renamed(fork), first: first)
    }

    func delete(_ key: SessionKey, expecting position: Position?) async throws(StoreError) -> DeleteResult {
        if fault == .deletesLater { return .deleted }
        let condition = fault == .deletesAtAnyPosition ? nil : position
        let result = try await store.delete(renamed(key), expecting: condition)
        if result == .deleted { deletionCount.withLockedValue { $0 += 1 } }
        if fault == .forgetsDeletion, case .gone = result { return .gone(.absent) }
        return result
    }

    func list(_ tenant: Tenant, cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        if fault == .listsExpired {
            return ListPage(keys: used.withLockedValue { Array($0.prefix(1)) }, next: nil)
        }
        let page = try await store.list(fault == .showsOtherTenants ? "all" : tenant, cursor: cursor, limit: limit)
        return fault == .losesPages ? ListPage(keys: page.keys, next: nil) : page
    }

    func newest(of keys: [SessionKey]) async throws(StoreError) -> [EncodedBatch?] {
        let newest = try await store.newest(of: keys.map(renamed))
        switch fault {
        case .leavesOutGoneSessions: return newest.filter { $0 != nil }
        case .showsOldestForNewest:
            guard let key = keys.first, case .tail(let batches) = try await store.load(key, after: nil) else { break }
            return [batches.first] + newest.dropFirst()
        default: break
        }
        return newest
    }

    func lease(of key: SessionKey, renewing turn: TurnID?) async throws(StoreError) -> LeaseResult {
        let before = try await store.lease(of: renamed(key), renewing: nil)
        guard case .lease(let known, let count, let position) = before else {
            guard fault == .renewsDeleted, let turn, before == .gone(.deleted) else { return before }
            return .lease(of: turn, renewals: 1, position: .origin(of: key, incarnation: .random()))
        }
        switch (fault, turn) {
        case (.countsReadsOfALease, nil), (.readsOfALeaseProlong, nil):
            let after = try await store.lease(of: renamed(key), renewing: known ?? .random())
            return fault == .readsOfALeaseProlong ? before : after
        case (.sharesLeasesWithForks, nil) where known == nil:
            guard let parent = forks.withLockedValue({ $0[key] }) else { return before }
            return try await lease(of: parent, renewing: nil)
        case (.addsRenewalsOfAllTurns, let turn?):
            _ = try await store.lease(of: renamed(key), renewing: known ?? turn)
            return .lease(of: turn, renewals: count + 1, position: position)
        case (.losesRenewalsAtOnce, let turn?):
            for _ in 0..<16 { await Task.yield() }
            let now = try await store.lease(of: renamed(key), renewing: nil)
            return now == before ? try await store.lease(of: renamed(key), renewing: turn) : now
        case (.renewalsDoNotProlong, let turn?): return .lease(of: turn, renewals: 1, position: position)
        case (.refusesCommitsAfterARenewal, _?):
            renewed.withLockedValue { $0[key] = position }
            return try await store.lease(of: renamed(key), renewing: turn)
        default: return try await store.lease(of: renamed(key), renewing: turn)
        }
    }

    private func renamed(_ key: SessionKey) -> SessionKey {
        fault == .showsOtherTenants ? SessionKey(key.id, tenant: "all") : key
    }
}

extension EncodedBatch {
    fileprivate var version: UInt8? { bytes.readableBytesView.first }
}
