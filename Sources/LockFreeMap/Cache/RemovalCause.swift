/// Why a value is not in a cache any more.
public enum RemovalCause: Hashable, Sendable {
    /// Another value took its place.
    case replaced
    /// It was removed.
    case removed
    /// Its time was over.
    case expired
    /// It had to make room.
    case evicted
}
