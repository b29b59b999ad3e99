/// The content of a slot of the table: one word, changed by compare-and-exchange alone.
///
/// ```
///  63        48 47                                 4 3 2 1 0
/// +------------+------------------------------------+-+-+-+-+
/// |    tag     |  address of the entry (16-aligned) |0|0|0|F|   an entry
/// |    tag     |  address of a ``TombstoneKey``          |0|0|1|F|   a tombstone: the key was here, and has no entry
/// |        the key's hash, but for four bits        |0|1|0|1|   moved: look in the next table
/// |                        0                        |0|0|0|F|   empty; sealed if frozen: it is never claimed
/// +-------------------------------------------------+-+-+-+-+
/// ```
///
/// `F` marks a frozen slot: its table is being migrated, and the word changes at most once more, to *moved*. A slot
/// that was claimed for a key stays that key's for as long as the table lives. The tag is a part of the hash, so that
/// all words of a key have the same one; it is never zero.
@usableFromInline
struct SlotWord: Equatable {
    @usableFromInline let bits: UInt64

    @inlinable @inline(__always)
    init(bits: UInt64) { self.bits = bits }

    /// Makes the word of an entry.
    @inlinable @inline(__always)
    init(entry: UnsafeRawPointer, hash: UInt64) {
        unsafe Self.checkAddress(entry)
        bits = hash &<< 48 | UInt64(UInt(bitPattern: entry))
    }

    @inlinable static var empty: SlotWord { SlotWord(bits: 0) }
    @inlinable static var sealed: SlotWord { SlotWord(bits: frozenBit) }
    @inlinable static var frozenBit: UInt64 { 1 }
    @inlinable static var tombstoneBit: UInt64 { 2 }
    @inlinable static var movedBit: UInt64 { 4 }
    @inlinable static var addressMask: UInt64 { 0x0000_FFFF_FFFF_FFF0 }

    /// Checks, in debug builds, that a word has room for an address.
    ///
    /// A tag of the allocator in the topmost bits, as Android's heap has, would be lost.
    @inlinable @inline(__always)
    static func checkAddress(_ address: UnsafeRawPointer) {
        let fits = UInt64(UInt(bitPattern: address)) & ~addressMask == 0
        assert(fits, "an address does not fit into a slot: it has more than 48 bits, or is not a multiple of 16")
    }

    /// Makes the word of a key that has no entry any more.
    @inlinable @inline(__always)
    init(tombstone: UnsafeRawPointer, hash: UInt64) {
        unsafe Self.checkAddress(tombstone)
        bits = hash &<< 48 | UInt64(UInt(bitPattern: tombstone)) | Self.tombstoneBit
    }

    /// Makes the word of a moved key: its hash, rotated so that the tag comes first.
    @inlinable @inline(__always)
    static func moved(_ hash: UInt64) -> SlotWord {
        SlotWord(bits: (hash &<< 48 | hash &>> 16) & ~0xF | movedBit | frozenBit)
    }

    /// Returns the tag of a hash; not zero, because the lowest bit of every hash is set.
    @inlinable @inline(__always)
    static func tag(of hash: UInt64) -> UInt16 { UInt16(truncatingIfNeeded: hash) }

    @inlinable var tag: UInt16 { UInt16(truncatingIfNeeded: bits &>> 48) }
    @inlinable var isFrozen: Bool { bits & Self.frozenBit != 0 }
    @inlinable var frozen: SlotWord { SlotWord(bits: bits | Self.frozenBit) }
    /// `true` if a word with a tag is that of an entry.
    @inlinable var isEntry: Bool { bits & (Self.tombstoneBit | Self.movedBit) == 0 }
    @inlinable var isTombstone: Bool { bits & Self.tombstoneBit != 0 }
    @inlinable var isMoved: Bool { bits & Self.movedBit != 0 }

    /// The address of the entry, or of the tombstone key.
    @inlinable @inline(__always)
    var address: UnsafeRawPointer {
        // Safety: only the address is made here; a thread that follows it is pinned, and got the word from a slot.
        unsafe UnsafeRawPointer(bitPattern: UInt(bits & Self.addressMask))!
    }
}
