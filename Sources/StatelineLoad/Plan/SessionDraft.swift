/// A session's plan while it is drawn: keeps what each step sends in line with what the steps before it left.
struct SessionDraft {
    /// The steps so far.
    private(set) var steps: [PlannedStep] = []

    /// Tokens of the newest request.
    var requestTokens: Int { steps.last?.requestTokens ?? 0 }

    /// The first step.
    mutating func begin(requestTokens: Int, answerTokens: Int) {
        steps = [
            PlannedStep(requestTokens: max(1, requestTokens), answerTokens: answerTokens, keptTokens: answerTokens)
        ]
    }

    /// A step whose request continues the one before.
    ///
    /// - Parameters:
    ///   - growth: By how many tokens, the answer before included.
    ///   - answerTokens: The tokens of its answer.
    mutating func extend(by growth: Int, answerTokens: Int) {
        guard let last = steps.indices.last else { return begin(requestTokens: growth, answerTokens: answerTokens) }
        let growth = max(1, growth)
        steps[last].keptTokens = min(steps[last].answerTokens, growth - 1)
        var step = PlannedStep(
            requestTokens: requestTokens + growth,
            answerTokens: answerTokens,
            keptTokens: answerTokens
        )
        step.commonTokens = requestTokens
        steps.append(step)
    }

    /// A step whose request has only its beginning in common with the one before.
    mutating func rewrite(_ rewrite: PlannedStep.Rewrite, keeping common: Int, adding new: Int, answerTokens: Int) {
        let common = min(common, requestTokens)
        var step = PlannedStep(
            requestTokens: common + max(1, new),
            answerTokens: answerTokens,
            keptTokens: answerTokens
        )
        step.rewrite = rewrite
        step.commonTokens = common
        steps.append(step)
    }

    /// Sets the times of the newest step.
    mutating func time(_ modelTime: Duration, after pause: Duration) {
        guard let last = steps.indices.last else { return }
        steps[last].modelTime = modelTime
        steps[last].start = .after(pause)
    }

    /// Lets the newest step begin at a time of its own.
    mutating func start(at time: Duration) {
        guard let last = steps.indices.last else { return }
        steps[last].start = .at(time)
    }

    /// Lets the model call tools in the newest step.
    mutating func callTools(_ count: Int) {
        guard let last = steps.indices.last else { return }
        steps[last].toolCalls = count
    }
}
