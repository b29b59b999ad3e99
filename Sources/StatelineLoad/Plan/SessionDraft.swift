/// A session's plan while it is drawn, which keeps each request consistent with the turns before it.
struct SessionDraft {
    /// The turns so far.
    private(set) var turns: [PlannedTurn] = []

    /// Tokens of the newest request.
    var requestTokens: Int { turns.last?.requestTokens ?? 0 }

    /// Sets the first turn.
    mutating func begin(requestTokens: Int, answerTokens: Int) {
        turns = [
            PlannedTurn(requestTokens: max(1, requestTokens), answerTokens: answerTokens, keptTokens: answerTokens)
        ]
    }

    /// Adds a turn whose request continues the previous one.
    ///
    /// - Parameters:
    ///   - growth: The number of tokens added, the previous answer included.
    ///   - answerTokens: The tokens of its answer.
    mutating func extend(by growth: Int, answerTokens: Int) {
        guard let last = turns.indices.last else { return begin(requestTokens: growth, answerTokens: answerTokens) }
        let growth = max(1, growth)
        turns[last].keptTokens = min(turns[last].answerTokens, growth - 1)
        var turn = PlannedTurn(
            requestTokens: requestTokens + growth,
            answerTokens: answerTokens,
            keptTokens: answerTokens
        )
        turn.commonTokens = requestTokens
        turns.append(turn)
    }

    /// Adds a turn whose request has only its beginning in common with the previous one.
    mutating func rewrite(_ rewrite: PlannedTurn.Rewrite, keeping common: Int, adding new: Int, answerTokens: Int) {
        let common = min(common, requestTokens)
        var turn = PlannedTurn(
            requestTokens: common + max(1, new),
            answerTokens: answerTokens,
            keptTokens: answerTokens
        )
        turn.rewrite = rewrite
        turn.commonTokens = common
        turns.append(turn)
    }

    /// Sets the times of the newest turn.
    mutating func time(_ modelTime: Duration, after pause: Duration) {
        guard let last = turns.indices.last else { return }
        turns[last].modelTime = modelTime
        turns[last].start = .after(pause)
    }

    /// Sets a fixed beginning of the newest turn.
    mutating func start(at time: Duration) {
        guard let last = turns.indices.last else { return }
        turns[last].start = .at(time)
    }

    /// Sets the number of tool calls in the newest turn.
    mutating func callTools(_ count: Int) {
        guard let last = turns.indices.last else { return }
        turns[last].toolCalls = count
    }
}
