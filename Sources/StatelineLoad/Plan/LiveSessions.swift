/// Sessions in the middle of their lives, as somebody finds them who comes at any moment.
///
/// All sessions of a pool are laid end to end, each as long as it lasts where nothing takes time but its model and its
/// pauses, and moments are drawn from the whole: a long session is found as much more often as it is longer, and most
/// sessions are found in one of their long pauses. From then on steps begin at the rate that they always have.
struct LiveSessions: Sendable {
    /// One of them.
    struct Session: Sendable {
        /// The request before the moment, with the answer that it left; `nil` where none was before.
        var history: PlannedStep?
        /// What is still to come; the first one begins when it is due.
        var steps: ArraySlice<PlannedStep>
        /// When the next step begins, or where none is left when the session ends, after the moment.
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
    /// - Complexity: O(*n*) in the number of steps of a pool of as many sessions, and of a thousand at least.
    init(_ workload: Workload, count: Int, _ configuration: LoadConfiguration) {
        let shape = configuration.shape
        var ends: [Duration] = []
        for number in 0..<max(count, 1000) {
            let life = workload.steps(of: number, in: shape).reduce(.zero) { $0 + configuration.time(of: $1) }
            ends.append((ends.last ?? .zero) + life)
        }
        nextNumber = ends.count
        let all = ends.last ?? .zero
        var random = SeededRandom(seed: shape.seed, stream: -2)
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
                return Session(workload.steps(of: low, in: shape), age: age, configuration)
            }
    }
}

extension LiveSessions.Session {
    /// Cuts a session in two at an age.
    init(_ steps: [PlannedStep], age: Duration, _ configuration: LoadConfiguration) {
        // A step whose model is at work has begun already: what is left of that is waited for, and it is history.
        var index = 0
        var end = Duration.zero
        while index < steps.count, end + configuration.pause(before: steps[index]) <= age {
            end += configuration.time(of: steps[index])
            index += 1
        }
        due = max(.zero, end - age)
        history = index > 0 ? steps[index - 1] : nil
        self.steps = steps[index...]
        if index < steps.count {
            due = end + configuration.pause(before: steps[index]) - age
            self.steps[index].start = .after(.zero)
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
        for index in steps.indices {
            let request = steps[index].requestTokens
            let new = request - steps[index].commonTokens
            steps[index].commonTokens = max(0, steps[index].commonTokens - offset)
            steps[index].tracedCommonTokens = nil
            steps[index].requestTokens =
                steps[index].rewrite == nil ? request - offset : steps[index].commonTokens + new
            before = request
            offset = before - steps[index].requestTokens
        }
    }
}

extension LoadConfiguration {
    /// How long a session waits before a step.
    func pause(before step: PlannedStep) -> Duration {
        switch step.start {
        case .after(let pause): pause / shape.speed
        case .at: .zero
        }
    }

    /// How long a step takes with the pause before it, where nothing but the model takes time.
    func time(of step: PlannedStep) -> Duration {
        pause(before: step) + modelTime(of: step) * (step.toolCalls + 1)
    }
}

extension Workload {
    /// Whether its sessions can be live: each step waits for the answer to the one before, at no time of its own.
    ///
    /// - Parameter shape: The run.
    /// - Returns: What its first sessions tell.
    package func canBeLive(in shape: Shape) -> Bool {
        (0..<min(10, shape.sessions))
            .allSatisfy { session in
                steps(of: session, in: shape).allSatisfy { if case .after = $0.start { true } else { false } }
            }
    }
}
