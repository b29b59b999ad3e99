/// The fingerprints of the most recently evicted keys.
///
/// A table of buckets of eight fingerprints, each with the number of its eviction. A fingerprint that is older than the
/// window counts as forgotten, and is overwritten first. A full bucket forgets its oldest fingerprint early; at the
/// load kept here that is one in fifty. The table grows by a new one, to which each further eviction moves two buckets.
///
/// Source: J. Yang, Y. Zhang, Z. Qiu, Y. Yue, R. Vinayak, *FIFO Queues are All You Need for Cache Eviction*, SOSP 2023,
/// section 4.2.
struct GhostTable {
    private struct Table {
        /// The number of the eviction in the upper half, the fingerprint in the lower; 0 is free.
        var slots: [UInt64]
        let mask: Int

        init(capacity: Int) {
            slots = Array(repeating: 0, count: capacity)
            mask = capacity - 1
        }

        func bucket(of fingerprint: UInt32) -> Int {
            Int(truncatingIfNeeded: (UInt64(fingerprint) &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask & ~7
        }
    }

    private var table = Table(capacity: 64)
    /// The table before the last growth, while buckets of it are still to be moved.
    private var former: Table?
    /// The first slot of the former table that was not moved.
    private var unmoved = 0
    /// The number of the next eviction.
    private var time: UInt32 = 1

    init() {}

    /// Remembers a fingerprint.
    ///
    /// - Parameters:
    ///   - fingerprint: The fingerprint.
    ///   - window: The number of evictions that are remembered.
    /// - Complexity: O(1), except for growth, which allocates the next table.
    mutating func insert(_ fingerprint: UInt32, window: Int) {
        if window * 2 > table.slots.count {
            while former != nil { moveBucket() }
            former = table
            unmoved = 0
            table = Table(capacity: (window * 4 - 1).nextPowerOfTwo)
        }
        // The next growth is at least *n* / 8 evictions away, if this table has *n* slots to move.
        for _ in 0..<2 where former != nil { moveBucket() }
        place(UInt64(time) << 32 | UInt64(fingerprint))
        time &+= 1
        if time == 0 { time = 1 }
    }

    /// Forgets a fingerprint; returns `true` if it was remembered.
    ///
    /// - Complexity: O(1).
    mutating func remove(_ fingerprint: UInt32, window: Int) -> Bool {
        if Self.take(fingerprint, from: &table, time: time, window: window) { return true }
        guard former != nil else { return false }
        return Self.take(fingerprint, from: &former!, time: time, window: window)
    }

    /// Stores a word in the slot of the same fingerprint, in a free slot, or in the oldest slot of the bucket.
    private mutating func place(_ word: UInt64) {
        let fingerprint = UInt32(truncatingIfNeeded: word)
        let bucket = table.bucket(of: fingerprint)
        var chosen = bucket
        for slot in bucket..<bucket + 8 {
            let other = table.slots[slot]
            if other == 0 || UInt32(truncatingIfNeeded: other) == fingerprint {
                chosen = slot
                break
            }
            if age(of: other) > age(of: table.slots[chosen]) { chosen = slot }
        }
        table.slots[chosen] = word
    }

    private mutating func moveBucket() {
        for slot in unmoved..<unmoved + 8 {
            let word = former!.slots[slot]
            if word != 0 { place(word) }
            former!.slots[slot] = 0
        }
        unmoved += 8
        if unmoved == former!.slots.count { former = nil }
    }

    private static func take(_ fingerprint: UInt32, from table: inout Table, time: UInt32, window: Int) -> Bool {
        let bucket = table.bucket(of: fingerprint)
        for slot in bucket..<bucket + 8 {
            let word = table.slots[slot]
            guard word != 0, UInt32(truncatingIfNeeded: word) == fingerprint else { continue }
            guard Int(time &- UInt32(truncatingIfNeeded: word >> 32)) <= window else { continue }
            table.slots[slot] = 0
            return true
        }
        return false
    }

    private func age(of word: UInt64) -> UInt32 {
        time &- UInt32(truncatingIfNeeded: word >> 32)
    }
}

extension Int {
    /// The least power of two that is greater than the number.
    fileprivate var nextPowerOfTwo: Int {
        1 << (Int.bitWidth - leadingZeroBitCount)
    }
}
