internal import Stateline

extension Workload {
    /// The workloads that need no trace.
    public static let all: [Workload] = [agentic, chat, tools, hot, cold, branching, idle]

    /// Conversations of people: short prompts, longer answers, time to read.
    public static let chat = Workload("chat", "Conversations of people.", sessions: 100, rate: 10) { _, _, random in
        conversation(&random).turns
    }

    /// Conversations of people in which the model calls one to four tools in each turn before it answers.
    public static let tools = Workload(
        "tools",
        "Turns of one to four tool calls.",
        sessions: 100,
        rate: 10
    ) { _, _, random in
        conversation(&random) { draft, random in draft.callTools(1 + Int(random.next() % 4)) }.turns
    }

    /// A few sessions that have most of the turns: Zipf's law with the exponent 1.
    ///
    /// The rate is that of turns. A turn whose session is busy waits for it, and the wait counts as latency.
    public static let hot = Workload(
        "hot",
        "Sessions of which a few have most of the turns.",
        sessions: 100,
        rate: 100,
        arrives: { _ in .zero },
        draw: hotTurns
    )

    @Sendable private static func hotTurns(
        _ session: Int,
        _ parameters: Parameters,
        _ random: inout SplitMix64
    ) -> [PlannedTurn] {
        let harmonic = (1...parameters.sessions).reduce(0.0) { $0 + 1 / Double($1) }
        let rate = parameters.rate / Double(session + 1) / harmonic
        let end = (parameters.duration ?? .seconds(10)) / .seconds(1)
        var draft = SessionDraft()
        var time = random.exponential(mean: 1 / rate)
        while time < end {
            // A session begins anew before it exceeds the context of models.
            let answer = Chat.answer(&random)
            if draft.requestTokens > 100_000 {
                draft.rewrite(.rewind, keeping: 0, adding: Chat.prompt(&random), answerTokens: answer)
            } else {
                draft.extend(by: Chat.prompt(&random) + (draft.turns.last?.answerTokens ?? 0), answerTokens: answer)
            }
            draft.time(Chat.modelTime(&random), after: .zero)
            draft.start(at: .seconds(time * parameters.speed))
            time += random.exponential(mean: 1 / rate)
        }
        return draft.turns
    }

    /// Conversations that are opened anew for each turn, as after a restart: each turn reads the session from the store.
    public static let cold = Workload(
        "cold",
        "Sessions that are read from the store for each turn.",
        sessions: 100,
        rate: 10,
        reopens: true
    ) { _, _, random in
        conversation(&random).turns
    }

    /// Conversations in which 2.7 % of the turns take the history back, by a rewind or in a fork.
    public static let branching = Workload(
        "branching",
        "Conversations that are rewound and forked.",
        sessions: 100,
        rate: 10
    ) { _, _, random in
        var draft = SessionDraft()
        for index in 0..<20 + Int(random.next() % 40) {
            let (answer, prompt) = (Chat.answer(&random), Chat.prompt(&random))
            let (choice, place) = (random.unit(), random.unit())
            if index > 0, choice < 0.027 {
                let common = Int(Double(draft.requestTokens) * place)
                let rewrite: PlannedTurn.Rewrite = choice < 0.0135 ? .rewind : .fork
                draft.rewrite(rewrite, keeping: common, adding: prompt, answerTokens: answer)
            } else {
                draft.extend(by: prompt + (draft.turns.last?.answerTokens ?? 0), answerTokens: answer)
            }
            draft.time(Chat.modelTime(&random), after: index == 0 ? .zero : Chat.pause(&random))
        }
        return draft.turns
    }

    /// Sessions that are idle after one turn, and one in a hundred that is a conversation.
    public static let idle = Workload(
        "idle",
        "Idle sessions with one turn each; one in a hundred is a conversation.",
        sessions: 101_000,
        rate: 2000
    ) { session, _, random in
        if session % 101 == 0 { return conversation(&random).turns }
        var draft = SessionDraft()
        draft.begin(requestTokens: 16, answerTokens: 16)
        return draft.turns
    }

    private static func conversation(
        _ random: inout SplitMix64,
        _ each: (inout SessionDraft, inout SplitMix64) -> Void = { _, _ in }
    ) -> SessionDraft {
        var draft = SessionDraft()
        // A geometric number of turns, 8 on average.
        repeat {
            let isFirst = draft.turns.isEmpty
            let answer = Chat.answer(&random)
            draft.extend(by: Chat.prompt(&random) + (draft.turns.last?.answerTokens ?? 0), answerTokens: answer)
            draft.time(Chat.modelTime(&random), after: isFirst ? .zero : Chat.pause(&random))
            each(&draft, &random)
        } while random.unit() > 1.0 / 8
        return draft
    }
}

/// The quantiles of people's conversations: assumed, not measured.
private enum Chat {
    static func prompt(_ random: inout SplitMix64) -> Int { 8 + Int(random.exponential(mean: 50)) }
    static func answer(_ random: inout SplitMix64) -> Int { 16 + Int(random.exponential(mean: 250)) }
    static func modelTime(_ random: inout SplitMix64) -> Duration { .seconds(1 + random.exponential(mean: 3)) }
    static func pause(_ random: inout SplitMix64) -> Duration { .seconds(2 + random.exponential(mean: 20)) }
}
