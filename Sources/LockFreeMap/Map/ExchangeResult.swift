/// What a conditional write did.
public enum ExchangeResult<Entry> {
    /// The expected entry was there, and is not any more.
    case exchanged
    /// Another entry is there.
    case conflict(Entry)
    /// The key has no entry.
    case absent
}

extension ExchangeResult: Sendable where Entry: Sendable {}
