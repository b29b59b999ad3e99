/// The S3-FIFO eviction policy, by weight and without concurrency.
///
/// New residents enter a small queue, a tenth of the whole. A resident that is not read twice while it passes through
/// is evicted first, and leaves a ghost. A resident that was read twice, or that comes back while its ghost is
/// remembered, is in the main queue. There each read since the last round is worth another round. Until the first
/// eviction the main queue takes the residents for which the small one has no room.
///
/// ```
/// insert --> small --(>= 2 reads)--> main --(any read)--> main, one read less
///              |                       |
///              | ghost                 |
///              v                       v
///           evicted                 evicted
/// ```
///
/// The policy does not count reads: it returns the next ``Candidate``, and the caller reports the outcome. Each call
/// is O(1).
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

    /// The head of the queue from which a resident is to be evicted.
    struct Candidate {
        let handle: Handle
        let resident: Resident
        let isInMain: Bool
    }

    /// The decision on a candidate.
    enum Decision: Hashable {
        /// Evict it: remove it from the cache, then call ``evict(_:)``.
        case evict
        /// Keep it, with this number of reads left: call ``keep(_:)``.
        case keep(frequency: UInt8)
    }

    let parameters: CachePolicyParameters
    /// The weight from which on residents are evicted from the small queue.
    let smallTarget: Int
    private(set) var smallWeight = 0
    private(set) var mainWeight = 0
    private(set) var count = 0

    private var entries = LinkedSlab<QueueEntry>()
    private let small: LinkedSlab<QueueEntry>.List
    private let main: LinkedSlab<QueueEntry>.List
    private var ghosts = GhostTable()
    private var hasEvicted = false
    /// `true` if the present eviction is from the main queue; `nil` between evictions.
    private var evictsFromMain: Bool?

    /// Makes a policy without residents.
    ///
    /// - Parameters:
    ///   - capacity: The largest weight of all residents together. The policy only computes its shares from it; the
    ///     caller decides when to evict.
    ///   - parameters: The sizes of the queues.
    init(capacity: Int, parameters: CachePolicyParameters = CachePolicyParameters()) {
        self.parameters = parameters
        smallTarget = Swift.max(1, Int(Double(capacity) * parameters.smallShare))
        small = entries.makeList()
        main = entries.makeList()
    }

    /// The number of evicted keys that are remembered.
    private var ghostWindow: Int { Int(Double(count) * parameters.ghostShare) }

    /// Adds a resident.
    ///
    /// - Parameters:
    ///   - resident: The resident.
    ///   - weight: Its weight.
    ///   - fingerprint: The fingerprint by which it is recognised after its eviction.
    /// - Returns: Its handle, valid until it is removed or evicted.
    mutating func insert(_ resident: Resident, weight: Int, fingerprint: UInt32) -> Handle {
        let goesToMain =
            ghosts.remove(fingerprint, window: ghostWindow) || (!hasEvicted && smallWeight >= smallTarget)
        if goesToMain { mainWeight += weight } else { smallWeight += weight }
        count += 1
        let entry = QueueEntry(resident: resident, fingerprint: fingerprint, weight: weight, isInMain: goesToMain)
        return entries.append(entry, to: goesToMain ? main : small)
    }

    /// Returns `true` if a resident is in the main queue.
    func isInMain(_ handle: Handle) -> Bool { entries[handle].isInMain }

    /// Changes the weight of a resident.
    mutating func reweigh(_ handle: Handle, weight: Int) {
        let change = weight - entries[handle].weight
        entries[handle].weight = weight
        if entries[handle].isInMain { mainWeight += change } else { smallWeight += change }
    }

    /// Removes a resident that was not evicted: it leaves no ghost.
    mutating func remove(_ handle: Handle) {
        let entry = entries.remove(handle)
        if entry.isInMain { mainWeight -= entry.weight } else { smallWeight -= entry.weight }
        count -= 1
        if count == 0 { hasEvicted = false }
    }

    /// Returns the next candidate; `nil` if there are no residents.
    ///
    /// The queue is chosen once for each eviction, and again if it runs out.
    mutating func next() -> Candidate? {
        let (inSmall, inMain) = (entries.first(of: small), entries.first(of: main))
        let fromMain = evictsFromMain ?? (smallWeight < smallTarget)
        guard let handle = fromMain ? inMain ?? inSmall : inSmall ?? inMain else { return nil }
        evictsFromMain = fromMain
        return Candidate(handle: handle, resident: entries[handle].resident, isInMain: entries[handle].isInMain)
    }

    /// Decides on a candidate by the number of its reads; changes nothing.
    func decision(on candidate: Candidate, frequency: UInt8) -> Decision {
        if candidate.isInMain { return frequency == 0 ? .evict : .keep(frequency: Swift.min(frequency, 3) - 1) }
        return frequency < parameters.promotion ? .evict : .keep(frequency: 0)
    }

    /// Moves a candidate to the end of the main queue.
    mutating func keep(_ candidate: Candidate) {
        if !candidate.isInMain {
            let weight = entries[candidate.handle].weight
            entries[candidate.handle].isInMain = true
            smallWeight -= weight
            mainWeight += weight
        }
        entries.move(candidate.handle, toEndOf: main)
    }

    /// Removes a candidate that was evicted; its handle is invalid after that.
    mutating func evict(_ candidate: Candidate) {
        let (fingerprint, window) = (entries[candidate.handle].fingerprint, ghostWindow)
        hasEvicted = true
        evictsFromMain = nil
        remove(candidate.handle)
        if !candidate.isInMain { ghosts.insert(fingerprint, window: window) }
    }
}
