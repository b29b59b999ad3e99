/// Sessions in the middle of their lives, as somebody finds them who comes at any moment.
///
/// All sessions of a pool are laid end to end, each as long as it lasts where nothing takes time but its model and its
/// pauses, and moments are drawn from the whole: a long session is found as much more often as it is longer, and most
/// sessions are found in one of their long pauses. From then on turns begin at the rate that they always have.
struct LiveSessions: Sendable {
    /// One of them.
    struct Session: Sendable {
        /// The request before the moment, with the answer that it left; `nil` where none was before.
        var history: PlannedTurn?
        /// What is still to come; the first one begins when it is due.
        var turns: ArraySlice<PlannedTurn>
        /// When the next turn begins, or where none is left when the session ends, after the moment.
        var due: Duration
    }

    /// All of them.
    let sessions: [Session]
    /// The first number of the workload's sessions that none of them has.
    let nextNumber: Int

    /// Draws them.
    ///
    /// - Parameters:
    ///   - workload: Whose sessions they are.
    ///   - count: How many.
    ///   - configuration: The seed and the times.
    /// - Complexity: O(*n*) in the number of turns of a pool of as many sessions, and of a thousand at least.
    init(_ workload: Workload, count: Int, _ configuration: LoadConfiguration) {
        let parameters = configuration.parameters
        var ends: [Duration] = []
        for number in 0..<max(count, 1000) {
            let life = workload.turns(of: number, in: parameters).reduce(.zero) { $0 + configuration.time(of: $1) }
            ends.append((ends.last ?? .zero) + life)
        }
        nextNumber = ends.count
        let all = ends.last ?? .zero
        var random = SeededRandom(seed: parameters.seed, stream: -2)
        sessions = (0..<count)
            .map { _ in
                let moment = all * random.unit()
                // The first session that ends after the moment; there is none only where no session takes any time.
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
    /// Cuts a session in two at an age.
    init(_ turns: [PlannedTurn], age: Duration, _ configuration: LoadConfiguration) {
        // A turn whose model is at work has begun already: what is left of that is waited for, and it is history.
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

    /// Leaves the oldest tokens of the history out, and of what is to come as well.
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
    /// How long a session waits before a turn.
    func pause(before turn: PlannedTurn) -> Duration {
        switch turn.start {
        case .after(let pause): pause / parameters.speed
        case .at: .zero
        }
    }

    /// How long a turn takes with the pause before it, where nothing but the model takes time.
    func time(of turn: PlannedTurn) -> Duration {
        pause(before: turn) + modelTime(of: turn) * (turn.toolCalls + 1)
    }
}

extension Workload {
    /// Whether its sessions can be live: each turn waits for the answer to the one before, at no time of its own.
    ///
    /// - Parameter parameters: The run.
    /// - Returns: What its first sessions tell.
    package func canBeLive(in parameters: Parameters) -> Bool {
        (0..<min(10, parameters.sessions))
            .allSatisfy { session in
                turns(of: session, in: parameters).allSatisfy { if case .after = $0.start { true } else { false } }
            }
    }
}
