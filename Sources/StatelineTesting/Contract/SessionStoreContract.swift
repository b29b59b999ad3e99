public import Stateline

/// The promises of every `SessionStore`, as checks that run against any store.
///
/// ```swift
/// let contract = SessionStoreContract(
///     MyStore(),
///     expiry: .provided { lifetime, retention in
///         let clock = ManualClock()
///         return ExpiringStore(MyStore(lifetime: lifetime, retention: retention, clock: clock), clock: clock)
///     },
///     bound: .declined(because: "the disk is larger than any test")
/// )
///
/// @Test(arguments: SessionStoreContract.Clause.allCases)
/// func `the store keeps the contract`(clause: SessionStoreContract.Clause) async throws {
///     try await contract.check(clause)
/// }
/// ```
///
/// Each check uses tenants with random names, so the store may be shared, may hold other sessions and may be checked
/// repeatedly. The checks write a few hundred small batches and some of 1 MiB, and do not delete them. Checks of
/// lifetimes and of a bound each make a store of their own. A store declines by name each capability that it lacks, so
/// no clause is left out by accident.
public struct SessionStoreContract: Sendable {
    /// A promise.
    ///
    /// Its raw value says it in a sentence.
    public enum Clause: String, CaseIterable, Hashable, Sendable {
        case creation = "an absent session is created by its first batch"
        case wrongOrigin = "a session is created only at its own origin"
        case secondCreation = "a session that exists is not created again"
        case order = "batches are kept in order and to the byte"
        case tail = "a load returns the batches that the reader lacks"
        case duplicate = "a batch that is sent again is a duplicate, and is not appended again"
        case stale = "an append at an earlier position is stale, and returns the missing batches"
        case recordsBetween = "a batch without entries or a view does not refuse a paid answer"
        case valuesBetween = "a batch of values does not refuse a paid answer"
        case values = "all readers fold the same values, after rewinds and in forks too"
        case diverged = "a position of a diverged log is regressed"
        case beyond = "a position beyond the log is regressed"
        case incarnation = "a position of another incarnation is regressed"
        case foreignBatch = "a batch of another incarnation than its position is regressed"
        case absence = "an absent session is neither appended to, nor forked, nor deleted"
        case deletion = "a deleted session stays deleted"
        case conditionalDeletion = "a conditional deletion compares the whole position"
        case fork = "a fork continues its parent's log, and neither sees the other's batches"
        case forkOfEarlier = "a fork may begin at any batch of its parent"
        case forkOfFork = "a fork of a fork has the batches of all its ancestors"
        case forkAgain = "a fork that is requested again is a duplicate"
        case forkTaken = "a fork does not take a key that is used or was used"
        case forkRegressed = "a fork begins at a position of its parent's log"
        case forkOutlives = "a fork outlives its parent, and its parent outlives it"
        case chain = "a long chain of forks is loaded whole, and each of its sessions outlives the others"
        case branches = "the branches of a family are its live sessions, each once"
        case racingAppends = "one of several racing appends wins each revision"
        case racingRetries = "a batch that is sent many times at once is committed once"
        case racingCreations = "one of several racing creations wins"
        case freshReads = "a read that begins after a commit was acknowledged sees the commit"
        case strangeKeys = "keys are any text, and equal only if their bytes are"
        case tenants = "a tenant's sessions are not seen by another tenant"
        case list = "a list shows each session at least once, and no deleted one"
        case changingList = "a list that changes while it is read shows all sessions that exist throughout"
        case newest = "the newest batch of each of some sessions is returned, and none for a session that is gone"
        case largeEntries = "an entry of 1 MiB is kept to the byte"
        case newerContent = "additions of a newer writer to a batch are kept to the byte"
        case newerVersion = "a log with a batch of a newer version is returned unchanged or unreadable, but not corrupt"
        case unknownOutcome = "a batch with an unknown outcome is safe to send again"
        case racingDeletion = "no append that races with a deletion revives the session"
        case lease = "a lease counts the renewals of one turn, and those of another turn begin at 1"
        case leaseBesideLog = "a lease shows the newest batch, and a renewal changes no log and makes no batch stale"
        case leaseAbsence = "there is no lease of an absent or deleted session, and a renewal does not make one"
        case racingRenewals = "each of many renewals at once is counted"
        case leaseExpiry = "a renewal of a lease restarts the idle time as a commit does, and a read of it does not"
        case idleExpiry = "a session expires after its idle time, which each commit restarts"
        case absoluteExpiry = "a session expires at its maximum age, whatever is committed"
        case expiredStays = "an expired session stays expired after late requests"
        case expiredOrDeleted = "expired, deleted and absent are three different answers"
        case retention = "a gone session is absent after the retention, and its key can be created again"
        case forkOutlivesExpiry = "a fork outlives the expiry of its parent, and has its own lifetime"
        case eviction = "an evicted session is never absent"
        case full = "a full store refuses batches, and keeps its sessions"
        case recordsLeaveRoom = "records of deleted sessions leave room for new sessions"
    }

