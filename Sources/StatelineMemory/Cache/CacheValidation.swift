/// When a cache asks its store whether what it holds is still the newest.
public enum CacheValidation: Hashable, Sendable {
    /// Never: the commit decides. A warm turn is one round trip; where another process wrote, its call was made for an
    /// older history, and its draft comes back.
    case optimistic
    /// Before each turn: the turn begins with what the store holds, at the price of one round trip.
    case beforeCall
    /// Before a turn, where the store was not heard of for so long; a commit and a load count as hearing of it.
    case maxAge(Duration)
}
