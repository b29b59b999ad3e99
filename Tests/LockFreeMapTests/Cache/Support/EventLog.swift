import LockFreeMap
import Synchronization

/// The events of a cache.
final class EventLog: Sendable {
    static let causes: [RemovalCause] = [.replaced, .removed, .expired, .evicted]

    private let events = Mutex<[Int: [RemovalCause]]>([:])

    /// Takes note of an event.
    func note(_ page: Page, _ cause: RemovalCause) {
        events.withLock { $0[page.number, default: []].append(cause) }
    }

    /// The events of each value.
    var all: [Int: [RemovalCause]] { events.withLock { $0 } }

    /// The events of one value.
    func causes(of number: Int) -> [RemovalCause] { all[number] ?? [] }
}
