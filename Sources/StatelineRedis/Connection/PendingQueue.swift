/// Requests in the order in which their replies are due: a queue that is read at its head, by number, and whole.
///
/// What has left stays in its place until the half of the places is empty: so no step moves more than one request for
/// each that came.
struct PendingQueue<Completion> {
    private var places: ContiguousArray<PendingRequest<Completion>> = []
    private var head = 0

    /// How many wait.
    var count: Int { places.count - head }
    /// Whether none waits.
    var isEmpty: Bool { places.count == head }

    /// The one at a distance from the head.
    subscript(offset: Int) -> PendingRequest<Completion> {
        get { places[head + offset] }
        _modify { yield &places[head + offset] }
    }

    /// Puts one at the end.
    mutating func append(_ request: PendingRequest<Completion>) {
        places.append(request)
    }

    /// Takes the first one away.
    mutating func removeFirst() {
        head += 1
        if head == places.count {
            places.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 512, head * 2 >= places.count {
            places.removeFirst(head)
            head = 0
        }
    }

    /// Takes all away.
    mutating func removeAll() {
        places = []
        head = 0
    }

    /// Takes away those that nobody waits for any more, signs of life aside, from an offset on.
    ///
    /// - Returns: Where their bytes lie among those of all from there on, and how many commands they have.
    mutating func removeTombstones(from first: Int) -> (cuts: [Range<Int>], commands: Int) {
        var (cuts, commands) = ([Range<Int>](), 0)
        var kept = places[head..<head + first]
        var offset = 0
        for request in places[(head + first)...] {
            if request.completion == nil, !request.isPing {
                cuts.append(offset..<offset + request.bytes)
                commands += request.commands
            } else {
                kept.append(request)
            }
            offset += request.bytes
        }
        places = ContiguousArray(kept)
        head = 0
        return (cuts, commands)
    }
}
