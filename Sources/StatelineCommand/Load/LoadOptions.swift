internal import ArgumentParser
internal import StatelineLoad

/// What `stateline load` runs, and against what.
struct LoadOptions: ParsableArguments {
    /// What keeps whole states beside the store.
    enum Baseline: String, ExpressibleByArgument {
        case wholeState = "whole-state"
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
        help: "Do the same in another way beside it, in the same run: whole-state reads and writes all of a session."
    )
    var baseline: Baseline?

    @Option(help: "How many sessions there are; by default as many as the workload has, or as come within --duration.")
    var sessions: Int?

    @Option(help: ArgumentHelp("How many sessions arrive in a second; for hot, how many steps.", valueName: "n"))
    var rate: Double?

    @Option(help: ArgumentHelp("How long steps are begun for; by default until all have ended.", valueName: "s"))
    var duration: Double?

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

    @Flag(help: "Leave the sessions in the store.")
    var keep = false

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
        if case .none = store {
            guard !cached, baseline == nil else {
                throw ValidationError("--cached and --baseline need a store: --store is none.")
            }
        }
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
    /// - Throws: `TraceError`, or that the file cannot be read.
    func makeWorkload() throws -> Workload {
        if let trace {
            return .replaying(try TraceFile(path: trace).read(agent: agent == "all" ? nil : agent))
        }
        return Workload.all.first { $0.name == workload } ?? .agentic
    }
}
