/// A session's plan while it is drawn: keeps what each turn sends in line with what the turns before it left.
struct SessionDraft {
    /// The turns so far.
    private(set) var turns: [PlannedTurn] = []

    /// Tokens of the newest request.
    var requestTokens: Int { turns.last?.requestTokens ?? 0 }

    /// The first turn.
    mutating func begin(requestTokens: Int, answerTokens: Int) {
        turns = [
            PlannedTurn(requestTokens: max(1, requestTokens), answerTokens: answerTokens, keptTokens: answerTokens)
        ]
    }

    /// A turn whose request continues the one before.
    ///
    /// - Parameters:
    ///   - growth: By how many tokens, the answer before included.
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

    /// A turn whose request has only its beginning in common with the one before.
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

    /// Lets the newest turn begin at a time of its own.
    mutating func start(at time: Duration) {
        guard let last = turns.indices.last else { return }
        turns[last].start = .at(time)
    }

    /// Lets the model call tools in the newest turn.
    mutating func callTools(_ count: Int) {
        guard let last = turns.indices.last else { return }
        turns[last].toolCalls = count
    }
}
