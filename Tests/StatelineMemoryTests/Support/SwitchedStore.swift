import NIOConcurrencyHelpers
import Stateline
import StatelineTesting

/// A store that can become another one, as after a failover.
final class SwitchedStore: ForwardingStore {
    private let store: NIOLockedValueBox<any SessionStore>

    init(_ store: any SessionStore) {
        self.store = NIOLockedValueBox(store)
    }

    var base: any SessionStore { store.withLockedValue { $0 } }

    func switchTo(_ other: any SessionStore) {
        store.withLockedValue { $0 = other }
    }
}
