public import Stateline

/// What every `SessionStore` promises, as checks that any store can be put to.
///
/// ```swift
/// @Test(arguments: SessionStoreContract.Clause.allCases)
/// func `the store keeps the contract`(clause: SessionStoreContract.Clause) async throws {
///     try await SessionStoreContract(store).check(clause)
/// }
/// ```
///
/// Each check works under tenants of random names, so that a store may be shared, hold other sessions and be checked
/// again. The checks write a few hundred small batches and leave them behind.
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
        case diverged = "a position of a diverged log is regressed"
        case beyond = "a position beyond the log is regressed"
        case incarnation = "a position of another incarnation is regressed"
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
    }

    let store: any SessionStore

    /// Makes the checks of a store.
    public init(_ store: some SessionStore) {
        self.store = store
    }

    /// Checks all promises, one after the other.
    ///
    /// - Throws: ``ContractViolation`` where the store breaks one, or the store's own error.
    public func check() async throws {
        for clause in Clause.allCases { try await check(clause) }
    }

    /// Checks one promise.
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
        case .diverged: try await trial.checkDiverged()
        case .beyond: try await trial.checkBeyond()
        case .incarnation: try await trial.checkIncarnation()
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
        }
    }
}
