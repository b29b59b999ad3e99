import Testing

@testable import StatelineLoad

@Suite struct WorkloadTests {
    @Test(arguments: Workload.all.map(\.name))
    func `a seed draws the same sessions at the same times, another one others`(_ name: String) throws {
        let workload = try #require(Workload.all.first { $0.name == name })
        let parameters = workload.parameters(sessions: 60, rate: 30, duration: .seconds(5), seed: 11)
        var other = parameters
        other.seed = 12
        #expect(workload.arrivals(in: parameters) == workload.arrivals(in: parameters))
        func plans(_ parameters: Workload.Parameters) -> [[PlannedTurn]] {
            (0..<60).map { workload.turns(of: $0, in: parameters) }
        }
        #expect(plans(parameters) == plans(parameters))
        #expect(plans(parameters) != plans(other))
        #expect(Set(plans(parameters).map(\.count)).count > 1)
    }

    @Test(arguments: Workload.all.map(\.name))
    func `each step continues what the one before it left, or says how far`(_ name: String) throws {
        let workload = try #require(Workload.all.first { $0.name == name })
        let parameters = workload.parameters(sessions: 100, seed: 3)
        for session in 0..<100 {
            var before: PlannedTurn?
            for step in workload.turns(of: session, in: parameters) {
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
        let parameters = Workload.chat.parameters(rate: 200, duration: .seconds(50), seed: 4)
        let arrivals = Workload.chat.arrivals(in: parameters)
        #expect((9_500...10_500).contains(arrivals.count))
        #expect(arrivals == arrivals.sorted())
        #expect(arrivals.allSatisfy { $0 < .seconds(50) })
        let gaps = zip(arrivals.dropFirst(), arrivals).map { ($0 - $1) / .milliseconds(5) }
        let mean = gaps.reduce(0, +) / Double(gaps.count)
        let variance = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(gaps.count)
        // Of an exponential distribution both are 1.
        #expect((0.95...1.05).contains(mean) && (0.85...1.15).contains(variance))
    }

    /// What is published of the recorded sessions of coding agents: agent `main`, 487 sessions.
    private enum Recorded {
        static let stepsASession = 32_902.0 / 487
        static let amplification = 26.432
        static let amplificationInBlocks = 26.244
        /// Of the steps that had one before.
        static let rewrites = 901.0 / 32_415
        static let rewritingSessions = 273.0 / 487
        /// What is new of a request that has one before, in tokens, in blocks.
        static let medianAppend = 705.0
        /// Seconds from step to step.
        static let medianPeriod = 18.0
        static let meanPeriod = 152.0
    }

    @Test func `agents have the statistics of the recorded ones`() throws {
        let sessions = 2000
        let parameters = Workload.agentic.parameters(sessions: sessions, seed: 6)
        var (steps, rewrites, rewriting, sent, new, newBlocks) = (0, 0, 0, 0, 0, 0)
        var (appends, periods): ([Int], [Double]) = ([], [])
        for session in 0..<sessions {
            let plan = Workload.agentic.turns(of: session, in: parameters)
            steps += plan.count
            rewriting += plan.contains { $0.rewrite != nil } ? 1 : 0
            for (index, step) in plan.enumerated() {
                rewrites += step.rewrite == nil ? 0 : 1
                sent += step.requestTokens
                new += step.requestTokens - step.commonTokens
                newBlocks += step.requestTokens - step.commonTokens.wholeBlocks
                guard index > 0, case .after(let pause) = step.start else { continue }
                appends.append(step.requestTokens - step.commonTokens.wholeBlocks)
                periods.append((pause + step.modelTime).inSeconds)
            }
        }
        appends.sort()
        periods.sort()
        /// How far what was drawn is from what was recorded, as a share of it.
        func distance(_ drawn: Double, _ recorded: Double) -> Double { abs(drawn / recorded - 1) }
        // What is drawn apart from the size of a history lets it grow a little longer than agents did.
        let amplification = Double(sent) / Double(new)
        #expect(distance(amplification, Recorded.amplification) < 0.2, "\(amplification)")
        let inBlocks = Double(sent) / Double(newBlocks)
        #expect(distance(inBlocks, Recorded.amplificationInBlocks) < 0.2, "\(inBlocks)")
        #expect(amplification > inBlocks)
        let stepsASession = Double(steps) / Double(sessions)
        #expect(distance(stepsASession, Recorded.stepsASession) < 0.1, "\(stepsASession)")
        let rewriteShare = Double(rewrites) / Double(steps - sessions)
        #expect(distance(rewriteShare, Recorded.rewrites) < 0.1, "\(rewriteShare)")
        let rewritingShare = Double(rewriting) / Double(sessions)
        #expect(distance(rewritingShare, Recorded.rewritingSessions) < 0.25, "\(rewritingShare)")
        let medianAppend = Double(appends[appends.count / 2])
        #expect(distance(medianAppend, Recorded.medianAppend) < 0.1, "\(medianAppend)")
        let medianPeriod = periods[periods.count / 2]
        #expect(distance(medianPeriod, Recorded.medianPeriod) < 0.25, "\(medianPeriod)")
        let meanPeriod = periods.reduce(0, +) / Double(periods.count)
        #expect(distance(meanPeriod, Recorded.meanPeriod) < 0.25, "\(meanPeriod)")
    }

    @Test func `a few hot sessions have most of the steps, and all of them come at the rate`() {
        let parameters = Workload.hot.parameters(rate: 1000, duration: .seconds(10), seed: 8)
        let counts = (0..<parameters.sessions).map { Workload.hot.turns(of: $0, in: parameters).count }
        #expect((9_000...11_000).contains(counts.reduce(0, +)))
        #expect(counts[0] > 5 * counts[20])
        #expect(counts[..<10].reduce(0, +) > counts.reduce(0, +) / 2)
    }

    @Test func `quantiles interpolate between their points`() {
        let quantiles = Quantiles([(0, 10), (0.5, 20), (1, 120)])
        #expect([0, 0.25, 0.5, 0.75, 1].map { quantiles.value(at: $0) } == [10, 15, 20, 70, 120])
    }
}
