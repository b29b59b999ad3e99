import StatelineTesting
import Testing

@Suite struct ManualClockTests {
    @Test func `a clock stands until it is advanced`() {
        let clock = ManualClock()
        let start = clock.now
        #expect(clock.now == start)
        clock.advance(by: .milliseconds(5))
        clock.advance(by: .nanoseconds(1))
        #expect(start.duration(to: clock.now) == .nanoseconds(5_000_001))
    }

    @Test func `it serves as any clock of durations`() async throws {
        let manual = ManualClock()
        let clock: any Clock<Duration> = manual
        async let slept: Void = clock.sleep(for: .seconds(60))
        await manual.waitForSleepers(1)
        manual.advance(by: .seconds(60))
        try await slept
    }

    @Test func `a deadline that is past does not sleep`() async throws {
        let clock = ManualClock()
        clock.advance(by: .seconds(1))
        try await clock.sleep(until: ManualClock.Instant(sinceStart: .seconds(1)))
        #expect(clock.sleeperCount == 0)
    }

    @Test func `only who is due wakes`() async throws {
        let clock = ManualClock()
        let sleepers = [1, 2, 3]
            .map { seconds in
                Task { try await clock.sleep(for: .seconds(seconds)) }
            }
        await clock.waitForSleepers(3)
        clock.advance(by: .milliseconds(999))
        #expect(clock.sleeperCount == 3)
        clock.advance(by: .milliseconds(1))
        try await sleepers[0].value
        #expect(clock.sleeperCount == 2)
        clock.advance(by: .seconds(5))
        for sleeper in sleepers { try await sleeper.value }
        #expect(clock.sleeperCount == 0)
    }

    @Test func `a sleeper that is cancelled wakes with an error`() async {
        let clock = ManualClock()
        let sleeper = Task { try await clock.sleep(for: .seconds(1)) }
        await clock.waitForSleepers(1)
        sleeper.cancel()
        await #expect(throws: CancellationError.self) { try await sleeper.value }
        #expect(clock.sleeperCount == 0)
    }

    @Test func `a task that was cancelled before does not sleep`() async {
        let clock = ManualClock()
        let (gate, opener) = AsyncStream<Void>.makeStream()
        let sleeper = Task {
            for await _ in gate {}
            try await clock.sleep(for: .seconds(1))
        }
        sleeper.cancel()
        opener.finish()
        await #expect(throws: CancellationError.self) { try await sleeper.value }
        #expect(clock.sleeperCount == 0)
    }
}
