extension Workload {
    /// Makes a workload of the sessions of a trace, in their order; after the last one the trace begins again.
    ///
    /// - Parameters:
    ///   - trace: The trace.
    ///   - name: The name in reports.
    /// - Returns: The workload.
    public static func replaying(_ trace: Trace, name: String = "trace") -> Workload {
        let sessions = trace.sessions
        let hasTimes = sessions.allSatisfy { $0.arrival != nil }
        let first = sessions.compactMap(\.arrival).min() ?? .zero
        let arrives: @Sendable (Int) -> Duration? = { number in
            // A trace that begins again gives no times.
            number < sessions.count ? (sessions[number].arrival ?? .zero) - first : nil
        }
        return Workload(
            name,
            "The sessions of a trace.",
            sessions: sessions.count,
            // If the trace does not say when sessions began, all of them begin within a day of its time.
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
