/// Which resident has to go next: the S3-FIFO policy by weight, apart from all concurrency.
///
/// Newcomers stand in a small queue, a tenth of the whole: what is not read twice while it passes through goes first,
/// and leaves a ghost. What was read twice, and what comes back while its ghost is there, stands in the main queue, in
/// which each read since the last round is worth another round. Until the first eviction the main queue takes what the
/// small one has no room for.
///
/// ```
/// insert --> small --(>= 2 reads)--> main --(any read)--> main, one read less
///              |                       |
///              | ghost                 |
///              v                       v
///           evicted                 evicted
/// ```
///
/// The policy does not know how often a resident was read: it names the next ``Candidate``, and is told what became of
/// it. Each call is O(1).
///
/// Source: J. Yang, Y. Zhang, Z. Qiu, Y. Yue, R. Vinayak, *FIFO Queues are All You Need for Cache Eviction*, SOSP 2023.
struct S3FIFO<Resident> {
    /// A resident in a queue.
    struct QueueEntry {
        let resident: Resident
        let fingerprint: UInt32
        var weight: Int
        var isInMain: Bool
    }

    typealias Handle = LinkedSlab<QueueEntry>.Handle

    /// Who is at the head of the queue that has to give something up.
    struct Candidate {
        let handle: Handle
        let resident: Resident
        let isInMain: Bool
    }

    /// What has to become of a candidate.
    enum Decision: Hashable {
        /// It goes: remove it from the cache, then call ``evict(_:)``.
        case evict
        /// It stays, with this many reads left: call ``keep(_:)``.
        case keep(frequency: UInt8)
    }

    let parameters: CachePolicyParameters
    /// The weight at which the small queue has to give up what comes to its head.
    let smallTarget: Int
    private(set) var smallWeight = 0
    private(set) var mainWeight = 0
    private(set) var count = 0

    private var entries = LinkedSlab<QueueEntry>()
    private let small: LinkedSlab<QueueEntry>.List
    private let main: LinkedSlab<QueueEntry>.List
    private var ghosts = GhostTable()
    private var hasEvicted = false
    /// Whether the present eviction looks at the main queue; `nil` between evictions.
    private var evictsFromMain: Bool?

    /// Makes a policy without residents.
    ///
    /// - Parameters:
    ///   - capacity: The weight that the residents may have together. The policy only takes its share from it: when to
    ///     evict is the caller's business.
    ///   - parameters: The sizes of the queues.
    init(capacity: Int, parameters: CachePolicyParameters = CachePolicyParameters()) {
        self.parameters = parameters
        smallTarget = Swift.max(1, Int(Double(capacity) * parameters.smallShare))
        small = entries.makeList()
        main = entries.makeList()
    }

    /// How many evicted keys are remembered.
    private var ghostWindow: Int { Int(Double(count) * parameters.ghostShare) }

    /// Takes in a resident.
    ///
    /// - Parameters:
    ///   - resident: Who comes.
    ///   - weight: What it counts for.
    ///   - fingerprint: What it is known again by after its eviction.
    /// - Returns: Where it stands, until it is removed or evicted.
    mutating func insert(_ resident: Resident, weight: Int, fingerprint: UInt32) -> Handle {
        let goesToMain =
            ghosts.remove(fingerprint, window: ghostWindow) || (!hasEvicted && smallWeight >= smallTarget)
        if goesToMain { mainWeight += weight } else { smallWeight += weight }
        count += 1
        let entry = QueueEntry(resident: resident, fingerprint: fingerprint, weight: weight, isInMain: goesToMain)
        return entries.append(entry, to: goesToMain ? main : small)
    }

    /// Whether a resident stands in the main queue.
    func isInMain(_ handle: Handle) -> Bool { entries[handle].isInMain }

    /// Says that a resident weighs something else now.
    mutating func reweigh(_ handle: Handle, weight: Int) {
        let change = weight - entries[handle].weight
        entries[handle].weight = weight
        if entries[handle].isInMain { mainWeight += change } else { smallWeight += change }
    }

    /// Says that a resident is not there any more, for another reason than an eviction: it leaves no ghost.
    mutating func remove(_ handle: Handle) {
        let entry = entries.remove(handle)
        if entry.isInMain { mainWeight -= entry.weight } else { smallWeight -= entry.weight }
        count -= 1
        if count == 0 { hasEvicted = false }
    }

    /// Who is to be looked at next; `nil` where nobody is there.
    ///
    /// The queue is chosen once for each eviction, and again where it runs out.
    mutating func next() -> Candidate? {
        let (inSmall, inMain) = (entries.first(of: small), entries.first(of: main))
        let fromMain = evictsFromMain ?? (smallWeight < smallTarget)
        guard let handle = fromMain ? inMain ?? inSmall : inSmall ?? inMain else { return nil }
        evictsFromMain = fromMain
        return Candidate(handle: handle, resident: entries[handle].resident, isInMain: entries[handle].isInMain)
    }

    /// What has to become of a candidate that was read so often; nothing changes yet.
    func decision(on candidate: Candidate, frequency: UInt8) -> Decision {
        if candidate.isInMain { return frequency == 0 ? .evict : .keep(frequency: Swift.min(frequency, 3) - 1) }
        return frequency < parameters.promotion ? .evict : .keep(frequency: 0)
    }

    /// Puts a candidate at the end of the main queue.
    mutating func keep(_ candidate: Candidate) {
        if !candidate.isInMain {
            let weight = entries[candidate.handle].weight
            entries[candidate.handle].isInMain = true
            smallWeight -= weight
            mainWeight += weight
        }
        entries.move(candidate.handle, toEndOf: main)
    }

    /// Says that a candidate was evicted; its place is not good any more.
    mutating func evict(_ candidate: Candidate) {
        let (fingerprint, window) = (entries[candidate.handle].fingerprint, ghostWindow)
        hasEvicted = true
        evictsFromMain = nil
        remove(candidate.handle)
        if !candidate.isInMain { ghosts.insert(fingerprint, window: window) }
    }
}
