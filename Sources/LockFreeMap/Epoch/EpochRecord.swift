public import Synchronization

/// What a domain keeps of one thread: raw memory, so that a thread reaches its announcement by one load.
///
/// Records are never freed; when a thread ends, another one takes its record over. The announcement and what only the
/// owner writes lie 128 bytes apart: processors fetch lines in pairs.
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

    /// Whether a living thread has the record.
    var isTaken: UnsafeMutablePointer<Atomic<Bool>> {
        // Safety: as above.
        unsafe (base + 8).assumingMemoryBound(to: Atomic<Bool>.self)
    }

    /// Where the address of the next older record lies: for whoever makes the record, until it is in the list.
    var link: UnsafeMutablePointer<UnsafeMutableRawPointer?> {
        // Safety: as above.
        unsafe (base + 16).assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
    }

    /// The next older record of the domain.
    var next: EpochRecord? {
        // Safety: written before the record came into the list, and never again.
        unsafe link.pointee.map { unsafe EpochRecord($0) }
    }

    /// What only the owner reads and writes.
    @safe @usableFromInline
    struct Own {
        @usableFromInline let domain: EpochDomain
        /// The record's number in its domain: which stripe of a striped counter the thread adds to.
        @usableFromInline let number: Int
        /// The next record of the same thread, in another domain.
        var sibling: UnsafeMutableRawPointer?
        /// Objects handed over since the last attempt to free some.
        @usableFromInline var retired = 0
        /// How often the thread has tried that.
        var rounds = 0
        /// The number of attempts that are left to free a large object without waiting for more.
        var urgency = 0
        /// The record that it looked at last, beside its own.
        var neighbour: EpochRecord?
    }

    /// The number of pins that the thread holds, one in another; with ``owes`` added if others wait for it.
    ///
    /// Only the owner counts here, and not by an atomic operation. So a mark that another thread sets at the same time may
    /// be lost, and the count never is.
    @inlinable @inline(__always)
    var depth: UnsafeMutablePointer<Atomic<Int>> {
        // Safety: as above.
        unsafe (base + 128).assumingMemoryBound(to: Atomic<Int>.self)
    }

    /// What the depth of a record has above the number of pins if its thread has kept much from being released: it does
    /// so itself when it unpins.
    @inlinable static var owes: Int { 1 << 32 }

    /// Asks the thread that has the record to release what waits for it when it unpins.
    func askForRelease() {
        // Safety: the depth is atomic, and records are never freed.
        unsafe depth.pointee.bitwiseOr(Self.owes, ordering: .relaxed)
    }

    @inlinable @inline(__always)
    var own: UnsafeMutablePointer<Own> {
        // Safety: as above; only the thread that has the record calls this.
        unsafe (base + 136).assumingMemoryBound(to: Own.self)
    }

    /// Whether somebody, the owner or ``EpochDomain/flush()``, is at the record's limbo.
    var isBusy: UnsafeMutablePointer<Atomic<Bool>> {
        // Safety: as above.
        unsafe (base + 256).assumingMemoryBound(to: Atomic<Bool>.self)
    }

    /// What the thread took out and nobody has freed yet: for whoever has set ``isBusy``.
    var limbo: UnsafeMutablePointer<Limbo> {
        // Safety: as above.
        unsafe (base + 320).assumingMemoryBound(to: Limbo.self)
    }
}
