internal import Stateline

/// The sessions of a load and their turns, drawn from a seed before the run.
///
/// Two runs with one seed have the same sessions with the same turns at the same times, whatever their target.
public struct Workload: Sendable {
    /// The parameters of a run that a workload is drawn for.
    public struct Parameters: Hashable, Sendable {
        /// The number of sessions.
        public var sessions: Int
        /// The mean number of sessions that arrive in a second; for ``Workload/hot`` the number of turns.
        public var rate: Double
        /// The speed at which planned time passes; rates are not scaled.
        public var speed: Double
        /// The time after which no turn begins; `nil` to run until all sessions end.
        public var duration: Duration?
        /// The random seed.
        public var seed: UInt64

        /// Makes parameters.
        public init(sessions: Int, rate: Double, speed: Double = 1, duration: Duration? = nil, seed: UInt64 = 1) {
            precondition(sessions > 0 && rate > 0 && speed > 0, "sessions, rate and speed must be above 0")
            self.sessions = sessions
            self.rate = rate
            self.speed = speed
            self.duration = duration
            self.seed = seed
        }
    }

    /// The name on the command line.
    public let name: String
    /// A summary of one line.
    public let summary: String
    /// The default number of sessions.
    public let sessions: Int
    /// The default number of sessions that arrive in a second, in planned time.
    public let rate: Double
    /// `true` if a session is opened anew for each turn, as after a restart.
    public let reopens: Bool
    /// The planned arrival of a session; `nil` for random arrivals.
    let arrives: (@Sendable (Int) -> Duration?)?
    /// Draws a session's turns.
    let draw: @Sendable (Int, Parameters, inout SplitMix64) -> [PlannedTurn]

    init(
        _ name: String,
        _ summary: String,
        sessions: Int,
        rate: Double,
        reopens: Bool = false,
        arrives: (@Sendable (Int) -> Duration?)? = nil,
        draw: @escaping @Sendable (Int, Parameters, inout SplitMix64) -> [PlannedTurn]
    ) {
        self.name = name
        self.summary = summary
        self.sessions = sessions
        self.rate = rate
        self.reopens = reopens
        self.arrives = arrives
        self.draw = draw
    }

    /// Makes the parameters of a run, with the workload's own values as defaults.
    ///
    /// - Parameters:
    ///   - sessions: The number of sessions; `nil` for the workload's own, or for those that arrive within the
    ///     duration.
    ///   - rate: The sessions that arrive in a second; `nil` for the workload's own, at the speed.
    ///   - speed: The speed at which planned time passes.
    ///   - duration: The time after which no turn begins; `nil` to run until all sessions end.
    ///   - seed: The random seed.
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
            // More than will arrive; sessions that arrive after the duration are left out.
            count = Int(rate * duration.inSeconds * 1.2 + 10 * (rate * duration.inSeconds).squareRoot()) + 100
        }
        return Parameters(sessions: count, rate: rate, speed: speed, duration: duration, seed: seed)
    }

    /// Draws the turns of a session.
    ///
    /// - Parameters:
    ///   - session: The session's number, from 0.
    ///   - parameters: The run.
    /// - Returns: The turns, always the same for the same arguments.
    /// - Complexity: O(*n*) in the number of turns.
    public func turns(of session: Int, in parameters: Parameters) -> [PlannedTurn] {
        var random = SplitMix64(seed: parameters.seed, stream: session)
        return draw(session, parameters, &random)
    }

    /// Draws the arrival of each session after the beginning of the run: a Poisson process, or the workload's own
    /// times.
    ///
    /// - Parameter parameters: The run. If it has a duration, only arrivals within the duration are returned.
    /// - Returns: Rising times; for a trace the recorded ones.
    /// - Complexity: O(*n*) in the number of sessions.
    public func arrivals(in parameters: Parameters) -> [Duration] {
        var random = SplitMix64(seed: parameters.seed, stream: -1)
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
