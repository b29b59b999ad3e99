internal import LockFreeMap
internal import NIOConcurrencyHelpers
public import ServiceLifecycle
internal import Stateline
internal import Synchronization

extension MemoryStore {
    /// The number of keys that are looked at before other tasks may run.
    private static var sweepStep: Int { 256 }
    /// The maximum number of keys that an append looks at.
    private static var appendStep: Int { 8 }
    /// The bytes that a store has to have lost before the system is given memory back.
    private static var trimMinimum: Int { 16 << 20 }

    /// Removes an entry whose time is over: an expired session leaves a mark, a mark leaves nothing.
    ///
    /// Any caller that finds such an entry removes it. If another caller has removed it already, there is nothing to
    /// do.
    ///
    /// - Returns: `false` if the map can take no write now.
    @discardableResult
    func takeAway(_ entry: StoredSession) -> Bool {
        do {
            switch standing(of: entry) {
            case .live: break
            case .gone(let absence):
                guard let end = entry.kept?.end else { break }
                _ = try mark(entry, as: absence, until: end + retention)
            case .forgotten: try forget(entry)
            }
            return true
        } catch {
            return false
        }
    }

    /// Puts a mark in the place of a session.
    ///
    /// - Returns: `true` if the session was still as it was found.
    func mark(_ entry: StoredSession, as absence: Absence, until time: Duration) throws(LockFreeMapError) -> Bool {
        let mark = StoredSession(goneFrom: entry, absence, until: time)
        guard case .exchanged = try map.compareExchange(expected: entry, desired: mark) else { return false }
        giveBack(everythingOf: entry, but: mark.weight)
        switch absence {
        case .deleted: counters.deletions.add(1, ordering: .relaxed)
        case .expired, .absent, .evicted: counters.expirations.add(1, ordering: .relaxed)
        }
        markedBytes.add(mark.weight, ordering: .relaxed)
        if let deadline = mark.deadline { marks.insert(deadline, at: time) }
        return true
    }

    /// Removes a mark, or a session that was over for so long that it leaves none.
    ///
    /// - Returns: `true` if it was still there.
    @discardableResult
    private func forget(_ entry: StoredSession) throws(LockFreeMapError) -> Bool {
        guard case .exchanged = try map.remove(entry) else { return false }
        if entry.kept != nil { counters.expirations.add(1, ordering: .relaxed) }
        giveBack(everythingOf: entry)
        return true
    }

    /// Returns the bytes of an entry to the budget, and cancels its deadline.
    ///
    /// To be called once, by the caller that took the entry out of the map.
    func giveBack(everythingOf entry: StoredSession, but rest: Int = 0) {
        guard let session = entry.kept else {
            markedBytes.subtract(entry.weight, ordering: .relaxed)
            if let deadline = entry.deadline { marks.cancel(deadline) }
            return budget.giveBack(entry.weight - rest)
        }
        if let deadline = session.deadline { deadlines.cancel(deadline) }
        giveBack(entry.weight - rest + session.own.ownerLeft(at: session.log.byteCount), releasing: session.held)
    }

    /// Gives back bytes, and the bytes of ancestors that are unused once these are not held.
    func giveBack(_ bytes: Int, releasing held: [HeldBytes]) {
        budget.giveBack(held.reduce(bytes) { $0 + $1.bytes.release(upTo: $1.place) })
    }

    // MARK: Looking for expired entries

    /// A number of keys that were looked at.
    private struct Step {
        var count = 0
        /// `true` if the map could take no write: the same keys are due again.
        var isStalled = false
    }

    /// Removes sessions and marks whose time is over, those that are due first.
    ///
    /// - Complexity: O(log *n*) for each key; two loads if nothing is due.
    private func takeAwayDue(most: Int) -> Step {
        guard !deadlines.isEmpty || !marks.isEmpty else { return Step() }
        let time = now()
        guard deadlines.isDue(at: time) || marks.isDue(at: time) else { return Step() }
        var step = Step()
        for queue in [deadlines, marks] {
            for deadline in queue.takeDue(at: time, most: most - step.count) {
                step.count += 1
                guard let entry = map.get(deadline.key), entry.deadline === deadline else { continue }
                let isDone = takeAway(entry)
                if !isDone { step.isStalled = true }
                // Does nothing if the entry is gone. A session that was prolonged is due again at its present end.
                if case .live(let session) = standing(of: entry), let end = session.end {
                    queue.insert(deadline, at: end)
                } else {
                    queue.insert(deadline, at: time)
                }
            }
        }
        return step
    }

    /// Removes a few sessions and marks whose time is over.
    func tidy() {
        _ = takeAwayDue(most: Self.appendStep)
    }

    /// Takes bytes of the budget, and makes room first: removes expired sessions, then the oldest marks.
    ///
    /// - Returns: `false` if there is not enough room with all of these removed.
    func reserveMakingRoom(_ bytes: Int) -> Bool {
        while true {
            let step = takeAwayDue(most: Self.appendStep)
            let goesOn = step.count > 0 && !step.isStalled || forgetOldestMark()
            if budget.reserve(bytes) { return true }
            guard goesOn else { return false }
        }
    }

    /// Removes the mark that would be forgotten next, if marks take more than their share.
    private func forgetOldestMark() -> Bool {
        guard markedBytes.load(ordering: .relaxed) > markShare, let (deadline, time) = marks.takeFirst() else {
            return false
        }
        guard let entry = map.get(deadline.key), entry.deadline === deadline else { return true }
        do {
            if try forget(entry) { counters.forgottenForRoom.add(1, ordering: .relaxed) }
            return true
        } catch {
            marks.insert(deadline, at: time)
            return false
        }
    }

    /// Removes all entries whose time is over, and gives memory back to the system if the store got much smaller.
    ///
    /// - Complexity: O(*n* log *n*) in the number of these entries; other tasks may run after every 256 keys.
    func sweep() async {
        peak.withLockedValue { $0 = max($0, byteCount) }
        while !Task.isCancelled {
            let step = takeAwayDue(most: Self.sweepStep)
            guard step.count == Self.sweepStep, !step.isStalled else { break }
            await Task.yield()
        }
        // Trimming blocks threads that allocate, and the next sessions use the freed memory again. So it is done only after
        // a peak: once for each halving at most.
        let hasShrunk = peak.withLockedValue { peak in
            let isMuch = peak - byteCount >= Self.trimMinimum && byteCount <= peak / 2
            if isMuch { peak = byteCount }
            return isMuch
        }
        guard hasShrunk else { return map.domain.flush() }
        // Tombstones and the nodes of the former table lie between the freed blocks, and keep their pages: they go first.
        map.flush()
        map.domain.flushAndTrim()
    }
}

extension MemoryStore: Service {
    /// Frees the memory of expired sessions and of marks whose time is over, until the task is cancelled or the services are
    /// shut down.
    ///
    /// Answers do not depend on it: lifetimes are checked at every operation. Without it, each append removes a few of these
    /// sessions and marks, and they stay in memory while nothing is appended.
    ///
    /// After a sweep that at least halved the bytes of the store, by 16 MiB or more, the allocator is asked to give memory
    /// back to the system (`malloc_trim`, on Linux with glibc).
    ///
    /// - Complexity: O(*n* log *n*) in the number of removed entries, in steps of 256 keys.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await self.clock.sleep(for: self.sweepInterval) } catch { return }
                await self.sweep()
            }
        }
    }
}
