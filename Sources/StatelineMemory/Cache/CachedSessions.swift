internal import LockFreeMap
internal import NIOConcurrencyHelpers
internal import Stateline

/// The sessions of a ``MemoryCache``, the loads that callers share, and the requests that are under way.
final class CachedSessions: Sendable {
    let validation: CacheValidation
    let entries: LockFreeCache<ByteKey, CachedSession>
    let now: @Sendable () -> Duration
    private let watches: [NIOLockedValueBox<RequestWatch>]

    init(byteLimit: Int, validation: CacheValidation, clock: some Clock<Duration>) {
        let origin = clock.now
        self.validation = validation
        self.entries = LockFreeCache(capacity: byteLimit)
        self.now = { origin.duration(to: clock.now) }
        self.watches = (0..<64).map { _ in NIOLockedValueBox(RequestWatch()) }
    }

    /// Returns the lock of a key, and the requests and loads under it.
    func watch(_ key: ByteKey) -> NIOLockedValueBox<RequestWatch> {
        watches[Int(truncatingIfNeeded: key.hash(.process) >> 58)]
    }

    /// Returns `true` if a session was validated recently enough for a turn to begin with it.
    func isFresh(_ known: CachedSession) -> Bool {
        switch validation {
        case .optimistic: true
        case .beforeCall: false
        case .maxAge(let age): now() - known.validated <= age
        }
    }

    /// Joins the load of a session that is under way, or begins one.
    func join(_ key: ByteKey) -> CacheLoadRole<SharedLoad> {
        let time = now()
        switch validation {
        case .beforeCall: return .alone
        case .optimistic, .maxAge: break
        }
        return watch(key)
            .withLockedValue { watch in
                if let load = watch.loads[key] {
                    if case .maxAge(let age) = validation, time - load.start > age { return .alone }
                    return .following(load)
                }
                let load = SharedLoad(start: time)
                watch.open(load, of: key)
                return .leading(load)
            }
    }

    /// Hands the result of a load to the callers that wait for it.
    ///
    /// A load whose reply was taken in has left the table by then (``settle(_:_:)``), and another one may be in its
    /// place.
    func complete(_ load: SharedLoad, of key: ByteKey, with result: CacheLoadResult) {
        watch(key).withLockedValue { $0.close(load, of: key) }
        load.complete(result)
    }
}
