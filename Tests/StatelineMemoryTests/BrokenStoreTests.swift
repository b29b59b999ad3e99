import Stateline
import StatelineMemory
import StatelineTesting
import Synchronization
import Testing

/// A contract that no store can break is none: each fault of a ``BrokenStore`` is found by the clause that forbids it.
@Suite struct BrokenStoreTests {
    @Test(arguments: BrokenStore.Fault.allCases)
    func `the contract finds the fault`(fault: BrokenStore.Fault) async throws {
        let contract = SessionStoreContract(BrokenStore(fault))
        let violation = await #expect(throws: ContractViolation.self) { try await contract.check(fault.clause) }
        #expect(violation?.clause == fault.clause)
    }

    @Test func `a violation tells what was asked and what came instead`() async throws {
        let contract = SessionStoreContract(BrokenStore(.forgetsDeletion))
        let violation = await #expect(throws: ContractViolation.self) { try await contract.check(.deletion) }
        let text = violation?.description ?? ""
        #expect(text.hasPrefix("a deleted session stays deleted: delete of contract-"))
        #expect(text.hasSuffix("expected gone(Stateline.Absence.deleted), got gone(Stateline.Absence.absent)"))
    }
}

/// A store with one fault.
final class BrokenStore: SessionStore {
    enum Fault: CaseIterable {
        case comparesRevisionsOnly
        case appendsDuplicates
        case staleWithoutBatches
        case forgetsDeletion
        case deletesAtAnyPosition
        case showsOtherTenants
        case losesPages
        case answersCurrentForRegressed
        case deletesForksWithTheirParent

        var clause: SessionStoreContract.Clause {
            switch self {
            case .comparesRevisionsOnly: .diverged
            case .appendsDuplicates: .racingRetries
            case .staleWithoutBatches: .stale
            case .forgetsDeletion: .deletion
            case .deletesAtAnyPosition: .conditionalDeletion
            case .showsOtherTenants: .tenants
            case .losesPages: .list
            case .answersCurrentForRegressed: .beyond
            case .deletesForksWithTheirParent: .forkOutlives
            }
        }
    }

    private let fault: Fault
    private let store = MemoryStore()
    private let forks = Mutex<[SessionKey: SessionKey]>([:])

    init(_ fault: Fault) {
        self.fault = fault
    }

    func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        let result = try await store.load(renamed(key), after: position)
        switch (fault, result) {
        case (.answersCurrentForRegressed, .regressed): return .current
        case (.forgetsDeletion, .gone): return .gone(.absent)
        case (.comparesRevisionsOnly, .regressed): return .current
        case (.deletesForksWithTheirParent, _):
            guard let parent = forks.withLock({ $0[key] }) else { return result }
            guard case .gone = try await store.load(parent, after: nil) else { return result }
            return .gone(.deleted)
        default: return result
        }
    }

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        let result = try await store.append(batch, to: renamed(key), expecting: position)
        switch (fault, result) {
        case (.appendsDuplicates, .duplicate): return .committed
        case (.staleWithoutBatches, .stale): return .stale(missing: [])
        default: return result
        }
    }

    func fork(
        _ key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        first: EncodedBatch
    ) async throws(StoreError) -> ForkResult {
        forks.withLock { $0[fork] = key }
        return try await store.fork(renamed(key), at: position, to: renamed(fork), first: first)
    }

    func delete(_ key: SessionKey, expecting position: Position?) async throws(StoreError) -> DeleteResult {
        let condition = fault == .deletesAtAnyPosition ? nil : position
        let result = try await store.delete(renamed(key), expecting: condition)
        if fault == .forgetsDeletion, case .gone = result { return .gone(.absent) }
        return result
    }

    func list(_ tenant: Tenant, cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        let page = try await store.list(fault == .showsOtherTenants ? "all" : tenant, cursor: cursor, limit: limit)
        return fault == .losesPages ? ListPage(keys: page.keys, next: nil) : page
    }

    private func renamed(_ key: SessionKey) -> SessionKey {
        fault == .showsOtherTenants ? SessionKey(key.id, tenant: "all") : key
    }
}
