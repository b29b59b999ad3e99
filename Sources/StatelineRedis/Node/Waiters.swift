internal import NIOCore

/// Those who wait, in the order in which they came, no more than so many.
struct Waiters<Value: Sendable> {
    private let limit: Int
    private var queue = CircularBuffer<(id: UInt64, waiter: Waiter<Value>)>()
    private var gone: Set<UInt64> = []
    private var next: UInt64 = 0

    /// Nobody yet.
    init(limit: Int) {
        self.limit = limit
    }

    /// How many wait.
    var count: Int { queue.count - gone.count }

    /// Lets one more wait, unless too many do.
    mutating func add() -> (id: UInt64, waiter: Waiter<Value>)? {
        guard count < limit else { return nil }
        defer { next += 1 }
        let entry = (id: next, waiter: Waiter<Value>())
        queue.append(entry)
        return entry
    }

    /// Somebody waits no more: served, late or cancelled.
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

    /// Takes the first.
    mutating func takeFirst() -> Waiter<Value>? {
        while let first = queue.popFirst() {
            if gone.remove(first.id) == nil { return first.waiter }
        }
        return nil
    }

    /// Takes all.
    mutating func takeAll() -> [Waiter<Value>] {
        defer {
            queue.removeAll()
            gone.removeAll()
        }
        return queue.filter { !gone.contains($0.id) }.map(\.waiter)
    }
}
