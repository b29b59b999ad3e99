internal import CLockFree
public import Synchronization

extension EpochDomain {
    /// How many objects a thread retires before it tries to free some.
    @usableFromInline static var batch: Int { 32 }
    /// The most objects that a thread frees at a time, so that no write takes long.
    private static var most: Int { 64 }
    /// The number of objects of a thread from which on the readers that keep them from being released are marked.
    private static var backlog: Int { 4_096 }
    /// How many bytes a thread may hold back from ``limboBytes``, so that threads seldom meet there.
    private static var unreportedLimit: Int { 64 << 10 }

    /// Hands over an object that nobody can find any more, to be released when nobody can hold it any more.
    ///
    /// - Parameters:
    ///   - object: The object, of which the map gives up the reference that it had.
    ///   - bytes: What the object counts for in limbo.
    ///   - record: The calling thread's record.
    ///   - instrumentation: What to leave out.
    @inlinable
    func retire(
        _ object: UnsafeRawPointer,
        bytes: Int,
        by record: EpochRecord,
        _ instrumentation: (some MapInstrumentation).Type
    ) {
        instrumentation.reach(.retire)
        // Safety: the caller gives up a reference to the object.
        let reference = unsafe Unmanaged<AnyObject>.fromOpaque(object)
        if instrumentation.mutation == .limbo {
            unsafe reference.release()
        } else {
            unsafe retire(reference, bytes: bytes, by: record)
        }
    }

    @usableFromInline
    func retire(_ reference: Unmanaged<AnyObject>, bytes: Int, by record: EpochRecord) {
        let place = tryRecords(from: record)
        // Safety: whoever has set the flag has the limbo; the flag's acquire and release order one after the other.
        let waits = unsafe Limbo.Object(
            reference: reference,
            bytes: bytes,
            epoch: epoch.load(ordering: .sequentiallyConsistent)
        )
        unsafe place.limbo.pointee.append(waits)
        report(place, above: Self.unreportedLimit)
        unsafe place.isBusy.pointee.store(false, ordering: .releasing)
        guard bytes > Self.unreportedLimit else {
            unsafe record.own.pointee.retired += 1
            return
        }
        // A table is worth more haste than the entries of one.
        unsafe record.own.pointee.retired += Self.batch
        unsafe record.own.pointee.urgency = 64
    }

    /// Tries to free something, where the calling thread has retired enough since it last did.
    @inlinable @inline(__always)
    func reclaimIfDue(_ record: EpochRecord, _ instrumentation: (some MapInstrumentation).Type) {
        // Safety: the record is the calling thread's.
        guard unsafe record.own.pointee.retired >= Self.batch else { return }
        unsafe record.own.pointee.retired = 0
        advance(instrumentation)
        reclaim(record)
    }

    /// Frees some of what nobody can hold any more, and sees to it that the rest is freed.
    @usableFromInline
    func reclaim(_ record: EpochRecord) {
        var rest = free(record, most: Self.most)
        // Safety: the record is the calling thread's.
        let isUrgent = unsafe record.own.pointee.urgency > 0
        if isUrgent, !rest.isDue, rest.count > 0 {
            // Most often no other thread is pinned, and the table can go at once.
            for _ in 0..<3 { advance(waitsForReaders: true) }
            rest = free(record, most: Self.most)
        }
        if !rest.isDue, rest.count > Self.backlog { advance(waitsForReaders: true, marksReaders: true) }
        var isDue = rest.isDue || free(neighbourOf: record)
        if isUrgent {
            unsafe record.own.pointee.urgency = rest.count > 0 ? record.own.pointee.urgency - 1 : 0
            isDue = isDue || rest.count > 0
        }
        // The thread's next write goes on.
        if isDue { unsafe record.own.pointee.retired = Self.batch }
    }

    /// Frees, now and then, some of what a neighbour left that is idle, or has ended: often would be to fight over its
    /// lines.
    ///
    /// - Returns: `true` if more of it can be freed at once.
    private func free(neighbourOf record: EpochRecord) -> Bool {
        // Safety: the record is the calling thread's.
        unsafe record.own.pointee.rounds &+= 1
        guard unsafe record.own.pointee.rounds & 15 == 0 else { return false }
        let neighbour = unsafe record.own.pointee.neighbour?.next ?? firstRecord!
        guard free(neighbour, most: Self.most).isDue else {
            unsafe record.own.pointee.neighbour = neighbour
            return false
        }
        // The next round looks at the same neighbour.
        unsafe record.own.pointee.rounds &-= 1
        return true
    }

    /// Ends a pin within another one; or that of a thread that has kept much from being released, which it then releases,
    /// unless writers do.
    @usableFromInline @inline(never)
    func unpinSlowly(_ record: EpochRecord) {
        // Safety: the record is the calling thread's.
        guard unsafe record.depth.pointee.load(ordering: .relaxed) == EpochRecord.owes else { return }
        unsafe record.announcement.pointee.store(0, ordering: .releasing)
        unsafe record.depth.pointee.store(0, ordering: .relaxed)
        for _ in 0..<3 { advance(waitsForReaders: true, marksReaders: true) }
        let now = epoch.load(ordering: .relaxed)
        forEachRecord {
            // An epoch that goes on shows that others write: they free the rest, some with each write.
            while epoch.load(ordering: .relaxed) == now, free($0, most: Self.most, reportsAll: true).isDue {}
            return epoch.load(ordering: .relaxed) == now
        }
    }

