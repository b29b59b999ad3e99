extension Workload {
    /// The sessions of a trace, in its order; once they are all there, from its first one again.
    ///
    /// - Parameters:
    ///   - trace: The trace.
    ///   - name: What it is called in reports.
    /// - Returns: The workload.
    public static func replaying(_ trace: Trace, name: String = "trace") -> Workload {
        let sessions = trace.sessions
        let hasTimes = sessions.allSatisfy { $0.arrival != nil }
        let first = sessions.compactMap(\.arrival).min() ?? .zero
        let arrives: @Sendable (Int) -> Duration? = { number in
            // A trace that begins again has nothing to say of when.
            number < sessions.count ? (sessions[number].arrival ?? .zero) - first : nil
        }
        return Workload(
            name,
            "The sessions of a trace.",
            sessions: sessions.count,
            // Where the trace does not say when sessions began, all of them begin within a day of its time.
            rate: Double(sessions.count) / 86_400,
            arrives: hasTimes ? arrives : nil
        ) { session, _, _ in
            sessions[session % sessions.count].turns
                .map { turn in
                    var turn = turn
                    if case .at(let time) = turn.start { turn.start = .at(time - first) }
                    return turn
                }
        }
    }
}
