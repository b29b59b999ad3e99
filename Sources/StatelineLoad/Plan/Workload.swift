/// Which sessions a load has, and what each of them does: drawn from a seed, before the run.
///
/// Two runs with one seed have the same sessions with the same turns at the same times, whatever they are run against.
public struct Workload: Sendable {
    /// What a workload has to know of the run that it is drawn for.
    public struct Parameters: Hashable, Sendable {
        /// How many sessions there are.
        public var sessions: Int
        /// How many of them arrive in a second, on average; for ``Workload/hot`` how many turns begin.
        public var rate: Double
        /// How many times as fast as planned time goes; rates are not scaled.
        public var speed: Double
        /// How long turns are begun for; `nil` until all sessions have ended.
        public var duration: Duration?
        /// What everything is drawn from.
        public var seed: UInt64

        /// Makes a parameters.
        public init(sessions: Int, rate: Double, speed: Double = 1, duration: Duration? = nil, seed: UInt64 = 1) {
            precondition(sessions > 0 && rate > 0 && speed > 0, "a load has sessions, a rate and a speed")
            self.sessions = sessions
            self.rate = rate
            self.speed = speed
            self.duration = duration
            self.seed = seed
        }
    }

    /// Its name, as on the command line.
    public let name: String
    /// What it is, in a line.
    public let summary: String
    /// How many sessions it has where nobody says how many.
    public let sessions: Int
    /// How many of them arrive in a second where nobody says how many: as its time goes, before it is compressed.
    public let rate: Double
    /// Whether a session is opened anew for each turn, as after a restart.
    public let reopens: Bool
    /// Whether sessions arrive when their plan says, and not at random.
    let arrives: (@Sendable (Int) -> Duration?)?
    /// Draws a session's turns.
    let draw: @Sendable (Int, Parameters, inout SeededRandom) -> [PlannedTurn]

    init(
        _ name: String,
        _ summary: String,
        sessions: Int,
        rate: Double,
        reopens: Bool = false,
        arrives: (@Sendable (Int) -> Duration?)? = nil,
        draw: @escaping @Sendable (Int, Parameters, inout SeededRandom) -> [PlannedTurn]
    ) {
        self.name = name
        self.summary = summary
        self.sessions = sessions
        self.rate = rate
        self.reopens = reopens
        self.arrives = arrives
        self.draw = draw
    }

    /// The parameters of a run where what nobody says is the workload's own.
    ///
    /// - Parameters:
    ///   - sessions: How many there are; `nil` for the workload's own, or as many as come within a duration.
    ///   - rate: How many arrive in a second; `nil` for the workload's own, at the speed.
    ///   - speed: How many times as fast as planned time goes.
    ///   - duration: How long turns are begun for; `nil` until all sessions have ended.
    ///   - seed: What everything is drawn from.
    /// - Returns: The parameters.
    public func parameters(
        sessions: Int? = nil,
        rate: Double? = nil,
        speed: Double = 1,
        duration: Duration? = nil,
        seed: UInt64 = 1
    ) -> Parameters {
        let rate = rate ?? self.rate * speed
        var count = sessions ?? self.sessions
        if sessions == nil, arrives == nil, let duration {
            // More than ever come: those that come too late are left out.
            count = Int(rate * duration.inSeconds * 1.2 + 10 * (rate * duration.inSeconds).squareRoot()) + 100
        }
        return Parameters(sessions: count, rate: rate, speed: speed, duration: duration, seed: seed)
    }

    /// The turns of a session.
    ///
    /// - Parameters:
    ///   - session: Its number, from 0.
    ///   - parameters: The run.
    /// - Returns: The same for the same arguments, always.
    /// - Complexity: O(*n*) in the number of its turns.
    public func turns(of session: Int, in parameters: Parameters) -> [PlannedTurn] {
        var random = SeededRandom(seed: parameters.seed, stream: session)
        return draw(session, parameters, &random)
    }

    /// When each session arrives, after the run began: a Poisson process, or as the workload says.
    ///
    /// - Parameter parameters: The run. Where it has a duration, no more sessions arrive than come within it.
    /// - Returns: Times that rise; for a trace those that it says.
    /// - Complexity: O(*n*) in the number of sessions.
    public func arrivals(in parameters: Parameters) -> [Duration] {
        var random = SeededRandom(seed: parameters.seed, stream: -1)
        var time = 0.0
        var arrivals: [Duration] = []
        for session in 0..<parameters.sessions {
            if let arrives, let planned = arrives(session) {
                arrivals.append(planned / parameters.speed)
            } else {
                time += random.exponential(mean: 1 / parameters.rate)
                if let duration = parameters.duration, .seconds(time) >= duration { break }
                arrivals.append(.seconds(time))
            }
        }
        return arrivals
    }
}
