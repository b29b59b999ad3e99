import Stateline
import StatelineTesting
import Testing

@Suite struct ReferenceStoreTests {
    @Test(arguments: SessionStoreContract.Clause.allCases)
    func `the reference keeps the contract`(clause: SessionStoreContract.Clause) async throws {
        let contract = SessionStoreContract(
            ReferenceStore(),
            expiry: .provided { lifetime, retention in
                let clock = ManualClock()
                return ExpiringStore(
                    ReferenceStore(lifetime: lifetime, retention: retention, clock: clock),
                    clock: clock
                )
            },
            bound: .declined(because: "the reference keeps all it is given")
        )
        try await contract.check(clause)
    }
}
