import Synchronization

/// The effect of one operation on one key, with its beginning and end.
struct Operation: Sendable, CustomStringConvertible {
    enum Kind: Sendable, Hashable {
        /// The value that was found.
        case get(Int?)
        /// Insert of a value; the one that was there already.
        case insert(Int, found: Int?)
        /// Exchange of a value for another one; `true`, or what was there instead.
        case exchange(expected: Int, desired: Int, done: Bool, found: Int?)
        /// The value that was removed.
        case remove(Int?)
    }

    let kind: Kind
    let begin: Int
    let end: Int

    var description: String { "[\(begin), \(end)] \(kind)" }
}

/// The operations of one key, in the order in which they ended, and whether a register that keeps one value explains
/// them.
///
/// Source: J. M. Wing, C. Gong, *Testing and verifying concurrent objects*, 1993; keys are checked one by one, because
/// a map is linearizable if each of its keys is (M. Herlihy, J. M. Wing, *Linearizability*, 1990, locality).
struct History {
    private(set) var operations: [Operation] = []

    mutating func append(_ operation: Operation) { operations.append(operation) }

    /// `true` if the operations have an order that keeps that of operations which did not overlap, and in which each
    /// has its recorded effect.
    var isLinearizable: Bool {
        precondition(operations.count <= 64, "too long to be checked")
        var seen: Set<Place> = []
        var stack: [Place] = [Place(done: 0, value: nil)]
        let all: UInt64 = operations.count == 64 ? .max : (1 << UInt64(operations.count)) - 1
        while let place = stack.popLast() {
            if place.done == all { return true }
            guard seen.insert(place).inserted else { continue }
            // Whatever comes next began before the first end of those that are left.
            let left = operations.indices.filter { place.done & 1 << UInt64($0) == 0 }
            let firstEnd = left.map { operations[$0].end }.min()!
            for index in left where operations[index].begin < firstEnd {
                guard let value = operations[index].kind.apply(to: place.value) else { continue }
                stack.append(Place(done: place.done | 1 << UInt64(index), value: value))
            }
        }
        return false
    }

    private struct Place: Hashable {
        let done: UInt64
        let value: Int?
    }
}

extension Operation.Kind {
    /// Returns the value after the operation; `nil` if it cannot have its recorded effect on a value.
    func apply(to value: Int?) -> Int?? {
        switch self {
        case .get(let found):
            return found == value ? .some(value) : nil
        case .insert(let new, let found):
            guard found == value else { return nil }
            return .some(value ?? new)
        case .exchange(let expected, let desired, let done, let found):
            if done { return value == expected ? .some(desired) : nil }
            return found == value && value != expected ? .some(value) : nil
        case .remove(let removed):
            return removed == value ? .some(nil) : nil
        }
    }
}

/// A clock that never says the same twice.
final class Ticket: Sendable {
    private let next = Atomic<Int>(0)
    func take() -> Int { next.add(1, ordering: .sequentiallyConsistent).newValue }
}
