internal import NIOCore

/// A bounded FIFO queue of waiting tasks.
struct Waiters<Value: Sendable> {
    private let limit: Int
    private var queue = CircularBuffer<(id: UInt64, waiter: Waiter<Value>)>()
    private var gone: Set<UInt64> = []
    private var next: UInt64 = 0

    /// Makes an empty queue.
    init(limit: Int) {
        self.limit = limit
    }

    /// The number of waiting tasks.
    var count: Int { queue.count - gone.count }

    /// Adds a waiter; returns `nil` if the queue is full.
    mutating func add() -> (id: UInt64, waiter: Waiter<Value>)? {
        guard count < limit else { return nil }
        defer { next += 1 }
        let entry = (id: next, waiter: Waiter<Value>())
        queue.append(entry)
        return entry
    }

    /// Removes a waiter that was served, timed out or was cancelled.
    ///
    /// - Complexity: amortized O(1).
    mutating func remove(_ id: UInt64) {
        guard let first = queue.first, id >= first.id else { return }
        gone.insert(id)
        while let first = queue.first, gone.remove(first.id) != nil { queue.removeFirst() }
        if gone.count > 64, gone.count > queue.count / 2 {
            queue.removeAll { gone.contains($0.id) }
            gone.removeAll()
        }
    }

    /// Removes and returns the first waiter.
    mutating func takeFirst() -> Waiter<Value>? {
        while let first = queue.popFirst() {
            if gone.remove(first.id) == nil { return first.waiter }
        }
        return nil
    }

    /// Removes and returns all waiters.
    mutating func takeAll() -> [Waiter<Value>] {
        defer {
            queue.removeAll()
            gone.removeAll()
        }
        return queue.filter { !gone.contains($0.id) }.map(\.waiter)
    }
}
