internal import CLockFree
public import Synchronization

extension EpochDomain {
    /// The number of objects that a thread retires before it tries to release some.
    @usableFromInline static var batch: Int { 32 }
    /// The maximum number of objects that a thread releases at a time, so that no write takes long.
    private static var most: Int { 64 }
    /// The number of waiting objects of a thread above which the readers that hold them back are marked.
    private static var backlog: Int { 4_096 }
    /// The bytes that a thread may leave out of ``limboBytes``, so that threads seldom contend for that counter.
    private static var unreportedLimit: Int { 64 << 10 }

    /// Retires an object that no new reader can find, to be released when no reader can hold it.
    ///
    /// - Parameters:
    ///   - object: The object, of which the map gives up its reference.
    ///   - bytes: The bytes that the object counts for in limbo.
    ///   - record: The calling thread's record.
    ///   - instrumentation: The instrumentation of the map.
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
        let busy = takeLimbo(from: record)
        // Safety: the thread that has set the flag has the limbo; the flag's acquire and release order these threads.
        let waiting = unsafe Limbo.Object(
            reference: reference,
            bytes: bytes,
            epoch: epoch.load(ordering: .sequentiallyConsistent)
        )
        unsafe busy.limbo.pointee.append(waiting)
        report(busy, above: Self.unreportedLimit)
        unsafe busy.isBusy.pointee.store(false, ordering: .releasing)
        guard bytes > Self.unreportedLimit else {
            unsafe record.own.pointee.retired += 1
            return
        }
        // A table is large: it is released more eagerly than entries.
        unsafe record.own.pointee.retired += Self.batch
        unsafe record.own.pointee.urgency = 64
    }

    /// Tries to release some objects, if the calling thread has retired enough since the last attempt.
    @inlinable @inline(__always)
    func reclaimIfDue(_ record: EpochRecord, _ instrumentation: (some MapInstrumentation).Type) {
        // Safety: the record is the calling thread's.
        guard unsafe record.own.pointee.retired >= Self.batch else { return }
        unsafe record.own.pointee.retired = 0
        advance(instrumentation)
        reclaim(record)
    }

    /// Releases some of the objects that no reader can hold any more, and schedules the rest.
    @usableFromInline
    func reclaim(_ record: EpochRecord) {
        var rest = free(record, most: Self.most)
        // Safety: the record is the calling thread's.
        let isUrgent = unsafe record.own.pointee.urgency > 0
        if isUrgent, !rest.isDue, rest.count > 0 {
            // Most often no other thread is pinned, and the table can be released at once.
            for _ in 0..<3 { advance(waitsForReaders: true) }
            rest = free(record, most: Self.most)
        }
        if !rest.isDue, rest.count > Self.backlog { advance(waitsForReaders: true, marksReaders: true) }
        var isDue = rest.isDue || free(neighbourOf: record)
        if isUrgent {
            unsafe record.own.pointee.urgency = rest.count > 0 ? record.own.pointee.urgency - 1 : 0
            isDue = isDue || rest.count > 0
        }
        // The thread's next write continues.
        if isDue { unsafe record.own.pointee.retired = Self.batch }
    }

    /// Releases some objects of a neighbour that is idle or has ended, in one round of 16.
    ///
    /// More often would be contention for the neighbour's cache lines.
    ///
    /// - Returns: `true` if more of them can be released at once.
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

    /// Ends a nested pin, or the pin of a marked thread.
    ///
    /// A marked thread has kept many objects from being released. It releases them now, unless writers do.
    @usableFromInline @inline(never)
    func unpinSlowly(_ record: EpochRecord) {
        // Safety: the record is the calling thread's.
        guard unsafe record.depth.pointee.load(ordering: .relaxed) == EpochRecord.owes else { return }
        unsafe record.announcement.pointee.store(0, ordering: .releasing)
        unsafe record.depth.pointee.store(0, ordering: .relaxed)
        for _ in 0..<3 { advance(waitsForReaders: true, marksReaders: true) }
        let now = epoch.load(ordering: .relaxed)
        forEachRecord {
            // An epoch that advances shows that other threads write: they release the rest, some with each write.
            while epoch.load(ordering: .relaxed) == now, free($0, most: Self.most, reportsAll: true).isDue {}
            return epoch.load(ordering: .relaxed) == now
        }
    }

    /// Returns `true` if limbo is above its limit, so that a write has to be refused; tries to release some objects
    /// first.
    @inlinable @inline(__always)
    func isStalled(_ instrumentation: (some MapInstrumentation).Type) -> Bool {
        guard waiting.load(ordering: .relaxed) > limit else { return false }
        for _ in 0..<3 { advance(instrumentation) }
        return isStillStalled()
    }

    /// Waits for pinned threads that keep too much in limbo, once for each epoch in which they do.
    ///
    /// A thread that was preempted within a read continues as soon as it has a processor again. Only one that does not
    /// within ``patience`` is taken for one that stands still.
    @usableFromInline
    func isStillStalled() -> Bool {
        for round in 0...patience {
            forEachRecord {
                _ = free($0, most: Self.most, reportsAll: true)
                return waiting.load(ordering: .relaxed) > limit
            }
            guard waiting.load(ordering: .relaxed) > limit else { return false }
            guard round < patience, stalledEpoch.load(ordering: .relaxed) != epoch.load(ordering: .relaxed) else {
                break
            }
            clockfree_rest()
            for _ in 0..<3 { advance(waitsForReaders: true) }
        }
        stalledEpoch.store(epoch.load(ordering: .relaxed), ordering: .relaxed)
        return true
    }

    /// Releases every object that no pinned thread can hold.
    ///
    /// - Complexity: O(*n*) in the number of objects in limbo.
    public func flush() {
        for _ in 0..<3 {
            advance(Uninstrumented.self)
            forEachRecord {
                while free($0, most: Self.most, reportsAll: true).isDue {}
                return true
            }
        }
    }

    /// Advances the epoch if every pinned thread has announced the present one.
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

    /// Sets the flag of the first record, from the given one on, whose flag is not set.
    private func takeLimbo(from record: EpochRecord) -> EpochRecord {
        var candidate = record
        // Safety: records are never freed.
        while unsafe candidate.isBusy.pointee.exchange(true, ordering: .acquiring) {
            candidate = candidate.next ?? firstRecord!
        }
        return candidate
    }

    /// Adds the unreported bytes of a limbo to the domain's counter; the caller has set the flag.
    private func report(_ record: EpochRecord, above limit: Int) {
        // Safety: the caller has set the flag.
        let bytes = unsafe record.limbo.pointee.unreported
        guard abs(bytes) > limit else { return }
        waiting.add(bytes, ordering: .relaxed)
        unsafe record.limbo.pointee.unreported = 0
    }

    /// The rest of a record's limbo after a round.
    private struct Rest {
        var count = 0
        /// `true` if more of it can be released at once.
        var isDue = false
    }

    /// Releases at most *n* objects of a record's limbo that are old enough, unless another thread has the limbo.
    private func free(_ record: EpochRecord, most: Int, reportsAll: Bool = false) -> Rest {
        unsafe withUnsafeTemporaryAllocation(of: Unmanaged<AnyObject>.self, capacity: most) { found in
            let (count, rest) = unsafe take(from: record, into: found, reportsAll: reportsAll)
            // After the flag is cleared: a `deinit` may come here again.
            for index in 0..<count { unsafe found[index].release() }
            // A full round is one of many, as after a blocked reader: little of that memory is used again soon.
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
