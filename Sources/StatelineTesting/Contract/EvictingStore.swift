public import Stateline

/// A store that evicts sessions to make room, with a function that forces an eviction.
public struct EvictingStore: Sendable {
    let store: any SessionStore
    let evict: @Sendable (SessionKey) async throws -> Void

    /// Wraps a store.
    ///
    /// - Parameters:
    ///   - store: The store.
    ///   - evict: Makes the store drop everything that it holds of a session.
    public init(_ store: some SessionStore, evict: @escaping @Sendable (SessionKey) async throws -> Void) {
        self.store = store
        self.evict = evict
    }
}
