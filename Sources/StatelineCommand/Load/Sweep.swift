internal import Foundation
internal import StatelineLoad

/// A series of runs at rising rates until latency or errors exceed the objective.
struct Sweep {
    /// An error: the first rate does not pass.
    struct NoKnee: Error, CustomStringConvertible {
        let rate: Double

        var description: String {
            "no rate passes: \(Figures.decimal(rate, places: 2)) sessions a second, the first, exceed the objective; begin "
                + "with a lower --rate, or allow more with --slo"
        }
    }

    /// The maximum 99th percentile of intended latency.
    let objective: Duration
    /// The maximum number of runs.
    var limit = 40

    /// Runs until a rate does not pass, or the run is ended early.
    ///
    /// - Parameters:
    ///   - rate: The first rate; each next one is 25 % higher.
    ///   - run: Runs at a rate.
    ///   - each: Called with each point.
    /// - Returns: All points.
    /// - Throws: The functions' errors.
    func run(
        from rate: Double,
        _ run: (Double) async throws -> LoadReport,
        each: (LoadReport.SweepPoint) throws -> Void
    ) async throws -> [LoadReport.SweepPoint] {
        var points: [LoadReport.SweepPoint] = []
        var rate = rate
        while points.count < limit {
            let report = try await run(rate)
            if report.isInterrupted { break }
            let passes = report.intended.quantile(0.99) <= objective && report.errorRate <= 0.001
            let point = LoadReport.SweepPoint(rate: rate, passes: passes, report: report)
            points.append(point)
            try each(point)
            guard passes else { break }
            rate *= 1.25
        }
        return points
    }
}

extension LoadReport.SweepPoint {
    /// The rate and its result, in a line.
    var line: String {
        let times = [0.5, 0.99].map { Figures.time(report.intended.quantile($0)) }
        return "\(Figures.decimal(rate, places: 2))/s: p50 \(times[0]), p99 \(times[1]), \(report.errors) errors: "
            + (passes ? "passes" : "exceeds the objective")
    }
}
