public import Stateline

/// What a load is run against.
public struct LoadTarget: Sendable {
    let name: String
    /// The store of record; `nil` for a client that holds its history itself.
    let store: (any SessionStore)?
    /// Makes the cache of a run; `nil` for none.
    let cache: (@Sendable () -> any SessionCache)?

    /// Sessions over a store.
    ///
    /// - Parameters:
    ///   - store: The store of record; the auditor and the counters watch it.
    ///   - name: What it is called in reports.
    ///   - cache: Makes the cache of a run; without one, each handle keeps its own snapshot.
    public init(
        _ store: any SessionStore,
        name: String,
        cache: (@Sendable () -> any SessionCache)? = nil
    ) {
        self.name = name
        self.store = store
        self.cache = cache
    }

    private init() {
        self.name = "none"
        self.store = nil
        self.cache = nil
    }

    /// A client without a store, which sends its whole history with each call: the plain stateless way.
    public static let stateless = LoadTarget()
}
