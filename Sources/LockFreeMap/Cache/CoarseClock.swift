public import Synchronization

/// A clock of ticks of 10 ms that is read in a fraction of a nanosecond, where somebody drives it.
///
/// While ``run()`` runs, the present tick lies in a word of memory; while it does not, each reading asks the clock
/// beneath, for some 25 ns: then time is right as well, and only slower. A tick that is cached is refreshed by `run()`
/// once a tick, and by ``refresh()``, which the caches call on every 64th read of a thread: so it can be late, as late
/// as the driver is, and is never early.
///
/// ```swift
/// let clock = CoarseClock(ContinuousClock())
/// ```
public final class CoarseClock: Sendable {
    /// How long a tick is.
    public static let resolution = Duration.milliseconds(10)

    /// What ``cached`` holds while nobody drives the clock.
    @usableFromInline static var undriven: UInt64 { .max }

    @usableFromInline let cached = Atomic<UInt64>(.max)
    private let drivers = Atomic(0)
    private let elapsed: @Sendable () -> Duration
    private let sleep: @Sendable (Duration) async throws -> Void

    /// Makes a clock that nobody drives yet.
    ///
    /// - Parameter clock: What tells the time; tick 0 is now.
    public init<Base: Clock>(_ clock: Base) where Base.Duration == Duration {
        let start = clock.now
        elapsed = { start.duration(to: clock.now) }
        sleep = { try await clock.sleep(until: clock.now.advanced(by: $0), tolerance: nil) }
    }

    /// Makes a clock over the system's continuous one.
    public convenience init() {
        self.init(ContinuousClock())
    }

    /// The present tick.
    @inlinable @inline(__always)
    public var tick: UInt64 {
        let tick = cached.load(ordering: .relaxed)
        return tick == Self.undriven ? readTick() : tick
    }

    /// Reads the clock beneath, so that what is cached is the present tick; does nothing while nobody drives the clock.
    @inlinable
    public func refresh() {
        if cached.load(ordering: .relaxed) != Self.undriven { storeTick() }
    }

    /// The least number of ticks that is as long as a duration; at most 2^60.
    public static func ticks(in duration: Duration) -> UInt64 {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < 1 << 50 else { return 1 << 60 }
        let attosecondsPerTick: Int64 = 10_000_000_000_000_000
        return UInt64(seconds) * 100 + UInt64((attoseconds + attosecondsPerTick - 1) / attosecondsPerTick)
    }

    /// Keeps the present tick in memory, until the task is cancelled.
    ///
    /// - Throws: Nothing at a cancellation; else what the clock beneath throws.
    public func run() async throws {
        try await run(every: 1) {}
    }

    /// Keeps the present tick in memory and does some work every so many ticks, until the task is cancelled.
    func run(every ticks: UInt64, work: () async -> Void) async throws {
        drivers.add(1, ordering: .sequentiallyConsistent)
        cached.store(readTick(), ordering: .relaxed)
        defer {
            let (_, left) = drivers.subtract(1, ordering: .sequentiallyConsistent)
            if left == 0 { cached.store(Self.undriven, ordering: .relaxed) }
        }
        var next = readTick() + ticks
        while !Task.isCancelled {
            do { try await sleep(Self.resolution) } catch is CancellationError { return }
            storeTick()
            let now = tick
            if now >= next {
                next = now + ticks
                await work()
            }
        }
    }

    @usableFromInline
    func readTick() -> UInt64 {
        let (seconds, attoseconds) = elapsed().components
        return UInt64(seconds) * 100 + UInt64(attoseconds / 10_000_000_000_000_000)
    }

    @usableFromInline
    func storeTick() {
        let now = readTick()
        let old = cached.load(ordering: .relaxed)
        // One attempt: whoever else stores read the clock as well. An old value never takes a newer one's place.
        guard old < now, old != Self.undriven else { return }
        _ = cached.compareExchange(expected: old, desired: now, ordering: .relaxed)
    }
}
