public import Synchronization

/// A thread's record in a domain: raw memory, so that a thread reaches its announcement by one load.
///
/// Records are never freed; when a thread ends, another one takes its record over. The announcement and the fields that
/// only the owner writes lie 128 bytes apart, because processors fetch cache lines in pairs.
@safe @usableFromInline
struct EpochRecord {
    @usableFromInline let base: UnsafeMutableRawPointer

    @inlinable @inline(__always)
    init(_ base: UnsafeMutableRawPointer) {
        unsafe self.base = unsafe base
    }

    /// Makes the record of the calling thread.
    init(domain: EpochDomain, number: Int) {
        // Safety: memory for both parts, aligned to the pair of lines, which is never freed.
        unsafe base = UnsafeMutableRawPointer.allocate(byteCount: 512, alignment: 128)
        unsafe base.initializeMemory(as: Atomic<UInt64>.self, to: Atomic(0))
        unsafe (base + 8).initializeMemory(as: Atomic<Bool>.self, to: Atomic(true))
        unsafe (base + 16).initializeMemory(as: UnsafeMutableRawPointer?.self, to: nil)
        unsafe (base + 128).initializeMemory(as: Atomic<Int>.self, to: Atomic(0))
        unsafe (base + 136).initializeMemory(as: Own.self, to: Own(domain: domain, number: number))
        unsafe (base + 256).initializeMemory(as: Atomic<Bool>.self, to: Atomic(false))
        unsafe (base + 320).initializeMemory(as: Limbo.self, to: Limbo())
    }

    /// The epoch that the thread reads in; 0 outside a pin.
    @inlinable @inline(__always)
    var announcement: UnsafeMutablePointer<Atomic<UInt64>> {
        // Safety: initialised with the record, and as old as the domain.
        unsafe base.assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    /// `true` while a living thread has the record.
    var isTaken: UnsafeMutablePointer<Atomic<Bool>> {
        // Safety: as above.
        unsafe (base + 8).assumingMemoryBound(to: Atomic<Bool>.self)
    }

    /// The link to the next older record; only the thread that makes the record writes it, before the record is listed.
    var link: UnsafeMutablePointer<UnsafeMutableRawPointer?> {
        // Safety: as above.
        unsafe (base + 16).assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
    }

    /// The next older record of the domain.
    var next: EpochRecord? {
        // Safety: written before the record came into the list, and never again.
        unsafe link.pointee.map { unsafe EpochRecord($0) }
    }

    /// The fields that only the owner reads and writes.
    @safe @usableFromInline
    struct Own {
        @usableFromInline let domain: EpochDomain
        /// The record's number in its domain, which is that of the thread's stripe in striped counters.
        @usableFromInline let number: Int
        /// The next record of the same thread, in another domain.
        var sibling: UnsafeMutableRawPointer?
        /// The number of objects retired since the last attempt to release some.
        @usableFromInline var retired = 0
        /// The number of such attempts.
        var rounds = 0
        /// The number of attempts left in which a large object is to be released without waiting for more objects.
        var urgency = 0
        /// The record of another thread that it looked at last.
        var neighbour: EpochRecord?
    }

    /// The number of nested pins that the thread holds; with ``owes`` added if writers wait for it.
    ///
    /// Only the owner counts here, and not by an atomic read-modify-write. So a mark that another thread sets at the
    /// same time may be lost; the count never is.
    @inlinable @inline(__always)
    var depth: UnsafeMutablePointer<Atomic<Int>> {
        // Safety: as above.
        unsafe (base + 128).assumingMemoryBound(to: Atomic<Int>.self)
    }

    /// The mark in the depth of a record whose thread keeps many objects from being released: it releases them when it
    /// unpins.
    @inlinable static var owes: Int { 1 << 32 }

    /// Marks the record, so that its thread releases the waiting objects when it unpins.
    func askForRelease() {
        // Safety: the depth is atomic, and records are never freed.
        unsafe depth.pointee.bitwiseOr(Self.owes, ordering: .relaxed)
    }

    @inlinable @inline(__always)
    var own: UnsafeMutablePointer<Own> {
        // Safety: as above; only the thread that has the record calls this.
        unsafe (base + 136).assumingMemoryBound(to: Own.self)
    }

    /// `true` while a thread has the record's limbo: the owner, another writer, or one in ``EpochDomain/flush()``.
    var isBusy: UnsafeMutablePointer<Atomic<Bool>> {
        // Safety: as above.
        unsafe (base + 256).assumingMemoryBound(to: Atomic<Bool>.self)
    }

    /// The retired objects that are not released yet; only the thread that has set ``isBusy`` may touch them.
    var limbo: UnsafeMutablePointer<Limbo> {
        // Safety: as above.
        unsafe (base + 320).assumingMemoryBound(to: Limbo.self)
    }
}
