public import Stateline

/// A store whose sessions expire, with a function that advances its time.
public struct ExpiringStore: Sendable {
    let store: any SessionStore
    let advance: @Sendable (Duration) async throws -> Void

    /// Wraps a store that measures time by a manual clock.
    public init(_ store: some SessionStore, clock: ManualClock) {
        self.init(store) { clock.advance(by: $0) }
    }

    /// Wraps a store that measures time by itself.
    ///
    /// - Parameters:
    ///   - store: The store.
    ///   - advance: Advances the store's time by exactly the duration, before it returns.
    public init(_ store: some SessionStore, advance: @escaping @Sendable (Duration) async throws -> Void) {
        self.store = store
        self.advance = advance
    }
}
