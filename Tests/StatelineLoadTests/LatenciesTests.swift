import Testing

@testable import StatelineLoad

@Suite struct LatenciesTests {
    @Test func `merged histograms have the percentiles of all times together`() {
        var random = SeededRandom(seed: 9)
        var parts = [Latencies](repeating: Latencies(), count: 7)
        var all = Latencies()
        var times: [Int] = []
        for index in 0..<20_000 {
            let time = Int(random.exponential(mean: 5000)) + 1
            times.append(time)
            parts[index % (index < 10_000 ? 2 : 7)].record(.microseconds(time))
            all.record(.microseconds(time))
        }
        var merged = Latencies()
        for part in parts { merged.add(part) }
        times.sort()
        #expect(merged.count == 20_000)
        for share in [0, 0.1, 0.5, 0.9, 0.99, 0.999, 1] {
            #expect(merged.quantile(share) == all.quantile(share))
            let exact = times[max(0, Int((share * 20_000).rounded(.up)) - 1)]
            let found = merged.quantile(share) / .microseconds(1)
            #expect(abs(found - Double(exact)) <= Double(exact) / 1000 + 1)
        }
        #expect(merged.longest == all.longest)
    }

    @Test func `times that are too long, too short or absent do no harm`() {
        var latencies = Latencies()
        #expect(latencies.quantile(0.5) == .zero && latencies.longest == .zero)
        latencies.record(.seconds(100_000))
        latencies.record(.seconds(-1))
        latencies.record(.nanoseconds(1))
        #expect(latencies.count == 3)
        #expect(latencies.quantile(0.5) == .zero)
        #expect(latencies.longest >= .seconds(3590))
    }
}
