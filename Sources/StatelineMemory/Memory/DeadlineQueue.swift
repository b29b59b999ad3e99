internal import LockFreeMap
internal import NIOConcurrencyHelpers
internal import Synchronization

/// The deadline of a key's entry, and its place in a ``DeadlineQueue``.
final class Deadline: Sendable {
    /// The key.
    let key: ByteKey
    /// Accessed under the lock of the queue only, so each access is relaxed.
    fileprivate let place = Atomic(outside)

    fileprivate static let outside = -1
    fileprivate static let cancelled = -2

    /// Makes a deadline that is in no queue.
    init(_ key: ByteKey) {
        self.key = key
    }
}

/// Keys in the order of their deadlines: a binary heap under one lock.
///
/// A deadline that moves to a later time, as a commit does to that of its session, is not moved in the queue: it is taken
/// out at its former time, and its owner inserts it again at the present one.
///
/// - Complexity: ``isDue(at:)`` is one load. The other operations take the lock, for O(log *n*) in the deadlines that wait;
///   an insertion is O(1) if deadlines come in the order of their times.
final class DeadlineQueue: Sendable {
    private struct Element {
        let time: Duration
        let deadline: Deadline
    }

    private let heap = NIOLockedValueBox<[Element]>([])
    /// The earliest deadline in whole seconds, rounded down; `Int64.max` if there is none.
    private let earliest = Atomic(Int64.max)

    /// The number of waiting deadlines.
    var count: Int { heap.withLockedValue { $0.count } }

    /// `true` if no deadline waits.
    var isEmpty: Bool { earliest.load(ordering: .relaxed) == .max }

    /// Returns `false` if no deadline is due at a time; exact to the second.
    func isDue(at time: Duration) -> Bool {
        time.components.seconds >= earliest.load(ordering: .relaxed)
    }

    /// Adds a deadline; does nothing if it was cancelled.
    func insert(_ deadline: Deadline, at time: Duration) {
        heap.withLockedValue { heap in
            guard deadline.place.load(ordering: .relaxed) == Deadline.outside else { return }
            heap.append(Element(time: time, deadline: deadline))
            rise(heap.count - 1, in: &heap)
            noteEarliest(heap)
        }
    }

    /// Removes a deadline for good: it cannot be inserted again.
    func cancel(_ deadline: Deadline) {
        heap.withLockedValue { heap in
            let place = deadline.place.load(ordering: .relaxed)
            if place >= 0 { remove(at: place, from: &heap) }
            deadline.place.store(Deadline.cancelled, ordering: .relaxed)
        }
    }

    /// Takes out deadlines that are due, the earliest first.
    ///
    /// - Parameters:
    ///   - time: The present time.
    ///   - most: The maximum number of deadlines to take.
    /// - Returns: The deadlines.
    func takeDue(at time: Duration, most: Int) -> [Deadline] {
        guard isDue(at: time) else { return [] }
        return heap.withLockedValue { heap in
            var due: [Deadline] = []
            while due.count < most, let first = heap.first, first.time <= time {
                remove(at: 0, from: &heap)
                due.append(first.deadline)
            }
            return due
        }
    }

    /// Takes out the earliest deadline, due or not.
    func takeFirst() -> (deadline: Deadline, time: Duration)? {
        heap.withLockedValue { heap in
            guard let first = heap.first else { return nil }
            remove(at: 0, from: &heap)
            return (first.deadline, first.time)
        }
    }

    // MARK: The heap

    private func noteEarliest(_ heap: [Element]) {
        earliest.store(heap.first?.time.components.seconds ?? .max, ordering: .relaxed)
    }

    private func remove(at place: Int, from heap: inout [Element]) {
        heap[place].deadline.place.store(Deadline.outside, ordering: .relaxed)
        let last = heap.removeLast()
        if place < heap.count {
            heap[place] = last
            sink(place, in: &heap)
            rise(place, in: &heap)
        }
        // An array keeps its memory when it gets shorter.
        if heap.capacity > 1024, heap.count < heap.capacity / 4 {
            var smaller: [Element] = []
            smaller.reserveCapacity(heap.count * 2)
            smaller += heap
            heap = smaller
        }
        noteEarliest(heap)
    }

    /// Moves an element towards the first until none before it is later, and updates the places of all that move.
    private func rise(_ place: Int, in heap: inout [Element]) {
        var place = place
        while place > 0, heap[place].time < heap[(place - 1) / 2].time {
            heap.swapAt(place, (place - 1) / 2)
            heap[place].deadline.place.store(place, ordering: .relaxed)
            place = (place - 1) / 2
        }
        heap[place].deadline.place.store(place, ordering: .relaxed)
    }

    private func sink(_ place: Int, in heap: inout [Element]) {
        var place = place
        while true {
            var first = place
            for child in (2 * place + 1)...(2 * place + 2)
            where child < heap.count && heap[child].time < heap[first].time {
                first = child
            }
            guard first != place else { break }
            heap.swapAt(place, first)
            heap[place].deadline.place.store(place, ordering: .relaxed)
            place = first
        }
        heap[place].deadline.place.store(place, ordering: .relaxed)
    }
}
