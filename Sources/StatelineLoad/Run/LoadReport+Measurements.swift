internal import Foundation

extension LoadReport {
    /// Makes the report of a run from the sum of its workers' measurements.
    init(_ sum: Measurements, workload: Workload, configuration: LoadConfiguration) {
        run = Run(sum, workload: workload, configuration: configuration)
        traffic = sum.traffic
    }
}

extension LoadReport.Run {
    init(_ sum: Measurements, workload: Workload, configuration: LoadConfiguration) {
        self.workload = workload.name
        seed = configuration.parameters.seed
        isClosed = configuration.isClosed
        isVoid = !configuration.isClosed && sum.lateness.quantile(0.99) * 100 > sum.intended.quantile(0.5)
        turns = sum.turns
        sessions = sum.sessions
        errors = sum.errors
        errorReasons = sum.reasons
        amplification = sum.traffic.replayAmplification
        amplificationBlocks = sum.traffic.replayAmplificationBlocks
        intended = sum.intended
        service = sum.service
        lateness = sum.lateness
        overhead = sum.overhead
        overheadRatio = sum.total > .zero ? sum.overheadTotal / sum.total : 0
        baselines = LoadReport.Baseline.Kind.allCases.compactMap {
            configuration.measures($0) ? sum.baselines[$0] : nil
        }
        history = sum.history.buckets.filter { $0.turns > 0 }
        amplifications = sum.amplifications.shares
        date = Date()
        build = LoadReport.currentBuild
        machine = .current
    }
}
