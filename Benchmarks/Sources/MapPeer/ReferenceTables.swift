internal import Atomics

/// Atomic references at indices that are known beforehand: the cost of a strong reference with swift-atomics alone,
/// without finding its key.
final class AtomicTable: PeerTable {
    private let slots: [UnsafeAtomic<AtomicEntry?>]
    private var streams: [[Operation]] = [[], []]

    init(_ keys: StreamKeys) {
        let storage = UnsafeMutablePointer<UnsafeAtomic<AtomicEntry?>.Storage>.allocate(capacity: keys.count)
        slots = (0..<keys.count)
            .map { index in
                // Safety: the storage lies within what was allocated, for as long as the process.
                let entry = AtomicEntry(content: keys.content(index))
                unsafe (storage + index).initialize(to: .init(entry))
                return unsafe UnsafeAtomic(at: storage + index)
            }
    }

    func openStream(_ thread: Int, _ operations: [Operation]) { streams[thread] = operations }

    func run(_ window: StreamWindow) -> UInt64 {
        var sum: UInt64 = 0
        for operation in streams[window.thread][window.range] {
            let slot = slots[operation.key]
            let content = slot.load(ordering: .acquiring)?.content ?? 0
            if operation.isWrite {
                slot.store(AtomicEntry(content: content), ordering: .releasing)
            } else {
                sum &+= content
            }
        }
        return sum
    }
}

/// The object of an atomic reference.
final class AtomicEntry: AtomicReference, Sendable {
    let content: UInt64

    init(content: UInt64) {
        self.content = content
    }
}

/// The limit: two dependent loads, from an index that is known beforehand.
@safe final class RawTable: PeerTable {
    private let entries: [Unmanaged<AtomicEntry>]
    private var streams: [[Operation]] = [[], []]

    init(_ keys: StreamKeys) {
        unsafe entries = (0..<keys.count)
            .map { index in
                // Safety: the entries live as long as the process.
                unsafe Unmanaged.passRetained(AtomicEntry(content: keys.content(index)))
            }
    }

    func openStream(_ thread: Int, _ operations: [Operation]) { streams[thread] = operations }

    func run(_ window: StreamWindow) -> UInt64 {
        var sum: UInt64 = 0
        for operation in streams[window.thread][window.range] {
            // Safety: the entries live as long as the process.
            sum &+= unsafe entries[operation.key]._withUnsafeGuaranteedRef { $0.content }
        }
        return sum
    }
}
