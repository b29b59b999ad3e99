extension Workload {
    /// Coding agents: long histories, short turns, and a history that is rewritten now and then.
    ///
    /// The quantiles are those of the agent `main` of 487 recorded sessions with 32,902 turns, derived from
    /// callanjfox/kv-cache-tester (Apache-2.0). Sessions that began small lasted longer than those that began large, so
    /// both groups are drawn separately. Everything else is drawn independently.
    public static let agentic = Workload(
        "agentic",
        "Coding agents, with the statistics of recorded ones.",
        sessions: 100,
        rate: 100.0 / 3600
    ) { _, _, random in
        let isSmall = random.unit() < 275.0 / 487
        let count = Int((isSmall ? Agentic.smallTurns : Agentic.largeTurns).draw(&random))
        var draft = SessionDraft()
        for index in 0..<count {
            let answer = Int(Agentic.answer.draw(&random))
            let modelTime = Duration.seconds(Agentic.modelTime.draw(&random))
            let thinkTime = index == 0 ? .zero : Duration.seconds(Agentic.thinkTime.draw(&random))
            let isRewrite = random.unit() < Agentic.rewrites
            if index == 0 {
                let first = isSmall ? Agentic.smallFirst : Agentic.largeFirst
                draft.begin(requestTokens: Int(first.draw(&random)), answerTokens: answer)
            } else if isRewrite {
                let common = Int(Double(draft.requestTokens) * Agentic.commonShare.draw(&random))
                let new = Int(Agentic.rewritten.draw(&random))
                draft.rewrite(.rewind, keeping: common, adding: new, answerTokens: answer)
            } else {
                draft.extend(by: Int(Agentic.growth.draw(&random)), answerTokens: answer)
            }
            draft.time(modelTime, after: thinkTime)
        }
        return draft.turns
    }
}

/// The quantiles of recorded agents: tokens, seconds, turns.
private enum Agentic {
    /// The share of turns that rewrite the history: 901 of the 32,415 turns that had one before.
    static let rewrites = 901.0 / 32_415

    static let smallFirst = Quantiles([
        (0, 8979), (0.05, 11_463), (0.1, 12_968), (0.25, 16_495), (0.5, 18_857), (0.75, 20_792), (0.9, 24_386),
        (0.95, 27_798), (0.99, 37_896), (1, 39_406),
    ])
    static let largeFirst = Quantiles([
        (0, 40_442), (0.05, 46_531), (0.1, 64_641), (0.25, 79_335), (0.5, 119_748), (0.75, 261_659), (0.9, 415_221),
        (0.95, 538_710), (0.99, 790_759), (1, 829_382),
    ])
    static let smallTurns = Quantiles([
        (0, 3), (0.05, 7), (0.1, 12), (0.25, 29), (0.5, 67), (0.75, 119), (0.9, 170), (0.95, 247), (0.99, 395),
        (1, 439),
    ])
    static let largeTurns = Quantiles([
        (0, 3), (0.05, 4), (0.1, 5), (0.25, 13), (0.5, 27), (0.75, 54), (0.9, 98), (0.95, 154), (0.99, 234), (1, 242),
    ])
    static let growth = Quantiles([
        (0, 14), (0.01, 113), (0.05, 157), (0.1, 196), (0.2, 290), (0.3, 387), (0.4, 502), (0.5, 655), (0.6, 870),
        (0.7, 1237), (0.8, 1908), (0.9, 3532), (0.95, 6071), (0.99, 15_499), (0.999, 65_652), (1, 235_045),
    ])
    static let answer = Quantiles([
        (0, 0), (0.01, 58), (0.05, 89), (0.1, 105), (0.2, 127), (0.3, 150), (0.4, 179), (0.5, 220), (0.6, 280),
        (0.7, 370), (0.8, 521), (0.9, 886), (0.95, 1495), (0.99, 3569), (0.999, 7603), (1, 18_195),
    ])
    /// The pauses of turns with a recorded time.
    static let modelTime = Quantiles([
        (0, 1.23), (0.01, 2.51), (0.05, 3.06), (0.1, 3.45), (0.2, 4.07), (0.3, 4.66), (0.4, 5.33), (0.5, 6.21),
        (0.6, 7.4), (0.7, 9.19), (0.8, 12.19), (0.9, 18.32), (0.95, 28.09), (0.99, 58.93), (0.999, 122.76), (1, 253.09),
    ])
    /// The pauses, with many of the longest ones: they take nearly all of a session's time, and so decide the rate of
    /// turns.
    static let thinkTime = Quantiles([
        (0, 0), (0.01, 3), (0.1, 4), (0.2, 5), (0.3, 6), (0.4, 8), (0.5, 11), (0.6, 15), (0.7, 24), (0.8, 56),
        (0.9, 175), (0.95, 465), (0.97, 780), (0.98, 1310), (0.985, 1943), (0.99, 2914), (0.995, 3860), (0.997, 6584),
        (0.998, 9086), (0.999, 16_650), (0.9995, 39_529), (1, 71_884),
    ])
    /// The share of the previous request that a rewritten request has in common with it.
    static let commonShare = Quantiles([
        (0, 0), (0.05, 0), (0.1, 0.035), (0.2, 0.079), (0.3, 0.1), (0.4, 0.127), (0.5, 0.179), (0.6, 0.339),
        (0.7, 0.962), (0.8, 0.9972), (0.9, 0.9986), (0.95, 0.9989), (1, 0.9996),
    ])
    /// The new tokens of a rewritten request.
    static let rewritten = Quantiles([
        (0, 194), (0.05, 332), (0.1, 375), (0.2, 704), (0.3, 5644), (0.4, 17_320), (0.5, 28_851), (0.6, 46_005),
        (0.7, 74_601), (0.8, 101_450), (0.9, 138_136), (0.95, 237_157), (0.99, 342_987), (1, 697_351),
    ])
}
