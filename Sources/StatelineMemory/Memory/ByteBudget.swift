internal import Synchronization

/// How many bytes a store has given out of those that it may.
///
/// Bytes are reserved before what needs them is published, and given back by whoever did not publish or took away what
/// was there: the count is never below what is held, and equals it when nobody writes.
///
/// - Complexity: each operation is a loop of one compare-and-swap, repeated only where another one succeeded.
final class ByteBudget: Sendable {
    private let limit: Int
    private let used = Atomic(0)

    /// Makes a budget of which nothing is used.
    init(limit: Int) {
        self.limit = limit
    }

    /// How many bytes are used.
    var usedBytes: Int { used.load(ordering: .relaxed) }

    /// Takes bytes, all or none.
    ///
    /// - Returns: Whether there were so many left.
    func reserve(_ bytes: Int) -> Bool {
        var current = used.load(ordering: .relaxed)
        while true {
            let (sum, isOverflow) = current.addingReportingOverflow(bytes)
            guard !isOverflow, sum <= limit else { return false }
            let (isExchanged, original) = used.compareExchange(expected: current, desired: sum, ordering: .relaxed)
            if isExchanged { return true }
            current = original
        }
    }

    /// Gives bytes back.
    func giveBack(_ bytes: Int) {
        used.subtract(bytes, ordering: .relaxed)
    }
}

/// What things in a store count for, in bytes: their content, and a constant for the objects that hold it.
enum Charge {
    /// An entry of the map: the key is held twice, for the map and for lists.
    static func entry(_ keyBytes: Int) -> Int { 256 + 2 * keyBytes }

    /// What a live session needs beyond its entry and its batches.
    static var session: Int { 256 }

    /// A batch of so many stored bytes.
    static func batch(_ bytes: Int) -> Int { 256 + bytes }
}
