internal import Foundation
internal import LockFreeMap
internal import Synchronization

/// A trace and the real cache that it is replayed through.
///
/// Each entry weighs 1.
struct CacheReplay: Sendable {
    let trace: Trace
    let capacity: Int
    let parameters: CachePolicyParameters

    /// A cached value without content: a replay only counts hits.
    private final class Page: Sendable {}

    /// The fraction of requests that hit the cache.
    func hitRatio() throws -> Double {
        let cache = makeCache()
        return Double(try play(part: 0, of: 1, through: cache) { _ in }) / Double(trace.requests.count)
    }

    /// The hit ratio of n threads in step, each of which plays every n-th request.
    ///
    /// The locality of a trace is in its order. So no thread runs ahead of the slowest by more than 64 requests.
    /// Otherwise a thread that is not scheduled for some milliseconds comes thousands of requests late, and another
    /// trace is replayed.
    func hitRatioInStep(threads: Int) throws -> Double {
        let team = Team(threads)
        return try hitRatio(threads: threads) { index, number in team.reach(index, by: number) }
    }

    /// The hit ratio of threads at full speed, and that of one thread that plays the requests in the order in which
    /// those threads played them.
    func hitRatiosOutOfStep(threads: Int) throws -> (ours: Double, theirs: Double) {
        let journal = Journal(trace.requests.count)
        let together = try hitRatio(threads: threads) { index, _ in journal.note(index) }
        let cache = makeCache()
        var hits = 0
        for index in journal.order where try isHit(index, of: cache) { hits += 1 }
        return (together, Double(hits) / Double(trace.requests.count))
    }

    private func hitRatio(threads: Int, pace: @escaping @Sendable (_ index: Int, _ number: Int) -> Void) throws
        -> Double
    {
        let cache = makeCache()
        let tally = Tally()
        for number in 0..<threads {
            Thread {
                do {
                    let hits = try play(part: number, of: threads, through: cache) { pace($0, number) }
                    tally.hits.add(hits, ordering: .relaxed)
                } catch {
                    tally.failures.add(1, ordering: .relaxed)
                }
                pace(.max, number)
                tally.done.signal()
            }
            .start()
        }
        for _ in 0..<threads { tally.done.wait() }
        guard tally.failures.load(ordering: .relaxed) == 0 else { throw CacheError.reclamationStalled }
        return Double(tally.hits.load(ordering: .relaxed)) / Double(trace.requests.count)
    }

    private func makeCache() -> LockFreeCache<Key16, Page> {
        LockFreeCache(capacity: capacity, parameters: parameters)
    }

    private func play(
        part: Int,
        of parts: Int,
        through cache: LockFreeCache<Key16, Page>,
        pace: (Int) -> Void
    ) throws -> Int {
        var hits = 0
        for index in stride(from: part, to: trace.requests.count, by: parts) {
            pace(index)
            if try isHit(index, of: cache) { hits += 1 }
        }
        return hits
    }

    /// Plays one request and returns `true` if it hit.
    private func isHit(_ index: Int, of cache: LockFreeCache<Key16, Page>) throws -> Bool {
        let key = Key16(UInt64(trace.requests[index]), 0)
        if cache.withValue(key, { _ in true }) ?? false { return true }
        _ = try cache.insert(ifAbsent: Page(), at: key, weight: 1)
        return false
    }
}

/// The hits of several threads.
private final class Tally: Sendable {
    let hits = Atomic(0)
    let failures = Atomic(0)
    let done = DispatchSemaphore(value: 0)
}

/// Keeps threads in step.
private final class Team: Sendable {
    private final class Place: Sendable {
        let reached = Atomic(0)
    }

    private let places: [Place]

    init(_ count: Int) {
        places = (0..<count).map { _ in Place() }
    }

    /// Reports the request that a thread has reached, and waits until no other thread is more than 64 behind; `.max` is
    /// the end.
    func reach(_ index: Int, by number: Int) {
        places[number].reached.store(index, ordering: .relaxed)
        guard index != .max else { return }
        for place in places {
            while index - place.reached.load(ordering: .relaxed) > 64 { sched_yield() }
        }
    }
}

/// The order in which requests were played.
private final class Journal: Sendable {
    private final class Place: Sendable {
        let index = Atomic(0)
    }

    private let next = Atomic(0)
    private let places: [Place]

    init(_ count: Int) {
        places = (0..<count).map { _ in Place() }
    }

    /// The requests in that order, after all were played.
    var order: [Int] { places.map { $0.index.load(ordering: .relaxed) } }

    func note(_ index: Int) {
        guard index != .max else { return }
        let place = next.wrappingAdd(1, ordering: .relaxed).oldValue
        places[place].index.store(index, ordering: .relaxed)
    }
}
