public import Synchronization

extension EpochDomain {
    /// How many objects a thread retires before it tries to free some.
    @usableFromInline static var batch: Int { 32 }
    /// The most objects that a thread frees at a time, so that no write takes long.
    private static var most: Int { 64 }
    /// How many bytes a thread may hold back from ``limboBytes``, so that threads seldom meet there.
    private static var unreportedLimit: Int { 64 << 10 }

    /// Hands over an object that nobody can find any more, to be released when nobody can hold it any more.
    ///
    /// - Parameters:
    ///   - object: The object, of which the map gives up the reference that it had.
    ///   - bytes: What the object counts for in limbo.
    ///   - record: The calling thread's record.
    ///   - steps: What to leave out.
    @inlinable
    func retire(
        _ object: UnsafeRawPointer,
        bytes: Int,
        by record: EpochRecord,
        _ steps: (some Steps).Type
    ) {
        steps.reach(.retire)
        // Safety: the caller gives up a reference to the object.
        let reference = unsafe Unmanaged<AnyObject>.fromOpaque(object)
        if steps.omission == .limbo {
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
        unsafe record.own.pointee.retired += bytes > Self.unreportedLimit ? Self.batch : 1
    }

    /// Tries to free something, where the calling thread has retired enough since it last did.
    @inlinable @inline(__always)
    func reclaimIfDue(_ record: EpochRecord, _ steps: (some Steps).Type) {
        // Safety: the record is the calling thread's.
        guard unsafe record.own.pointee.retired >= Self.batch else { return }
        unsafe record.own.pointee.retired = 0
        advance(steps)
        reclaim(record)
    }

    /// Frees some of what nobody can hold any more.
    @usableFromInline
    func reclaim(_ record: EpochRecord) {
        free(record, most: Self.most)
        // Now and then, what a neighbour left that is idle, or has ended: often would be to fight over its lines.
        unsafe record.own.pointee.rounds &+= 1
        guard unsafe record.own.pointee.rounds & 15 == 0 else { return }
        let neighbour = unsafe record.own.pointee.neighbour?.next ?? firstRecord!
        unsafe record.own.pointee.neighbour = neighbour
        free(neighbour, most: Self.most)
    }

    /// Whether there is so much in limbo that a write has to be refused; tries to free some first.
    @inlinable @inline(__always)
    func isStalled(_ steps: (some Steps).Type) -> Bool {
        guard waiting.load(ordering: .relaxed) > limit else { return false }
        for _ in 0..<3 { advance(steps) }
        return isStillStalled()
    }

    @usableFromInline
    func isStillStalled() -> Bool {
        forEachRecord {
            free($0, most: Self.most, reportsAll: true)
            return waiting.load(ordering: .relaxed) > limit
        }
        return waiting.load(ordering: .relaxed) > limit
    }

    /// Releases everything that no thread which is pinned can hold.
    ///
    /// - Complexity: O(*n*) in what waits in limbo.
    public func flush() {
        for _ in 0..<3 {
            advance(Unhindered.self)
            forEachRecord {
                free($0, most: .max, reportsAll: true)
                return true
            }
        }
    }

    /// Lets the epoch go on where every pinned thread has announced the present one.
    @inlinable
    func advance(_ steps: (some Steps).Type) {
        steps.reach(.advance)
        advance(waitsForReaders: steps.omission != .waitForReaders)
    }

    @usableFromInline
    func advance(waitsForReaders: Bool) {
        let now = epoch.load(ordering: .sequentiallyConsistent)
        var isFree = true
        if waitsForReaders {
            forEachRecord {
                // Safety: records are never freed.
                let announced = unsafe $0.announcement.pointee.load(ordering: .sequentiallyConsistent)
                isFree = announced == 0 || announced == now
                return isFree
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

    /// Frees what is old enough in a record's limbo, unless somebody else is at it.
    private func free(_ record: EpochRecord, most: Int, reportsAll: Bool = false) {
        var left = most
        while left > 0 {
            let chunk = min(left, Self.most)
            let freed = unsafe withUnsafeTemporaryAllocation(of: Unmanaged<AnyObject>.self, capacity: chunk) { found in
                let count = unsafe take(chunk, from: record, into: found, reportsAll: reportsAll)
                // With the flag given back: what runs in a `deinit` may come here again.
                for index in 0..<count { unsafe found[index].release() }
                return count
            }
            guard freed == chunk else { return }
            left -= freed
        }
    }

    private func take(
        _ most: Int,
        from record: EpochRecord,
        into found: UnsafeMutableBufferPointer<Unmanaged<AnyObject>>,
        reportsAll: Bool
    ) -> Int {
        // Safety: as in `retire`.
        guard unsafe !record.isBusy.pointee.exchange(true, ordering: .acquiring) else { return 0 }
        let now = epoch.load(ordering: .sequentiallyConsistent)
        var count = 0
        while count < most, let oldest = unsafe record.limbo.pointee.oldest, oldest + 2 <= now {
            let object = unsafe record.limbo.pointee.removeFirst()
            unsafe found.initializeElement(at: count, to: object.reference)
            count += 1
        }
        report(record, above: reportsAll ? 0 : Self.unreportedLimit)
        unsafe record.isBusy.pointee.store(false, ordering: .releasing)
        return count
    }
}
