import Foundation
import Testing

@testable import StatelineCommand
@testable import StatelineLoad

@Suite struct SweepTests {
    /// A target that takes 10 ms up to a rate, and a second beyond it.
    private func report(rate: Double, knee: Double, errors: Int = 0) -> LoadReport {
        var sum = Measurements()
        for _ in 0..<100 {
            let time = Duration.milliseconds(rate <= knee ? 10 : 1000)
            sum.ended(TurnCost(), due: .zero, began: .zero, ended: time, lateness: .zero)
        }
        for _ in 0..<errors { sum.failed("a test's failure") }
        return LoadReport(sum, workload: .chat, configuration: LoadConfiguration(.init(sessions: 1, rate: rate)))
    }

    @Test func `rates rise by a quarter until one is too much`() async throws {
        var shown: [Double] = []
        let points = try await Sweep(objective: .milliseconds(50))
            .run(from: 100) { rate in
                report(rate: rate, knee: 200)
            } each: {
                shown.append($0.rate)
            }
        #expect(points.map(\.rate) == [100, 125, 156.25, 195.3125, 244.140625])
        #expect(points.map(\.passes) == [true, true, true, true, false])
        #expect(shown == points.map(\.rate))
        var last = points[3].report
        last.sweep = points
        let json = try last.json
        let root = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        #expect((root["sweep"] as? [[String: Any]])?.count == 5)
        #expect(root["turns"] as? Int == 100)
    }

    @Test func `errors end a sweep as latency does, and so does its limit`() async throws {
        let failing = try await Sweep(objective: .seconds(1))
            .run(from: 1) { rate in
                report(rate: rate, knee: 1000, errors: rate > 1.5 ? 1 : 0)
            } each: { _ in
            }
        #expect(failing.map(\.passes) == [true, true, false])
        let endless = try await Sweep(objective: .seconds(1), limit: 7)
            .run(from: 1) { rate in
                report(rate: rate, knee: .infinity)
            } each: { _ in
            }
        #expect(endless.count == 7)
    }
}
