/// The result of a conditional write.
public enum ExchangeResult<Entry> {
    /// The expected entry was there, and was taken out.
    case exchanged
    /// The key has another entry.
    case conflict(Entry)
    /// The key has no entry.
    case absent
}

extension ExchangeResult: Sendable where Entry: Sendable {}
