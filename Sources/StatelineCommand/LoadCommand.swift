internal import ArgumentParser
internal import StatelineLoad

/// `stateline load`.
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Put sessions under load and measure what crosses, what it costs and whether all of it is kept.",
        discussion: """
            Holds many sessions at once with a model in this process that takes as long as it is told to. Arrivals and \
            steps are drawn from the seed before the run; latency counts from the moment at which a turn was meant to \
            begin. Each commit is audited: at the end everything that was acknowledged has to be in the store, once and \
            in order.

            Sizes are in tokens of four bytes. Ctrl-C ends a run early, with its report.

            WORKLOADS:
            \(Workload.all.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))

            EXAMPLES:
              stateline load --speed 1000                              coding agents, a thousand times as fast
              stateline load --workload chat --rate 50 --duration 60 --json
              stateline load --workload chat --model-time 5 --speed 1000 --sweep --slo 50
              stateline load --trace agentic-sessions.csv.gz --speed 1000 --store redis://127.0.0.1:6379
              stateline load --trace agentic-sessions.csv.gz --speed 10000 --baseline whole-state,raw,resend
              stateline load --live 10000 --history 8192 --duration 120 --store redis://127.0.0.1:6379
              stateline load --workload chat --rate 50 --duration 600 --metrics 9464 --histograms .
              stateline load --store none --speed 1000                 a client that sends its own history again
              stateline load --self-test                               whether the generator sees a target stand still

            EXIT STATUS:
              0 for a sound run, 1 where the audit or the self-test found something or no turn ended, 2 where the latencies are void \
            because the generator was late, 130 after Ctrl-C.
            """
    )

    @OptionGroup var options: LoadOptions

    @Flag(help: "Test the generator: a target that stands still for a second has to be seen.")
    var selfTest = false

    @Flag(help: "Raise the rate by a quarter from run to run until it is too much, then run at 60 % of what was not.")
    var sweep = false

    @Option(help: ArgumentHelp("With --sweep: the most that p99 may be, in milliseconds.", valueName: "ms"))
    var slo = 100.0

    @Flag(help: "Print one JSON object at the end instead of the table.")
    var json = false

    func validate() throws {
        guard slo > 0, slo <= 3_600_000 else { throw ValidationError("--slo is more than 0, in milliseconds.") }
        if sweep, options.live != nil { throw ValidationError("--sweep raises a rate: leave --live out.") }
        if sweep, options.closed { throw ValidationError("--sweep needs an open loop: leave --closed out.") }
    }

    func run() async throws {
        if selfTest { return try await testGenerator() }
        let workload = try options.makeWorkload()
        let histograms = try options.histograms.map { try HistogramFolder($0) }
        let stop = StopSwitch()
        try await stop.whileListening {
            try await options.withMetrics { observers in
                try await options.store.withTarget(isCached: options.cached) { target, cells in
                    var load = Load(options: options, workload: workload, target: target, cells: cells, stop: stop)
                    load.observers = observers
                    let (report, points) =
                        sweep ? try await runSweep(load) : (try await load.run(rate: options.rate), [])
                    load.progress.clear()
                    try histograms?.write(report)
                    try show(report, load, sweep: points)
                }
            }
        }
    }

    private func show(_ report: LoadReport, _ load: Load, sweep points: [Sweep.Point]) throws {
        let terminal = Terminal()
        if json {
            try terminal.writeLine(try Sweep.json(of: report, points))
        } else {
            try LoadTable(terminal: terminal).write(report)
        }
        if load.stop.isPressed { throw ExitCode(130) }
        if report.turns == 0, report.errors == 0 { throw NothingMeasured() }
        if report.audit?.isClean != true { throw ExitCode(1) }
        if report.isVoid { throw ExitCode(2) }
    }

    private struct NothingMeasured: Error, CustomStringConvertible {
        let description = "no turn ended in this time: give a higher --rate, a higher --speed or a longer --duration"
    }

    private func runSweep(_ load: Load) async throws -> (LoadReport, [Sweep.Point]) {
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
                "The highest rate that passes is \(Figures.decimal(knee.rate, places: 2))/s; this is 60 % of it:"
            )
        }
        let report =
            load.stop.isPressed
            ? knee.report : try await load.run(rate: knee.rate * 0.6, duration: options.duration ?? 30)
        return (report, points)
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
                ? "The open loop shows that the target stood still for a second; the closed one hides it."
                : "The generator does not show that the target stood still for a second."
        )
        if !outcome.holds { throw ExitCode(1) }
    }
}
