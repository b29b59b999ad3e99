/// Appointments in order of time, roughly: what is due is found in O(1), wherever it hangs.
///
/// Three rings of slots: 64 of one unit, 64 of 64 units, 32 of 4,096 units; with seconds as the unit the last one goes
/// to 36 hours, and what lies beyond hangs in its farthest slot. The wheel does not keep deadlines. It says that an item
/// may be due; the caller, who knows the item's deadline of the moment, then removes it or hangs it anew. So a deadline
/// that moves on with every access costs nothing until its first date has come.
///
/// ```swift
/// wheel.advance(to: now)
/// while let (place, item) = wheel.next() {
///     if item.deadline > now { wheel.reschedule(place, at: item.deadline) } else { wheel.remove(place) }
/// }
/// ```
///
/// An item is named at its date or before (where it comes down from an outer ring), never after it: a caller that
/// advances once a unit sees each deadline within one unit.
///
/// Source: G. Varghese, T. Lauck, *Hashed and Hierarchical Timing Wheels*, SOSP 1987.
public struct TimerWheel<Item> {
    /// Where an item hangs; good until it is removed.
    public struct Timer: Hashable, Sendable {
        let handle: LinkedSlab<Item>.Handle
    }

    private struct Ring {
        /// How many bits of a date lie within one slot.
        let shift: UInt64
        let slots: [LinkedSlab<Item>.List]
    }

    /// The date up to which the wheel was advanced.
    public private(set) var now: UInt64
    /// How many items hang in the wheel, those that are due included.
    public private(set) var count = 0

    private var items = LinkedSlab<Item>()
    private var rings: [Ring] = []
    private let due: LinkedSlab<Item>.List

    /// Makes an empty wheel.
    ///
    /// - Parameter now: The date at which it stands, in units of the caller's choice.
    public init(now: UInt64) {
        self.now = now
        due = items.makeList()
        for (shift, size) in [(0, 64), (6, 64), (12, 32)] as [(UInt64, Int)] {
            var slots: [LinkedSlab<Item>.List] = []
            for _ in 0..<size { slots.append(items.makeList()) }
            rings.append(Ring(shift: shift, slots: slots))
        }
    }

    /// Hangs an item up.
    ///
    /// - Parameters:
    ///   - item: What is to be named.
    ///   - date: When; a date that has passed is due at the next advance or ``next()``.
    /// - Returns: Where it hangs.
    /// - Complexity: O(1).
    public mutating func schedule(_ item: Item, at date: UInt64) -> Timer {
        count += 1
        return Timer(handle: items.append(item, to: slot(at: date)))
    }

    /// Hangs an item elsewhere.
    ///
    /// - Parameters:
    ///   - timer: Where it hangs; it keeps the place.
    ///   - date: When it is to be named; one that has passed makes it due at once.
    /// - Complexity: O(1).
    public mutating func reschedule(_ timer: Timer, at date: UInt64) {
        items.move(timer.handle, toEndOf: slot(at: date))
    }

    /// Takes an item down.
    ///
    /// - Parameter timer: Where it hangs; the place is not good any more.
    /// - Returns: The item.
    /// - Complexity: O(1).
    @discardableResult
    public mutating func remove(_ timer: Timer) -> Item {
        count -= 1
        return items.remove(timer.handle)
    }

    /// Moves on to a date; what may be due by then is named by ``next()``.
    ///
    /// - Parameter date: The date; one that has passed changes nothing.
    /// - Complexity: O(1): at most 160 slots, whatever lies between the dates and however much hangs there.
    public mutating func advance(to date: UInt64) {
        guard date > now else { return }
        for ring in rings {
            let (from, to) = (now >> ring.shift, date >> ring.shift)
            for step in 0..<Swift.min(to - from, UInt64(ring.slots.count)) {
                items.move(allOf: ring.slots[Int((to - step) % UInt64(ring.slots.count))], toEndOf: due)
            }
        }
        now = date
    }

    /// An item that may be due: the same one until it is removed or hung elsewhere; `nil` where none is.
    ///
    /// - Complexity: O(1).
    public func next() -> (timer: Timer, item: Item)? {
        items.first(of: due).map { (Timer(handle: $0), items[$0]) }
    }

    private func slot(at date: UInt64) -> LinkedSlab<Item>.List {
        guard date > now else { return due }
        for ring in rings where (date >> ring.shift) - (now >> ring.shift) < UInt64(ring.slots.count) {
            return ring.slots[Int((date >> ring.shift) % UInt64(ring.slots.count))]
        }
        let last = rings[rings.count - 1]
        let farthest = (now >> last.shift) + UInt64(last.slots.count) - 1
        return last.slots[Int(farthest % UInt64(last.slots.count))]
    }
}

extension TimerWheel: Sendable where Item: Sendable {}
