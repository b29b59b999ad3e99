/// The failure of a store to answer.
public struct StoreError: Error, Hashable, Sendable {
    /// The effect of the request that failed.
    public enum Committed: String, Hashable, Sendable {
        /// The request took effect.
        case yes
        /// The request did not take effect, and will not.
        case no
        /// The outcome is unknown; sending the same request again is safe and tells.
        case unknown
    }

    /// The cause of a failure.
    @nonexhaustive
    public enum Reason: Hashable, Sendable {
        /// The store cannot be reached.
        case unavailable
        /// The store has no room.
        case full
        /// The stored bytes are not those that were written.
        case corrupt
        /// The store refused the credentials, or does not allow them the request.
        case denied
        /// The store holds a batch that a newer writer made and that this library cannot read. Nothing is damaged: update
        /// this process.
        case unreadable(FormatError)
    }

    /// The cause.
    public let reason: Reason
    /// The effect of the request.
    public let committed: Committed
    /// The details, for people: never content, keys or addresses with passwords.
    public let message: String

    /// Makes an error.
    public init(_ reason: Reason, committed: Committed, message: String) {
        self.reason = reason
        self.committed = committed
        self.message = message
    }
}

extension StoreError: CustomStringConvertible {
    /// The cause, the effect and the details, in one line.
    public var description: String {
        let state =
            switch committed {
            case .yes: "committed"
            case .no: "not committed"
            case .unknown: "not known if committed"
            }
        return "the store failed (\(reason), \(state)): \(message)"
    }
}
