/// Timers in rough order of time: an item that is due is found in O(1).
///
/// The wheel has three rings of slots: 64 of one unit, 64 of 64 units, 32 of 4,096 units. With seconds as the unit the
/// last ring reaches 36 hours; later dates are in its farthest slot. The wheel does not keep deadlines. It reports that
/// an item may be due; the caller, which knows the item's present deadline, then removes or reschedules it. So a
/// deadline that moves with every access costs nothing until its first date has come.
///
/// ```swift
/// wheel.advance(to: now)
/// while let (timer, item) = wheel.next() {
///     if item.deadline > now { wheel.reschedule(timer, at: item.deadline) } else { wheel.remove(timer) }
/// }
/// ```
///
/// An item is reported at its date, or earlier if it comes down from an outer ring, but never later. A caller that
/// advances once a unit sees each deadline within one unit.
///
/// Source: G. Varghese, T. Lauck, *Hashed and Hierarchical Timing Wheels*, SOSP 1987.
public struct TimerWheel<Item> {
    /// The timer of an item; valid until it is removed.
    public struct Timer: Hashable, Sendable {
        let handle: LinkedSlab<Item>.Handle
    }

    private struct Ring {
        /// The number of low bits of a date that one slot covers.
        let shift: UInt64
        let slots: [LinkedSlab<Item>.List]
    }

    /// The date up to which the wheel was advanced.
    public private(set) var now: UInt64
    /// The number of timers in the wheel, including those that are due.
    public private(set) var count = 0

    private var items = LinkedSlab<Item>()
    private var rings: [Ring] = []
    private let due: LinkedSlab<Item>.List

    /// Makes an empty wheel.
    ///
    /// - Parameter now: The present date, in units of the caller's choice.
    public init(now: UInt64) {
        self.now = now
        due = items.makeList()
        for (shift, size) in [(0, 64), (6, 64), (12, 32)] as [(UInt64, Int)] {
            var slots: [LinkedSlab<Item>.List] = []
            for _ in 0..<size { slots.append(items.makeList()) }
            rings.append(Ring(shift: shift, slots: slots))
        }
    }

    /// Adds a timer.
    ///
    /// - Parameters:
    ///   - item: The item to report.
    ///   - date: The date; one that has passed is due at once.
    /// - Returns: The timer.
    /// - Complexity: O(1).
    public mutating func schedule(_ item: Item, at date: UInt64) -> Timer {
        count += 1
        return Timer(handle: items.append(item, to: slot(at: date)))
    }

    /// Changes the date of a timer.
    ///
    /// - Parameters:
    ///   - timer: The timer, which stays valid.
    ///   - date: The new date; one that has passed is due at once.
    /// - Complexity: O(1).
    public mutating func reschedule(_ timer: Timer, at date: UInt64) {
        items.move(timer.handle, toEndOf: slot(at: date))
    }

    /// Removes a timer.
    ///
    /// - Parameter timer: The timer, which is invalid after that.
    /// - Returns: Its item.
    /// - Complexity: O(1).
    @discardableResult
    public mutating func remove(_ timer: Timer) -> Item {
        count -= 1
        return items.remove(timer.handle)
    }

    /// Advances to a date; ``next()`` then returns the items that may be due.
    ///
    /// - Parameter date: The date; one that has passed changes nothing.
    /// - Complexity: O(1): at most 160 slots, whatever the distance of the dates and the number of timers.
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

    /// Returns an item that may be due, the same one until its timer is removed or rescheduled; `nil` if none is due.
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
