import Stateline
import StatelineTesting
import Testing

/// A contract that no store can break is none: each fault of a ``BrokenStore`` is found by the clause that forbids it.
@Suite struct BrokenStoreTests {
    @Test(arguments: BrokenStore.Fault.allCases)
    func `the contract finds the fault`(fault: BrokenStore.Fault) async throws {
        let contract = BrokenStore.contract(fault)
        let violation = await #expect(throws: ContractViolation.self) { try await contract.check(fault.clause) }
        #expect(violation?.clause == fault.clause)
    }

    @Test func `a violation tells what was asked and what came instead`() async throws {
        let contract = BrokenStore.contract(.forgetsDeletion)
        let violation = await #expect(throws: ContractViolation.self) { try await contract.check(.deletion) }
        let text = violation?.description ?? ""
        #expect(text.hasPrefix("a deleted session stays deleted: delete of contract-"))
        #expect(text.hasSuffix("expected gone(Stateline.Absence.deleted), got gone(Stateline.Absence.absent)"))
    }

    @Test func `what a store declines is not checked, and can be told`() async throws {
        let contract = SessionStoreContract(
            ReferenceStore(),
            expiry: .declined(because: "sessions live for ever"),
            bound: .declined(because: "memory is endless"),
            leases: .declined(because: "turns are short")
        )
        let declined = SessionStoreContract.Clause.allCases.filter { !contract.applies($0) }
        #expect(
            declined == [
                .lease, .leaseBesideLog, .leaseAbsence, .racingRenewals, .leaseExpiry, .idleExpiry, .absoluteExpiry,
                .expiredStays, .expiredOrDeleted, .retention, .forkOutlivesExpiry,
                .eviction, .full, .recordsLeaveRoom,
            ]
        )
        for clause in declined { try await contract.check(clause) }
    }
}
