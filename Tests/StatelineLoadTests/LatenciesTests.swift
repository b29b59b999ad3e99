import Stateline
import Testing

@testable import StatelineLoad

@Suite struct LatenciesTests {
    @Test func `merged histograms have the percentiles of all times together`() {
        var random = SplitMix64(seed: 9)
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

    @Test(arguments: [0, 1, 1000])
    func `a distribution is written as HdrHistogram's plotters read it`(_ count: Int) throws {
        var latencies = Latencies()
        for index in 0..<count { latencies.record(.microseconds(500 * (index + 1))) }
        let lines = latencies.percentileDistribution.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0].split(separator: " ") == ["Value", "Percentile", "TotalCount", "1/(1-Percentile)"])
        #expect(lines[1] == "")
        let rows = lines.dropFirst(2).filter { !$0.isEmpty && !$0.hasPrefix("#") }
            .map { $0.split(separator: " ").compactMap { Double($0) } }
        let footer = lines.filter { $0.hasPrefix("#[") }
        #expect(footer.count == 3 && footer[1].contains("Total count"))
        guard count > 0 else { return }
        #expect(rows.map { $0[0] } == rows.map { $0[0] }.sorted())
        let last = try #require(rows.last)
        // A value a half of a millisecond apart from the next one, to three digits.
        #expect(abs(last[0] - 0.5 * Double(count)) <= 0.001 * Double(count) && last[1] == 1 && last[2] == Double(count))
        if count == 1000 {
            let median = try #require(rows.first { $0[1] >= 0.5 })
            #expect(abs(median[0] - 250) <= 1 && median[2] >= 500)
        }
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
