/// The condition under which the store is asked if a cached session is still the newest.
public enum CacheValidation: Hashable, Sendable {
    /// Never: the commit decides. A warm turn is one round trip. If another process wrote, the turn's call was made for an
    /// older history, and its draft comes back.
    case optimistic
    /// Before each turn: it begins with the newest session, at the price of one round trip.
    case beforeCall
    /// Before a turn, if the session was not validated for this time; a commit and a load validate it too.
    case maxAge(Duration)
}
