internal import Synchronization

/// The bytes that a store has used of its limit.
///
/// A writer reserves bytes before it publishes an entry, and gives them back if it does not publish or if it removes an
/// entry. The count is never below the bytes of the entries, and equals them while no task writes.
///
/// - Complexity: each operation is a loop of one compare-and-swap, repeated only if another one succeeded.
final class ByteBudget: Sendable {
    private let limit: Int
    private let used = Atomic(0)

    /// Makes an unused budget.
    init(limit: Int) {
        self.limit = limit
    }

    /// The number of used bytes.
    var usedBytes: Int { used.load(ordering: .relaxed) }

    /// Takes bytes, all or none.
    ///
    /// - Returns: `true` if they were left.
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

/// The bytes that parts of a store count for: their content, and a constant for the objects that hold it.
enum Charge {
    /// Returns the bytes of an entry of the map; the key is held twice, for the map and for lists.
    static func entry(_ keyBytes: Int) -> Int { 256 + 2 * keyBytes }

    /// The bytes of a live session, beyond its entry and its batches.
    static var session: Int { 256 }

    /// Returns the bytes of a batch, from its stored bytes.
    static func batch(_ bytes: Int) -> Int { 256 + bytes }
}
