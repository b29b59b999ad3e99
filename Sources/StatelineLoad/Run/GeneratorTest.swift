internal import Stateline

/// A test of the generator: a stalled target must show in the latencies.
///
/// A server that takes a millisecond for each request, one at a time, stalls for one second in the middle of the run.
/// An open loop must show the stall: requests of that second waited, and later ones waited behind them. A closed loop,
/// whose only client waits too, sees one slow answer.
///
/// Source: G. Tene, *How NOT to Measure Latency*, 2013.
public struct GeneratorTest: Sendable {
    /// The results of both loops.
    public struct Outcome: Sendable {
        /// The report of the open loop.
        public let open: LoadReport
        /// The report of the closed loop, with the same number of requests.
        public let closed: LoadReport

        /// `true` if the open loop shows the stall and the closed loop does not.
        public var holds: Bool {
            open.intended.quantile(0.99) >= .milliseconds(900) && open.intended.quantile(0.999) >= .milliseconds(980)
                && closed.intended.quantile(0.99) < .milliseconds(100)
        }
    }

    private let duration: Duration
    private let rate: Double
    private let stall: Range<Duration>
    private let seed: UInt64

    /// Prepares the test: 10 s at 500 requests a second, with a stall from second 4 to second 5.
    public init(seed: UInt64 = 1) {
        self.init(duration: .seconds(10), rate: 500, stall: .seconds(4)..<(.seconds(5)), seed: seed)
    }

    init(duration: Duration, rate: Double, stall: Range<Duration>, seed: UInt64) {
        self.duration = duration
        self.rate = rate
        self.stall = stall
        self.seed = seed
    }

    /// Runs both loops, one after the other.
    ///
    /// - Returns: The results.
    /// - Throws: `CancellationError` if the task is cancelled.
    public func run() async throws -> Outcome {
        let count = Int(duration.inSeconds * rate)
        let open = try await run(sessions: count, isClosed: false)
        let closed = try await run(sessions: count, isClosed: true)
        return Outcome(open: open, closed: closed)
    }

    private func run(sessions: Int, isClosed: Bool) async throws -> LoadReport {
        let workload = Workload("self-test", "Requests of one turn.", sessions: sessions, rate: rate) { _, _, _ in
            [PlannedTurn(requestTokens: 16, answerTokens: 16, keptTokens: 16)]
        }
        let server = StallingServer(service: .milliseconds(1), stall: stall)
        var configuration = LoadConfiguration(
            Workload.Parameters(sessions: sessions, rate: rate, seed: seed),
            workers: isClosed ? 1 : 16
        )
        configuration.isClosed = isClosed
        configuration.work = { _ in try await server.serve() }
        return try await LoadRun(workload, against: .stateless, configuration).run()
    }
}

/// A server that processes one request at a time, in their order, and stalls for a while.
private actor StallingServer {
    private let service: Duration
    private let stall: Range<Duration>
    private var start: Duration?
    /// The time at which the last request is done.
    private var free = Duration.zero

    init(service: Duration, stall: Range<Duration>) {
        self.service = service
        self.stall = stall
    }

    func serve() async throws {
        let now = Pacer.now
        let began = start ?? now
        start = began
        free = max(free, now)
        if ((began + stall.lowerBound)..<(began + stall.upperBound)).contains(free) { free = began + stall.upperBound }
        free += service
        try await Task.sleep(for: free - now)
    }
}