    /// Whether there is so much in limbo that a write has to be refused; tries to free some first.
    @inlinable @inline(__always)
    func isStalled(_ instrumentation: (some MapInstrumentation).Type) -> Bool {
        guard waiting.load(ordering: .relaxed) > limit else { return false }
        for _ in 0..<3 { advance(instrumentation) }
        return isStillStalled()
    }

    @usableFromInline
    func isStillStalled() -> Bool {
        forEachRecord {
            _ = free($0, most: Self.most, reportsAll: true)
            return waiting.load(ordering: .relaxed) > limit
        }
        return waiting.load(ordering: .relaxed) > limit
    }

    /// Releases everything that no thread which is pinned can hold.
    ///
    /// - Complexity: O(*n*) in what waits in limbo.
    public func flush() {
        for _ in 0..<3 {
            advance(Uninstrumented.self)
            forEachRecord {
                while free($0, most: Self.most, reportsAll: true).isDue {}
                return true
            }
        }
    }

    /// Lets the epoch go on where every pinned thread has announced the present one.
    @inlinable
    func advance(_ instrumentation: (some MapInstrumentation).Type) {
        instrumentation.reach(.advance)
        advance(waitsForReaders: instrumentation.mutation != .waitForReaders)
    }

    @usableFromInline
    func advance(waitsForReaders: Bool, marksReaders: Bool = false) {
        let now = epoch.load(ordering: .sequentiallyConsistent)
        var isFree = true
        if waitsForReaders {
            forEachRecord {
                // Safety: records are never freed.
                let announced = unsafe $0.announcement.pointee.load(ordering: .sequentiallyConsistent)
                if announced == 0 || announced == now { return true }
                isFree = false
                if marksReaders { $0.askForRelease() }
                return marksReaders
            }
        }
        guard isFree else { return }
        _ = epoch.compareExchange(expected: now, desired: now + 1, ordering: .sequentiallyConsistent)
    }

    /// Sets the flag of the first record from this one on whose flag is not set.
    private func tryRecords(from record: EpochRecord) -> EpochRecord {
        var candidate = record
        // Safety: records are never freed.
        while unsafe candidate.isBusy.pointee.exchange(true, ordering: .acquiring) {
            candidate = candidate.next ?? firstRecord!
        }
        return candidate
    }

    /// Tells the domain what has come to wait, or has ceased to, in a limbo whose flag the caller has set.
    private func report(_ record: EpochRecord, above limit: Int) {
        // Safety: the caller has set the flag.
        let bytes = unsafe record.limbo.pointee.unreported
        guard abs(bytes) > limit else { return }
        waiting.add(bytes, ordering: .relaxed)
        unsafe record.limbo.pointee.unreported = 0
    }

    /// What is left in a record's limbo.
    private struct Rest {
        var count = 0
        /// Whether more of it can be freed at once.
        var isDue = false
    }

    /// Frees at most so many objects of what is old enough in a record's limbo, unless another thread is at it.
    private func free(_ record: EpochRecord, most: Int, reportsAll: Bool = false) -> Rest {
        unsafe withUnsafeTemporaryAllocation(of: Unmanaged<AnyObject>.self, capacity: most) { found in
            let (count, rest) = unsafe take(from: record, into: found, reportsAll: reportsAll)
            // With the flag given back: what runs in a `deinit` may come here again.
            for index in 0..<count { unsafe found[index].release() }
            // A full round is one of many, as after a reader that stood still: little of that memory is used again soon.
            if count == most { clockfree_note_released(count) }
            return rest
        }
    }

    private func take(
        from record: EpochRecord,
        into found: UnsafeMutableBufferPointer<Unmanaged<AnyObject>>,
        reportsAll: Bool
    ) -> (count: Int, rest: Rest) {
        // Safety: as in `retire`.
        guard unsafe !record.isBusy.pointee.exchange(true, ordering: .acquiring) else { return (0, Rest()) }
        let now = epoch.load(ordering: .sequentiallyConsistent)
        var count = 0
        while count < found.count, let oldest = unsafe record.limbo.pointee.oldest, oldest + 2 <= now {
            let object = unsafe record.limbo.pointee.removeFirst()
            unsafe found.initializeElement(at: count, to: object.reference)
            count += 1
        }
        report(record, above: reportsAll ? 0 : Self.unreportedLimit)
        let rest = unsafe Rest(
            count: record.limbo.pointee.count,
            isDue: record.limbo.pointee.oldest.map { $0 + 2 <= now } ?? false
        )
        unsafe record.isBusy.pointee.store(false, ordering: .releasing)
        return (count, rest)
    }
}
