/// What a store did that ``SessionStoreContract`` forbids.
public struct ContractViolation: Error, Hashable, Sendable {
    /// The clause that was broken.
    public let clause: SessionStoreContract.Clause
    /// What was asked of the store.
    public let operation: String
    /// What the contract wants.
    public let expected: String
    /// What the store did.
    public let actual: String
}

extension ContractViolation: CustomStringConvertible {
    /// The clause, what was asked, what was expected and what came instead, in one line.
    public var description: String {
        "\(clause.rawValue): \(operation): expected \(expected), got \(actual)"
    }
}
