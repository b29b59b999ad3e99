internal import ArgumentParser
internal import StatelineLoad

/// What `stateline load` runs, and against what.
struct LoadOptions: ParsableArguments {
    /// What is done beside each turn, to compare with.
    enum Baseline: String, CaseIterable {
        case wholeState = "whole-state"
        case raw
        case resend
    }

    @Option(
        help: ArgumentHelp(
            "What the sessions do: \(Workload.all.map(\.name).joined(separator: ", ")).",
            valueName: "name"
        )
    )
    var workload = "agentic"

    @Option(
        help: ArgumentHelp(
            "Replay recorded sessions instead: rows as of agentic-sessions.csv, also compressed by gzip, or a line of "
                + "JSON for each request: session_id, timestamp or delay, input_length, output_length, hash_ids.",
            valueName: "file"
        )
    )
    var trace: String?

    @Option(help: "Whose steps of a trace are replayed, where it tells agents apart; 'all' for each agent's.")
    var agent = "main"

    @Option(help: LoadChoice.help, transform: LoadChoice.parse)
    var store = LoadChoice.store(.memory)

    @Flag(help: "Lay the cache over the store.")
    var cached = false

    @Option(
        help: ArgumentHelp(
            "Do the same in other ways beside it, in the same run: whole-state reads and writes all of a session for each "
                + "turn, raw makes one round trip of the store, resend counts what a client without a store would send.",
            valueName: "name,..."
        ),
        transform: LoadOptions.parseBaselines
    )
    var baseline: Set<Baseline> = []

    @Option(help: "How many sessions there are; by default as many as the workload has, or as come within --duration.")
    var sessions: Int?

    @Option(help: ArgumentHelp("How many sessions arrive in a second; for hot, how many steps.", valueName: "n"))
    var rate: Double?

    @Option(help: ArgumentHelp("How long steps are begun for; by default until all have ended.", valueName: "s"))
    var duration: Double?

    @Option(
        help: ArgumentHelp(
            "Hold so many sessions at every moment, from the beginning in the middle of their lives: where one ends another "
                + "begins. Steps come as often as so many sessions make them; needs --duration.",
            valueName: "n"
        )
    )
    var live: Int?

    @Option(
        help: ArgumentHelp(
            "With --live: how many tokens of history a session begins with at most; by default all it has by then.",
            valueName: "tokens"
        )
    )
    var history: Int?

    @Option(help: ArgumentHelp("How long the load goes before its latencies count.", valueName: "s"))
    var warmUp = 0.0

    @Option(help: "How many times as fast as the workload's own time goes.")
    var speed = 1.0

    @Option(
        help: ArgumentHelp(
            "How long the model takes: as the trace or the workload says, or always the same, in milliseconds.",
            valueName: "trace|ms"
        ),
        transform: LoadOptions.parseModelTime
    )
    var modelTime = LoadConfiguration.ModelTime.planned

    @Flag(help: "Begin each step when the worker's last one has ended: a closed loop, which hides slow answers.")
    var closed = false

    @Option(help: "How many sessions a closed loop holds at once; how many histograms an open one fills.")
    var workers = 16

    @Option(help: "What everything is drawn from.")
    var seed: UInt64 = 1

    @Flag(help: "Keep processors from sleeping between turns, which makes virtual machines slow to wake.")
    var awake = false

    @Flag(help: "Leave the sessions in the store.")
    var keep = false

    @Option(
        help: ArgumentHelp(
            "Write intended, service, overhead and lateness as files .hgrm of HdrHistogram, in milliseconds, into a folder.",
            valueName: "folder"
        )
    )
    var histograms: String?

    @Option(
        help: ArgumentHelp(
            "While the load runs, let Prometheus scrape it at http://127.0.0.1:PORT/metrics; 0 for any free port.",
            valueName: "port"
        )
    )
    var metrics: Int?

    func validate() throws {
        guard Workload.all.contains(where: { $0.name == workload }) else {
            throw ValidationError("--workload is one of \(Workload.all.map(\.name).joined(separator: ", ")).")
        }
        guard (1...10_000_000).contains(sessions ?? 1) else { throw ValidationError("--sessions is 1 to 10000000.") }
        guard (0.001...1_000_000).contains(rate ?? 1) else { throw ValidationError("--rate is 0.001 to 1000000.") }
        guard (0.1...1_000_000).contains(duration ?? 1) else {
            throw ValidationError("--duration is 0.1 to 1000000 seconds.")
        }
        guard (0...1_000_000).contains(warmUp) else { throw ValidationError("--warm-up is 0 to 1000000 seconds.") }
        guard (0.001...1_000_000).contains(speed) else { throw ValidationError("--speed is 0.001 to 1000000.") }
        guard (1...4096).contains(workers) else { throw ValidationError("--workers is 1 to 4096.") }
        guard (0...65_535).contains(metrics ?? 0) else { throw ValidationError("--metrics is a port: 0 to 65535.") }
        if case .none = store {
            guard !cached, baseline.isEmpty, metrics == nil else {
                throw ValidationError("--cached, --baseline and --metrics need a store: --store is none.")
            }
        }
        try validateLive()
    }

    private func validateLive() throws {
        guard let live else {
            if history != nil { throw ValidationError("--history is of sessions that are live: give --live too.") }
            return
        }
        guard (1...10_000_000).contains(live) else { throw ValidationError("--live is 1 to 10000000.") }
        guard (1...10_000_000).contains(history ?? 1) else { throw ValidationError("--history is 1 to 10000000.") }
        guard duration != nil else { throw ValidationError("--live never ends: give a --duration too.") }
        guard sessions == nil, rate == nil, !closed else {
            throw ValidationError("--live says how many sessions there are: leave --sessions, --rate and --closed out.")
        }
    }

    /// Reads the option's value.
    static func parseBaselines(_ text: String) throws -> Set<Baseline> {
        var baselines: Set<Baseline> = []
        for name in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let baseline = Baseline(rawValue: String(name)) else {
                let names = Baseline.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--baseline is one or more of \(names), with commas.")
            }
            baselines.insert(baseline)
        }
        return baselines
    }

    /// Reads the option's value.
    static func parseModelTime(_ text: String) throws -> LoadConfiguration.ModelTime {
        if text == "trace" { return .planned }
        guard let milliseconds = Double(text), (0...3_600_000).contains(milliseconds) else {
            throw ValidationError("--model-time is 'trace', or 0 to 3600000 milliseconds.")
        }
        return .fixed(.milliseconds(milliseconds))
    }

    /// The workload, or the trace as one.
    ///
    /// - Throws: `TraceError`, that the file cannot be read, or that its sessions cannot be live.
    func makeWorkload() throws -> Workload {
        var workload = Workload.all.first { $0.name == self.workload } ?? .agentic
        if let trace { workload = .replaying(try TraceFile(path: trace).read(agent: agent == "all" ? nil : agent)) }
        if live != nil, !workload.canBeLive(in: workload.shape(duration: .seconds(1), seed: seed)) {
            throw ValidationError(
                "--live needs sessions that wait for their answers: those of \(workload.name) do not."
            )
        }
        return workload
    }
}
