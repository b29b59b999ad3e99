/// A FIFO queue of requests that wait for their replies, with access by index.
///
/// Elements that have left keep their storage until half of the storage is empty, so the amortized cost of each
/// operation is O(1).
struct PendingQueue<Completion> {
    private var storage: ContiguousArray<PendingRequest<Completion>> = []
    private var head = 0

    /// The number of requests.
    var count: Int { storage.count - head }
    /// `true` if the queue has no request.
    var isEmpty: Bool { storage.count == head }

    /// The request at an offset from the head.
    subscript(offset: Int) -> PendingRequest<Completion> {
        get { storage[head + offset] }
        _modify { yield &storage[head + offset] }
    }

    /// Appends a request.
    mutating func append(_ request: PendingRequest<Completion>) {
        storage.append(request)
    }

    /// Removes the first request.
    mutating func removeFirst() {
        head += 1
        if head == storage.count {
            storage.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 512, head * 2 >= storage.count {
            storage.removeFirst(head)
            head = 0
        }
    }

    /// Removes all requests.
    mutating func removeAll() {
        storage = []
        head = 0
    }

    /// Removes the tombstones from an offset on, but not pings.
    ///
    /// - Returns: The ranges of their bytes, counted from the offset, and the number of their commands.
    mutating func removeTombstones(from first: Int) -> (cuts: [Range<Int>], commands: Int) {
        var (cuts, commands) = ([Range<Int>](), 0)
        var kept = storage[head..<head + first]
        var offset = 0
        for request in storage[(head + first)...] {
            if request.completion == nil, !request.isPing {
                cuts.append(offset..<offset + request.bytes)
                commands += request.commands
            } else {
                kept.append(request)
            }
            offset += request.bytes
        }
        storage = ContiguousArray(kept)
        head = 0
        return (cuts, commands)
    }
}
