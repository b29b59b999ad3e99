/// An answer of a store that breaks a clause of ``SessionStoreContract``.
public struct ContractViolation: Error, Hashable, Sendable {
    /// The broken clause.
    public let clause: SessionStoreContract.Clause
    /// The call of the store.
    public let operation: String
    /// The answer that the contract requires.
    public let expected: String
    /// The answer of the store.
    public let actual: String
}

extension ContractViolation: CustomStringConvertible {
    /// The clause, the call, the expected and the actual answer, in one line.
    public var description: String {
        "\(clause.rawValue): \(operation): expected \(expected), got \(actual)"
    }
}
