internal import ArgumentParser
internal import StatelineLoad

/// `stateline load`.
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Run sessions under load; measure traffic, cost and latency, and audit the store.",
        discussion: """
            Runs many sessions at once, with a model in this process that takes a planned time. Arrivals and turns are \
            drawn from the seed before the run; latency counts from the moment at which a turn was due. Each commit is \
            audited: at the end every acknowledged batch must be in the store exactly once and in order.

            Sizes are in tokens of four bytes. Ctrl-C ends a run early and prints its report.

            WORKLOADS:
            \(Workload.all.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))

            EXAMPLES:
              stateline load --speed 1000                              coding agents, 1000 times as fast
              stateline load --workload chat --rate 50 --duration 60 --json
              stateline load --workload chat --model-time 5 --speed 1000 --sweep --slo 50
              stateline load --trace agentic-sessions.csv.gz --speed 1000 --store redis://127.0.0.1:6379
              stateline load --trace agentic-sessions.csv.gz --speed 10000 --baseline whole-state,raw,stateless
              stateline load --live 10000 --history 8192 --duration 120 --store redis://127.0.0.1:6379
              stateline load --workload chat --rate 50 --duration 600 --metrics 9464 --histograms .
              stateline load --store none --speed 1000                 a client that keeps its own history
              stateline load --self-test                               test that a stalled target shows in the latencies

            EXIT STATUS:
              0 for a sound run; 1 if the audit or the self-test failed, or no turn ended; 2 if the latencies are void because \
            the generator was late; 130 after Ctrl-C.
            """
    )

    @OptionGroup var options: LoadOptions

    @Flag(help: "Test the generator: a target that stalls for one second must show in the latencies.")
    var selfTest = false

    @Flag(
        help:
            "Increase the rate by 25 % per run until the objective fails, then run at 60 % of the highest passing rate."
    )
    var sweep = false

    @Option(
        help: ArgumentHelp("With --sweep: set the maximum p99 of a passing rate, in milliseconds.", valueName: "ms")
    )
    var slo = 100.0

    @Flag(help: "Print one JSON object instead of the table.")
    var json = false

    func validate() throws {
        guard slo > 0, slo <= 3_600_000 else {
            throw ValidationError("--slo must be more than 0 and at most 3600000 milliseconds.")
        }
        if sweep, options.live != nil { throw ValidationError("--sweep cannot be combined with --live.") }
        if sweep, options.closed { throw ValidationError("--sweep cannot be combined with --closed.") }
    }

    func run() async throws {
        if selfTest { return try await testGenerator() }
        let workload = try options.makeWorkload()
        let histograms = try options.histograms.map { try HistogramFolder($0) }
        let stop = StopSwitch()
        try await stop.whileListening {
            try await options.store.withTarget(isCached: options.cached) { target, cells, sources in
                try await options.withMetrics(of: sources) { observers in
                    var load = LoadSetup(options: options, workload: workload, target: target, cells: cells, stop: stop)
                    load.observers = observers
                    let report = try await sweep ? runSweep(load) : load.run(rate: options.rate)
                    load.progress.clear()
                    try histograms?.write(report)
                    try show(report, load)
                }
            }
        }
    }

    private func show(_ report: LoadReport, _ load: LoadSetup) throws {
        let terminal = Terminal()
        if json {
            try terminal.writeLine(try report.json)
        } else {
            try LoadTable(terminal: terminal).write(report)
        }
        if load.stop.isPressed { throw ExitCode(130) }
        if report.turns == 0, report.errors == 0 { throw NothingMeasured() }
        if report.audit?.isClean != true { throw ExitCode(1) }
        if report.isVoid { throw ExitCode(2) }
    }

    private struct NothingMeasured: Error, CustomStringConvertible {
        let description = "no turn ended: raise --rate or --speed, or lengthen --duration"
    }

    private func runSweep(_ load: LoadSetup) async throws -> LoadReport {
        let terminal = Terminal()
        let sweep = Sweep(objective: .milliseconds(slo))
        let first = options.rate ?? load.workload.rate * options.speed
        let points = try await sweep.run(from: first) { rate in
            try await load.run(rate: rate, duration: options.duration ?? 30)
        } each: { point in
            load.progress.clear()
            if !json { try terminal.writeLine(point.line) }
        }
        guard let knee = points.last(where: \.passes) else {
            if load.stop.isPressed { throw ExitCode(130) }
            throw Sweep.NoKnee(rate: first)
        }
        if !json {
            try terminal.writeLine(
                "The highest passing rate is \(Figures.decimal(knee.rate, places: 2))/s; the run at 60 % of it:"
            )
        }
        var report =
            load.stop.isPressed
            ? knee.report : try await load.run(rate: knee.rate * 0.6, duration: options.duration ?? 30)
        report.sweep = points
        return report
    }

    private func testGenerator() async throws {
        let outcome = try await GeneratorTest(seed: options.seed).run()
        let terminal = Terminal()
        for report in [outcome.open, outcome.closed] {
            let (p99, p999) = (report.intended.quantile(0.99), report.intended.quantile(0.999))
            try terminal.writeLine(
                "\(report.isClosed ? "closed" : "open") loop: p99 \(Figures.time(p99)), p99.9 \(Figures.time(p999)), "
                    + "\(report.turns) requests"
            )
        }
        try terminal.writeLine(
            outcome.holds
                ? "Passed: the open loop shows the stall of one second, and the closed loop hides it."
                : "Failed: the open loop does not show the stall of one second."
        )
        if !outcome.holds { throw ExitCode(1) }
    }
}
