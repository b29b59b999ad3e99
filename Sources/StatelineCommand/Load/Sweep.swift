internal import Foundation
internal import StatelineLoad

/// Runs at rising rates, until latencies or errors are too many.
struct Sweep {
    /// A rate and what came of it.
    struct Point {
        let rate: Double
        let report: LoadReport
        let passes: Bool
    }

    /// Not even the first rate passes.
    struct NoKnee: Error, CustomStringConvertible {
        let rate: Double

        var description: String {
            "\(Figures.decimal(rate, places: 2)) sessions a second are too many already: begin with a lower --rate, or a "
                + "longer --slo"
        }
    }

    /// The longest 99th percentile of intended latency that passes.
    let objective: Duration
    /// How many runs at most.
    var limit = 40

    /// Runs until a rate does not pass, or all is ended early.
    ///
    /// - Parameters:
    ///   - rate: The first rate; each next one is a quarter higher.
    ///   - run: Runs at a rate.
    ///   - each: Called with each point.
    /// - Returns: All points.
    /// - Throws: What the functions do.
    func run(
        from rate: Double,
        _ run: (Double) async throws -> LoadReport,
        each: (Point) throws -> Void
    ) async throws -> [Point] {
        var points: [Point] = []
        var rate = rate
        while points.count < limit {
            let report = try await run(rate)
            if report.isInterrupted { break }
            let passes = report.intended.quantile(0.99) <= objective && report.errorRate <= 0.001
            let point = Point(rate: rate, report: report, passes: passes)
            points.append(point)
            try each(point)
            guard passes else { break }
            rate *= 1.25
        }
        return points
    }
}

extension Sweep {
    /// A report as JSON, with the sweep that led to it.
    static func json(of report: LoadReport, _ points: [Point]) throws -> String {
        let json = try report.json
        guard !points.isEmpty else { return json }
        let list = try points.map { point in
            #"{"passes":\#(point.passes),"rate":\#(point.rate),"report":\#(try point.report.json)}"#
        }
        return #"{"sweep":[\#(list.joined(separator: ","))],"# + json.dropFirst()
    }
}

extension Sweep.Point {
    /// What came of it, in a line.
    var line: String {
        let times = [0.5, 0.99].map { Figures.time(report.intended.quantile($0)) }
        return "\(Figures.decimal(rate, places: 2))/s: p50 \(times[0]), p99 \(times[1]), \(report.errors) errors: "
            + (passes ? "passes" : "too much")
    }
}
