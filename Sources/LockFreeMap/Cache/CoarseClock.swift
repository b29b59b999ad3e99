public import Synchronization

/// A clock of ticks of 10 ms.
///
/// While it is driven, a reading takes a fraction of a nanosecond. While ``run()`` runs, the present tick is cached in
/// a word of memory. While it does not, each reading asks the underlying clock, for about 25 ns: just as exact, but
/// slower. A cached tick is refreshed by `run()` once a tick, and by ``refresh()``, which the caches call on every 64th
/// read of a thread. So it can be late, as late as the driver is, and is never early.
///
/// ```swift
/// let clock = CoarseClock(ContinuousClock())
/// ```
public final class CoarseClock: Sendable {
    /// The length of a tick.
    public static let resolution = Duration.milliseconds(10)

    /// The value of ``cached`` while the clock is not driven.
    @usableFromInline static var undriven: UInt64 { .max }

    @usableFromInline let cached = Atomic<UInt64>(.max)
    private let drivers = Atomic(0)
    private let elapsed: @Sendable () -> Duration
    private let sleep: @Sendable (Duration) async throws -> Void

    /// Makes a clock that is not driven yet.
    ///
    /// - Parameter clock: The underlying clock; tick 0 is its present time.
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

    /// Updates the cached tick from the underlying clock; does nothing while the clock is not driven.
    @inlinable
    public func refresh() {
        if cached.load(ordering: .relaxed) != Self.undriven { storeTick() }
    }

    /// Returns the least number of ticks that is at least as long as a duration; at most 2^60.
    public static func ticks(in duration: Duration) -> UInt64 {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < 1 << 50 else { return 1 << 60 }
        let attosecondsPerTick: Int64 = 10_000_000_000_000_000
        return UInt64(seconds) * 100 + UInt64((attoseconds + attosecondsPerTick - 1) / attosecondsPerTick)
    }

    /// Drives the clock until the task is cancelled.
    ///
    /// - Throws: The error of the underlying clock; nothing if the task is cancelled.
    public func run() async throws {
        try await run(every: 1) {}
    }

    /// Drives the clock and calls a closure every *n* ticks, until the task is cancelled.
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
        // One attempt: another thread that stores has read the clock as well. An old value never replaces a newer one.
        guard old < now, old != Self.undriven else { return }
        _ = cached.compareExchange(expected: old, desired: now, ordering: .relaxed)
    }
}
