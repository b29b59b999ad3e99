internal import Stateline

/// Sessions in the middle of their lives, as found at a random moment.
///
/// The sessions of a pool are laid end to end, each as long as its pauses and its model's times, and moments are drawn
/// from the whole. So a session is found in proportion to its length, and most sessions are found in one of their long
/// pauses. From then on turns begin at the rate of a long run.
struct LiveSessions: Sendable {
    /// A live session.
    struct Session: Sendable {
        /// The last request before the moment, with its answer; `nil` if there was none.
        var history: PlannedTurn?
        /// The remaining turns; the first one begins when it is due.
        var turns: ArraySlice<PlannedTurn>
        /// The time after the moment at which the next turn begins, or at which the session ends if no turn is left.
        var due: Duration
    }

    /// The sessions.
    let sessions: [Session]
    /// The first of the workload's session numbers that is not used here.
    let nextNumber: Int

    /// Draws sessions.
    ///
    /// - Parameters:
    ///   - workload: The workload of the sessions.
    ///   - count: The number of sessions.
    ///   - configuration: The seed and the times.
    /// - Complexity: O(*n*) in the number of turns of a pool of that many sessions, and of a thousand at least.
    init(_ workload: Workload, count: Int, _ configuration: LoadConfiguration) {
        let parameters = configuration.parameters
        var ends: [Duration] = []
        for number in 0..<max(count, 1000) {
            let life = workload.turns(of: number, in: parameters).reduce(.zero) { $0 + configuration.time(of: $1) }
            ends.append((ends.last ?? .zero) + life)
        }
        nextNumber = ends.count
        let all = ends.last ?? .zero
        var random = SplitMix64(seed: parameters.seed, stream: -2)
        sessions = (0..<count)
            .map { _ in
                let moment = all * random.unit()
                // The first session that ends after the moment. There is none only if no session takes any time.
                var (low, high) = (0, ends.count - 1)
                while low < high {
                    let middle = (low + high) / 2
                    if ends[middle] > moment { high = middle } else { low = middle + 1 }
                }
                let age = moment - (low > 0 ? ends[low - 1] : .zero)
                return Session(workload.turns(of: low, in: parameters), age: age, configuration)
            }
    }
}

extension LiveSessions.Session {
    /// Divides a session at an age.
    init(_ turns: [PlannedTurn], age: Duration, _ configuration: LoadConfiguration) {
        // A turn whose model is working has begun: its rest is waited for, and the turn belongs to the history.
        var index = 0
        var end = Duration.zero
        while index < turns.count, end + configuration.pause(before: turns[index]) <= age {
            end += configuration.time(of: turns[index])
            index += 1
        }
        due = max(.zero, end - age)
        history = index > 0 ? turns[index - 1] : nil
        self.turns = turns[index...]
        if index < turns.count {
            due = end + configuration.pause(before: turns[index]) - age
            self.turns[index].start = .after(.zero)
        }
        if let limit = configuration.liveHistory { shorten(to: limit) }
    }

    /// Removes the oldest tokens from the history, and from the requests that follow.
    private mutating func shorten(to limit: Int) {
        guard var kept = history else { return }
        kept.keptTokens = min(kept.keptTokens, limit)
        kept.requestTokens = max(1, min(kept.requestTokens, limit - kept.keptTokens))
        var before = history?.requestTokens ?? 0
        var offset = before - kept.requestTokens
        guard offset > 0 else { return }
        history = kept
        for index in turns.indices {
            let request = turns[index].requestTokens
            let new = request - turns[index].commonTokens
            turns[index].commonTokens = max(0, turns[index].commonTokens - offset)
            turns[index].tracedCommonTokens = nil
            turns[index].requestTokens =
                turns[index].rewrite == nil ? request - offset : turns[index].commonTokens + new
            before = request
            offset = before - turns[index].requestTokens
        }
    }
}

extension LoadConfiguration {
    /// Returns the pause before a turn.
    func pause(before turn: PlannedTurn) -> Duration {
        switch turn.start {
        case .after(let pause): pause / parameters.speed
        case .at: .zero
        }
    }

    /// Returns the planned time of a turn with the pause before it.
    func time(of turn: PlannedTurn) -> Duration {
        pause(before: turn) + modelTime(of: turn) * (turn.toolCalls + 1)
    }
}

extension Workload {
    /// Returns `true` if sessions can be live: each turn waits for the previous answer, and none begins at a fixed
    /// time.
    ///
    /// - Parameter parameters: The run.
    /// - Returns: The result for the first sessions.
    package func canBeLive(in parameters: Parameters) -> Bool {
        (0..<min(10, parameters.sessions))
            .allSatisfy { session in
                turns(of: session, in: parameters).allSatisfy { if case .after = $0.start { true } else { false } }
            }
    }
}
