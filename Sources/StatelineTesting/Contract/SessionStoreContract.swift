public import Stateline

/// What every `SessionStore` promises, as checks that any store can be put to.
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
/// Each check works under tenants of random names, so that a store may be shared, hold other sessions and be checked
/// again. The checks write a few hundred small batches and some of 1 MiB, and leave them behind. Checks of lifetimes and
/// of a bound each ask for a store of their own. What a store has not, it declines by name: nothing is left out because
/// it was forgotten.
public struct SessionStoreContract: Sendable {
    /// A promise.
    public enum Clause: String, CaseIterable, Hashable, Sendable {
        case creation = "an absent session is created by its first batch"
        case wrongOrigin = "a session is created only at its own origin"
        case secondCreation = "a session that exists is not created again"
        case order = "batches are kept in order and to the byte"
        case tail = "a load brings what the reader lacks"
        case duplicate = "a batch that is sent again is a duplicate, and is not appended again"
        case stale = "an append at an earlier position is stale, and brings what is missing"
        case recordsBetween = "a batch without entries or a view does not keep a paid answer out"
        case diverged = "a position of a diverged log is regressed"
        case beyond = "a position beyond the log is regressed"
        case incarnation = "a position of another incarnation is regressed"
        case foreignBatch = "a batch of another incarnation than its position is regressed"
        case absence = "an absent session is neither appended to, nor forked, nor deleted"
        case deletion = "a deleted session stays deleted"
        case conditionalDeletion = "a conditional deletion wants the whole position"
        case fork = "a fork continues its parent's log, and neither sees the other's batches"
        case forkOfEarlier = "a fork may begin at any batch of its parent"
        case forkOfFork = "a fork of a fork holds the whole line"
        case forkAgain = "a fork that is asked for again is a duplicate"
        case forkTaken = "a fork does not take a key that is used or was used"
        case forkRegressed = "a fork begins at a position of its parent's log"
        case forkOutlives = "a fork outlives its parent, and its parent outlives it"
        case racingAppends = "of racing appends one wins each revision"
        case racingRetries = "of the same batch sent many times at once one is committed"
        case racingCreations = "of racing creations one wins"
        case strangeKeys = "keys are any text, and equal only where their bytes are"
        case tenants = "a tenant's sessions are not seen by another tenant"
        case list = "a list shows each session at least once, and no deleted one"
        case changingList = "a list that changes while it is read shows all that live throughout"
        case largeEntries = "an entry of 1 MiB is kept to the byte"
        case unknownOutcome = "what was sent with an unknown outcome is sent again safely"
        case racingDeletion = "nothing that races with a deletion brings the session back"
        case idleExpiry = "a session expires when it was idle too long, and a commit starts the time anew"
        case absoluteExpiry = "a session expires when it is too old, whatever is committed"
        case expiredStays = "an expired session stays expired, whatever comes late"
        case expiredOrDeleted = "expired, deleted and absent are three answers"
        case retention = "what is gone is absent after the retention, and is another session from then on"
        case forkOutlivesExpiry = "a fork outlives the expiry of its parent, and has its own time"
        case full = "a store without room refuses, and keeps what it has"
    }

    let store: any SessionStore
    let expiry: Expiry
    let bound: Bound

    /// Makes the checks of a store.
    ///
    /// - Parameters:
    ///   - store: The store; what it holds for ever, or for longer than a check takes.
    ///   - expiry: How to make a store whose sessions expire, or why there is none.
    ///   - bound: How to make a store that is soon full, or why there is none.
    public init(_ store: some SessionStore, expiry: Expiry, bound: Bound) {
        self.store = store
        self.expiry = expiry
        self.bound = bound
    }

    /// Checks all promises, one after the other.
    ///
    /// - Throws: ``ContractViolation`` where the store breaks one, or the store's own error.
    public func check() async throws {
        for clause in Clause.allCases { try await check(clause) }
    }

    /// Checks one promise; one that the store does not make holds.
    ///
    /// - Throws: ``ContractViolation`` where the store breaks it, or the store's own error.
    public func check(_ clause: Clause) async throws {
        let trial = Trial(store: store, clause: clause)
        switch clause {
        case .creation: try await trial.checkCreation()
        case .wrongOrigin: try await trial.checkWrongOrigin()
        case .secondCreation: try await trial.checkSecondCreation()
        case .order: try await trial.checkOrder()
        case .tail: try await trial.checkTail()
        case .duplicate: try await trial.checkDuplicate()
        case .stale: try await trial.checkStale()
        case .recordsBetween: try await trial.checkRecordsBetween()
        case .diverged: try await trial.checkDiverged()
        case .beyond: try await trial.checkBeyond()
        case .incarnation: try await trial.checkIncarnation()
        case .foreignBatch: try await trial.checkForeignBatch()
        case .absence: try await trial.checkAbsence()
        case .deletion: try await trial.checkDeletion()
        case .conditionalDeletion: try await trial.checkConditionalDeletion()
        case .fork: try await trial.checkFork()
        case .forkOfEarlier: try await trial.checkForkOfEarlier()
        case .forkOfFork: try await trial.checkForkOfFork()
        case .forkAgain: try await trial.checkForkAgain()
        case .forkTaken: try await trial.checkForkTaken()
        case .forkRegressed: try await trial.checkForkRegressed()
        case .forkOutlives: try await trial.checkForkOutlives()
        case .racingAppends: try await trial.checkRacingAppends()
        case .racingRetries: try await trial.checkRacingRetries()
        case .racingCreations: try await trial.checkRacingCreations()
        case .strangeKeys: try await trial.checkStrangeKeys()
        case .tenants: try await trial.checkTenants()
        case .list: try await trial.checkList()
        case .changingList: try await trial.checkChangingList()
        case .largeEntries: try await trial.checkLargeEntries()
        case .unknownOutcome: try await trial.checkUnknownOutcome()
        case .racingDeletion: try await trial.checkRacingDeletion()
        case .idleExpiry, .absoluteExpiry, .expiredStays, .expiredOrDeleted, .retention, .forkOutlivesExpiry:
            try await checkExpiry(clause)
        case .full: try await checkFull()
        }
    }
}
