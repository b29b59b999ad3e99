public import Stateline

/// The target of a load.
public struct LoadTarget: Sendable {
    let name: String
    /// The store of record; `nil` for a client that keeps its history itself.
    let store: (any SessionStore)?
    /// Makes the cache of a run; `nil` for none.
    let cache: (@Sendable () -> any SessionCache)?

    /// Makes a target of sessions over a store.
    ///
    /// - Parameters:
    ///   - store: The store of record, which the auditor and the counters watch.
    ///   - name: The name in reports.
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

    /// A client without a store, which sends its whole history with each call.
    public static let stateless = LoadTarget()
}
