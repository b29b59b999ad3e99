/// The cause of a value's removal from a cache.
public enum RemovalCause: Hashable, Sendable {
    /// Another value replaced it.
    case replaced
    /// A caller removed it.
    case removed
    /// It expired.
    case expired
    /// It was evicted to make room.
    case evicted
}