    let store: any SessionStore
    let expiry: Expiry
    let bound: Bound
    let eviction: Eviction
    let leases: Leases

    /// Creates the checks of a store.
    ///
    /// - Parameters:
    ///   - store: A store whose sessions do not expire during the checks.
    ///   - expiry: Makes a store whose sessions expire, or declines.
    ///   - bound: Makes a store with a bound on its size, or declines.
    ///   - eviction: Makes a store that evicts sessions, or declines.
    ///   - leases: Supported, or declined.
    public init(
        _ store: some SessionStore,
        expiry: Expiry,
        bound: Bound,
        eviction: Eviction = .declined(because: "the store evicts no session"),
        leases: Leases = .provided
    ) {
        self.store = store
        self.expiry = expiry
        self.bound = bound
        self.eviction = eviction
        self.leases = leases
    }

    /// Checks all clauses, one after the other.
    ///
    /// - Throws: ``ContractViolation`` if the store breaks a clause, or the store's own error.
    public func check() async throws {
        for clause in Clause.allCases { try await check(clause) }
    }

    /// The keys under which the batches of the checks are encrypted; `nil` for none.
    @TaskLocal static var keys: (any KeyRingProvider)?

    /// The encryption of a session that a check writes; `nil` for none.
    static func cipher(of key: SessionKey) -> SessionCipher? { keys.flatMap { try? SessionCipher(of: key, from: $0) } }

    /// Checks one clause with encrypted batches.
    ///
    /// - Throws: ``ContractViolation`` if the store breaks the clause, or the store's own error.
    public func check(_ clause: Clause, keys: any KeyRingProvider) async throws {
        try await Self.$keys.withValue(keys) { try await check(clause) }
    }

    /// Checks one clause.
    ///
    /// A clause that does not apply passes.
    ///
    /// - Throws: ``ContractViolation`` if the store breaks the clause, or the store's own error.
    public func check(_ clause: Clause) async throws {
        guard applies(clause) else { return }
        let check = ContractCheck(store: store, clause: clause)
        switch clause {
        case .creation: try await check.checkCreation()
        case .wrongOrigin: try await check.checkWrongOrigin()
        case .secondCreation: try await check.checkSecondCreation()
        case .order: try await check.checkOrder()
        case .tail: try await check.checkTail()
        case .duplicate: try await check.checkDuplicate()
        case .stale: try await check.checkStale()
        case .recordsBetween: try await check.checkRecordsBetween()
        case .valuesBetween: try await check.checkValuesBetween()
        case .values: try await check.checkValues()
        case .diverged: try await check.checkDiverged()
        case .beyond: try await check.checkBeyond()
        case .incarnation: try await check.checkIncarnation()
        case .foreignBatch: try await check.checkForeignBatch()
        case .absence: try await check.checkAbsence()
        case .deletion: try await check.checkDeletion()
        case .conditionalDeletion: try await check.checkConditionalDeletion()
        case .fork: try await check.checkFork()
        case .forkOfEarlier: try await check.checkForkOfEarlier()
        case .forkOfFork: try await check.checkForkOfFork()
        case .forkAgain: try await check.checkForkAgain()
        case .forkTaken: try await check.checkForkTaken()
        case .forkRegressed: try await check.checkForkRegressed()
        case .forkOutlives: try await check.checkForkOutlives()
        case .chain: try await check.checkChain()
        case .branches: try await check.checkBranches()
        case .racingAppends: try await check.checkRacingAppends()
        case .racingRetries: try await check.checkRacingRetries()
        case .racingCreations: try await check.checkRacingCreations()
        case .freshReads: try await check.checkFreshReads()
        case .strangeKeys: try await check.checkStrangeKeys()
        case .tenants: try await check.checkTenants()
        case .list: try await check.checkList()
        case .changingList: try await check.checkChangingList()
        case .newest: try await check.checkNewest()
        case .largeEntries: try await check.checkLargeEntries()
        case .newerContent: try await check.checkNewerContent()
        case .newerVersion: try await check.checkNewerVersion()
        case .unknownOutcome: try await check.checkUnknownOutcome()
        case .racingDeletion: try await check.checkRacingDeletion()
        case .lease: try await check.checkLease()
        case .leaseBesideLog: try await check.checkLeaseBesideLog()
        case .leaseAbsence: try await check.checkLeaseAbsence()
        case .racingRenewals: try await check.checkRacingRenewals()
        case .leaseExpiry, .idleExpiry, .absoluteExpiry, .expiredStays, .expiredOrDeleted, .retention,
            .forkOutlivesExpiry:
            try await checkExpiry(clause)
        case .eviction: try await checkEviction()
        case .full: try await checkFull()
        case .recordsLeaveRoom: try await checkRecordsLeaveRoom()
        }
    }
}
