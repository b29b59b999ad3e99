internal import LockFreeMap
internal import NIOConcurrencyHelpers
public import ServiceLifecycle
internal import Stateline

extension MemoryStore {
    /// How many keys are looked at between two moments at which others may run.
    private static var sweepStep: Int { 256 }

    /// Takes away what is over: an expired session leaves a mark, a mark whose time is over leaves nothing.
    ///
    /// Whoever comes by does it; where another one was faster, or the map can take no write now, there is nothing to do.
    func takeAway(_ entry: StoredSession) {
        switch standing(of: entry) {
        case .live: return
        case .gone(let absence):
            guard let end = entry.kept?.end else { return }
            _ = try? bury(entry, absence, until: end + retention)
        case .forgotten:
            if case .exchanged? = try? map.remove(entry) { giveBack(everythingOf: entry) }
        }
    }

    /// Puts a mark in the place of a session.
    ///
    /// - Returns: Whether the session was still as it was found.
    func bury(_ entry: StoredSession, _ absence: Absence, until time: Duration) throws(LockFreeMapError) -> Bool {
        let mark = StoredSession(goneFrom: entry, absence, until: time)
        guard case .exchanged = try map.compareExchange(expected: entry, desired: mark) else { return false }
        giveBack(everythingOf: entry, but: mark.weight)
        return true
    }

    /// Gives back what an entry counted for; to be called once, by whoever took the entry out of the map.
    func giveBack(everythingOf entry: StoredSession, but rest: Int = 0) {
        guard let session = entry.kept else { return budget.giveBack(entry.weight - rest) }
        giveBack(entry.weight - rest + session.own.ownerLeft(at: session.log.byteCount), releasing: session.held)
    }

    /// Gives back bytes, and what else is not used any more once these are not held.
    func giveBack(_ bytes: Int, releasing held: [HeldBytes]) {
        budget.giveBack(held.reduce(bytes) { $0 + $1.bytes.release(upTo: $1.place) })
    }

    /// Takes away some of what is over, before the store says that it is full.
    func sweepForRoom() {
        let entries = sweepPosition.withLockedValue { cursor in
            let (entries, next) = map.scan(from: cursor, limit: Self.sweepStep)
            cursor = next
            return entries
        }
        for entry in entries { takeAway(entry) }
    }

    /// Takes away all that is over.
    ///
    /// - Complexity: O(*n*) in the number of keys; others may run after every 256 of them.
    func sweep() async {
        var cursor: MapCursor?
        repeat {
            let (entries, next) = map.scan(from: cursor, limit: Self.sweepStep)
            for entry in entries { takeAway(entry) }
            cursor = next
            await Task.yield()
        } while cursor != nil && !Task.isCancelled
    }
}

extension MemoryStore: Service {
    /// Frees the memory of what has expired and of what need not be remembered any more, until it is cancelled or the
    /// services are shut down.
    ///
    /// Answers don't depend on it: lifetimes are checked at every operation. Without it, what nobody asks for stays in
    /// memory until the store is at its bound.
    ///
    /// - Complexity: O(*n*) in the number of keys each time, in steps of 256.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await self.clock.sleep(for: self.sweepInterval) } catch { return }
                await self.sweep()
            }
        }
    }
}
