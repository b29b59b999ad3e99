internal import Stateline
internal import StatelineLoad

/// The settings of `stateline load` that its runs share, whatever their rate.
struct LoadSetup: Sendable {
    let options: LoadOptions
    let workload: Workload
    let target: LoadTarget
    let cells: any StateCells
    let stop: StopSwitch
    /// The observers of turns.
    var observers: [any TurnObserver] = []
    let progress = ProgressLine()

    /// Runs at a rate.
    ///
    /// - Parameters:
    ///   - rate: Sessions a second; `nil` for the workload's own.
    ///   - duration: Seconds; `nil` for the options' duration.
    /// - Returns: Its report.
    /// - Throws: `CancellationError`.
    func run(rate: Double?, duration: Double? = nil) async throws -> LoadReport {
        let parameters = workload.parameters(
            sessions: options.sessions,
            rate: rate,
            speed: options.speed,
            duration: (duration ?? options.duration).map { .seconds($0) },
            seed: options.seed
        )
        var configuration = LoadConfiguration(parameters, workers: options.workers)
        configuration.modelTime = options.modelTime
        configuration.isClosed = options.closed
        configuration.warmUp = .seconds(options.warmUp)
        configuration.deletes = !options.keep
        if options.baseline.contains(.wholeState) { configuration.baseline = cells }
        configuration.measuresRoundTrips = options.baseline.contains(.raw)
        configuration.countsStateless = options.baseline.contains(.stateless)
        configuration.live = options.live
        configuration.liveHistory = options.history
        configuration.keepsAwake = options.awake
        configuration.observers = observers
        let run = LoadRun(workload, against: target, configuration)
        var report = try await run.run(until: stop.presses()) { progress.show($0) }
        report.command = ["stateline"] + CommandLine.arguments.dropFirst()
        return report
    }
}
