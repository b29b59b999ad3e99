import Testing

@testable import StatelineLoad

@Suite struct WorkloadTests {
    @Test(arguments: Workload.all.map(\.name))
    func `a seed draws the same sessions at the same times, another one others`(_ name: String) throws {
        let workload = try #require(Workload.all.first { $0.name == name })
        let shape = workload.shape(sessions: 60, rate: 30, duration: .seconds(5), seed: 11)
        var other = shape
        other.seed = 12
        #expect(workload.arrivals(in: shape) == workload.arrivals(in: shape))
        func plans(_ shape: Workload.Shape) -> [[PlannedStep]] { (0..<60).map { workload.steps(of: $0, in: shape) } }
        #expect(plans(shape) == plans(shape))
        #expect(plans(shape) != plans(other))
        #expect(Set(plans(shape).map(\.count)).count > 1)
    }

    @Test(arguments: Workload.all.map(\.name))
    func `each step continues what the one before it left, or says how far`(_ name: String) throws {
        let workload = try #require(Workload.all.first { $0.name == name })
        let shape = workload.shape(sessions: 100, seed: 3)
        for session in 0..<100 {
            var before: PlannedStep?
            for step in workload.steps(of: session, in: shape) {
                #expect(step.keptTokens <= step.answerTokens && step.keptTokens >= 0)
                if let before {
                    let common = step.rewrite == nil ? before.requestTokens + before.keptTokens : step.commonTokens
                    #expect(step.requestTokens > common)
                    #expect(step.commonTokens <= before.requestTokens)
                } else {
                    #expect(step.rewrite == nil && step.requestTokens > 0)
                }
                before = step
            }
        }
    }

    @Test func `sessions arrive at the rate, at random, and not after the end`() {
        let shape = Workload.chat.shape(rate: 200, duration: .seconds(50), seed: 4)
        let arrivals = Workload.chat.arrivals(in: shape)
        #expect((9_500...10_500).contains(arrivals.count))
        #expect(arrivals == arrivals.sorted())
        #expect(arrivals.allSatisfy { $0 < .seconds(50) })
        let gaps = zip(arrivals.dropFirst(), arrivals).map { ($0 - $1) / .milliseconds(5) }
        let mean = gaps.reduce(0, +) / Double(gaps.count)
        let variance = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(gaps.count)
        // Of an exponential distribution both are 1.
        #expect((0.95...1.05).contains(mean) && (0.85...1.15).contains(variance))
    }

    @Test func `agents have about the statistics of the recorded ones`() {
        let shape = Workload.agentic.shape(sessions: 2000, seed: 6)
        var (steps, rewrites, sent, new) = (0, 0, 0, 0)
        for session in 0..<2000 {
            for step in Workload.agentic.steps(of: session, in: shape) {
                steps += 1
                rewrites += step.rewrite == nil ? 0 : 1
                sent += step.requestTokens
                new += step.requestTokens - step.commonTokens
            }
        }
        // 67.6 steps a session, of which 2.7 in a hundred rewrite; 26.4 tokens are sent for one that is new.
        #expect((60...76).contains(steps / 2000))
        #expect((0.02...0.035).contains(Double(rewrites) / Double(steps)))
        #expect((20.0...36.0).contains(Double(sent) / Double(new)))
    }

    @Test func `a few hot sessions have most of the steps, and all of them come at the rate`() {
        let shape = Workload.hot.shape(rate: 1000, duration: .seconds(10), seed: 8)
        let counts = (0..<shape.sessions).map { Workload.hot.steps(of: $0, in: shape).count }
        #expect((9_000...11_000).contains(counts.reduce(0, +)))
        #expect(counts[0] > 5 * counts[20])
        #expect(counts[..<10].reduce(0, +) > counts.reduce(0, +) / 2)
    }

    @Test func `quantiles give back what they are made of`() {
        let quantiles = Quantiles([(0, 10), (0.5, 20), (1, 120)])
        #expect([0, 0.25, 0.5, 0.75, 1].map { quantiles.value(at: $0) } == [10, 15, 20, 70, 120])
    }
}
