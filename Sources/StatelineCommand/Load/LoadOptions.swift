internal import ArgumentParser
internal import StatelineLoad

/// The options of `stateline load`: the workload, the target and the measurements.
struct LoadOptions: ParsableArguments {
    typealias Baseline = LoadReport.Baseline.Kind

    @Option(
        help: ArgumentHelp(
            "Choose a workload: \(Workload.all.map(\.name).joined(separator: ", ")).",
            valueName: "name"
        )
    )
    var workload = "agentic"

    @Option(
        help: ArgumentHelp(
            "Replay recorded sessions instead of a workload: rows as in agentic-sessions.csv, or one line of JSON per "
                + "request with session_id, timestamp or delay, input_length, output_length and hash_ids. The file may be "
                + "compressed by gzip.",
            valueName: "file"
        )
    )
    var trace: String?

    @Option(help: "With --trace: replay the turns of one agent, or of 'all' agents, if the trace names them.")
    var agent = "main"

    @Option(help: LoadChoice.help, transform: LoadChoice.parse)
    var store = LoadChoice.store(.memory)

    @Flag(help: "Use the session cache over the store.")
    var cached = false

    @Option(
        help: ArgumentHelp(
            "Measure baselines in the same run, beside each turn: whole-state reads and writes the whole session, raw "
                + "makes one round trip of the store, stateless counts the bytes that a client without a store sends.",
            valueName: "name,..."
        ),
        transform: LoadOptions.parseBaselines
    )
    var baseline: Set<Baseline> = []

    @Option(help: "Set the number of sessions (default: the workload's own, or those that arrive within --duration).")
    var sessions: Int?

    @Option(help: ArgumentHelp("Set the arrivals a second: sessions, or turns of the workload 'hot'.", valueName: "n"))
    var rate: Double?

    @Option(help: ArgumentHelp("Begin no turn after this time (default: run until all sessions end).", valueName: "s"))
    var duration: Double?

    @Option(
        help: ArgumentHelp(
            "Keep n sessions live at all times, starting mid-conversation; a finished session is replaced. Requires "
                + "--duration.",
            valueName: "n"
        )
    )
    var live: Int?

    @Option(
        help: ArgumentHelp(
            "With --live: limit the history that a session starts with (default: all that it has by then).",
            valueName: "tokens"
        )
    )
    var history: Int?

    @Option(help: ArgumentHelp("Leave the latencies of the first seconds out.", valueName: "s"))
    var warmUp = 0.0

    @Option(help: "Run the workload's time this many times as fast.")
    var speed = 1.0

    @Option(
        help: ArgumentHelp(
            "Set the model's time for each call: that of the trace or workload, or a fixed one in milliseconds.",
            valueName: "trace|ms"
        ),
        transform: LoadOptions.parseModelTime
    )
    var modelTime = LoadConfiguration.ModelTime.planned

    @Flag(help: "Run a closed loop: begin each turn when the worker's last one ends. This hides slow answers.")
    var closed = false

    @Option(help: "Set the concurrent sessions of a closed loop, or the number of histograms of an open one.")
    var workers = 16

    @Option(help: "Set the random seed.")
    var seed: UInt64 = 1

    @Flag(help: "Keep processors awake between turns: a virtual machine takes tens of microseconds to wake one.")
    var awake = false

    @Flag(help: "Keep the sessions in the store after the run.")
    var keep = false

    @Option(
        help: ArgumentHelp(
            "Write the latencies into a folder, as .hgrm files of HdrHistogram in milliseconds.",
            valueName: "folder"
        )
    )
    var histograms: String?

    @Option(
        help: ArgumentHelp(
            "Serve metrics to Prometheus at http://127.0.0.1:PORT/metrics during the run; 0 selects a free port.",
            valueName: "port"
        )
    )
    var metrics: Int?

    func validate() throws {
        guard Workload.all.contains(where: { $0.name == workload }) else {
            throw ValidationError("--workload must be one of \(Workload.all.map(\.name).joined(separator: ", ")).")
        }
        guard (1...10_000_000).contains(sessions ?? 1) else {
            throw ValidationError("--sessions must be 1 to 10000000.")
        }
        guard (0.001...1_000_000).contains(rate ?? 1) else { throw ValidationError("--rate must be 0.001 to 1000000.") }
        guard (0.1...1_000_000).contains(duration ?? 1) else {
            throw ValidationError("--duration must be 0.1 to 1000000 seconds.")
        }
        guard (0...1_000_000).contains(warmUp) else { throw ValidationError("--warm-up must be 0 to 1000000 seconds.") }
        guard (0.001...1_000_000).contains(speed) else { throw ValidationError("--speed must be 0.001 to 1000000.") }
        guard (1...4096).contains(workers) else { throw ValidationError("--workers must be 1 to 4096.") }
        guard (0...65_535).contains(metrics ?? 0) else {
            throw ValidationError("--metrics must be a port, 0 to 65535.")
        }
        if case .none = store {
            guard !cached, baseline.isEmpty, metrics == nil else {
                throw ValidationError("--cached, --baseline and --metrics require a store; --store is none.")
            }
        }
        try validateLive()
    }

    private func validateLive() throws {
        guard let live else {
            if history != nil { throw ValidationError("--history requires --live.") }
            return
        }
        guard (1...10_000_000).contains(live) else { throw ValidationError("--live must be 1 to 10000000.") }
        guard (1...10_000_000).contains(history ?? 1) else { throw ValidationError("--history must be 1 to 10000000.") }
        guard duration != nil else { throw ValidationError("--live requires --duration.") }
        guard sessions == nil, rate == nil, !closed else {
            throw ValidationError("--live cannot be combined with --sessions, --rate or --closed.")
        }
    }

    /// Parses the value of `--baseline`.
    static func parseBaselines(_ text: String) throws -> Set<Baseline> {
        var baselines: Set<Baseline> = []
        for name in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let baseline = Baseline(rawValue: String(name)) else {
                let names = Baseline.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--baseline must be one or more of \(names), separated by commas.")
            }
            baselines.insert(baseline)
        }
        return baselines
    }

    /// Parses the value of `--model-time`.
    static func parseModelTime(_ text: String) throws -> LoadConfiguration.ModelTime {
        if text == "trace" { return .planned }
        guard let milliseconds = Double(text), (0...3_600_000).contains(milliseconds) else {
            throw ValidationError("--model-time must be 'trace' or 0 to 3600000 milliseconds.")
        }
        return .fixed(.milliseconds(milliseconds))
    }

    /// Makes the workload, or reads the trace as one.
    ///
    /// - Throws: `TraceError` or ``TraceFile/Unreadable``, or a `ValidationError` if its sessions cannot be live.
    func makeWorkload() throws -> Workload {
        var workload = Workload.all.first { $0.name == self.workload } ?? .agentic
        if let trace { workload = .replaying(try TraceFile(path: trace).read(agent: agent == "all" ? nil : agent)) }
        if live != nil, !workload.canBeLive(in: workload.parameters(duration: .seconds(1), seed: seed)) {
            throw ValidationError(
                "--live requires sessions whose turns wait for answers; those of \(workload.name) begin at fixed times."
            )
        }
        return workload
    }
}
