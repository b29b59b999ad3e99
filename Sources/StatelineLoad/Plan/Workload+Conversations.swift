extension Workload {
    /// All workloads that need no trace.
    public static let all: [Workload] = [agentic, chat, tools, hot, cold, branching, idle]

    /// People who talk: short prompts, longer answers, time to read.
    public static let chat = Workload("chat", "People who talk.", sessions: 100, rate: 10) { _, _, random in
        conversation(&random).steps
    }

    /// The same, where the model calls one to four tools in each turn before it answers.
    public static let tools = Workload(
        "tools",
        "Turns of one to four tool calls.",
        sessions: 100,
        rate: 10
    ) { _, _, random in
        conversation(&random) { draft, random in draft.callTools(1 + Int(random.next() % 4)) }.steps
    }

    /// A few sessions that are asked far more often than the others: Zipf's law with the exponent 1.
    ///
    /// The rate is that of steps. A step whose session is still busy waits for it, and that counts.
    public static let hot = Workload(
        "hot",
        "Sessions of which a few are asked far more often than the others.",
        sessions: 100,
        rate: 100,
        arrives: { _ in .zero },
        draw: hotSteps
    )

    @Sendable private static func hotSteps(
        _ session: Int,
        _ shape: Shape,
        _ random: inout SeededRandom
    ) -> [PlannedStep] {
        let harmonic = (1...shape.sessions).reduce(0.0) { $0 + 1 / Double($1) }
        let rate = shape.rate / Double(session + 1) / harmonic
        let end = (shape.duration ?? .seconds(10)) / .seconds(1)
        var draft = SessionDraft()
        var time = random.exponential(mean: 1 / rate)
        while time < end {
            // A session is not held for ever: it begins anew before it is larger than what models take.
            let answer = Chat.answer(&random)
            if draft.requestTokens > 100_000 {
                draft.rewrite(.rewind, keeping: 0, adding: Chat.prompt(&random), answerTokens: answer)
            } else {
                draft.extend(by: Chat.prompt(&random) + (draft.steps.last?.answerTokens ?? 0), answerTokens: answer)
            }
            draft.time(Chat.modelTime(&random), after: .zero)
            draft.start(at: .seconds(time * shape.speed))
            time += random.exponential(mean: 1 / rate)
        }
        return draft.steps
    }

    /// Conversations that are opened anew for each turn, as after a restart: each turn reads the session from the store.
    public static let cold = Workload(
        "cold",
        "Sessions that are read from the store for each turn.",
        sessions: 100,
        rate: 10,
        reopens: true
    ) { _, _, random in
        conversation(&random).steps
    }

    /// Conversations of which 2.7 in a hundred steps take the history back, by a rewind or in a fork.
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
                let rewrite: PlannedStep.Rewrite = choice < 0.0135 ? .rewind : .fork
                draft.rewrite(rewrite, keeping: common, adding: prompt, answerTokens: answer)
            } else {
                draft.extend(by: prompt + (draft.steps.last?.answerTokens ?? 0), answerTokens: answer)
            }
            draft.time(Chat.modelTime(&random), after: index == 0 ? .zero : Chat.pause(&random))
        }
        return draft.steps
    }

    /// Sessions of one step that are then left alone, and one in a hundred that people talk in.
    public static let idle = Workload(
        "idle",
        "Sessions that are left alone after a step, and one in a hundred that is not.",
        sessions: 101_000,
        rate: 2000
    ) { session, _, random in
        if session % 101 == 0 { return conversation(&random).steps }
        var draft = SessionDraft()
        draft.begin(requestTokens: 16, answerTokens: 16)
        return draft.steps
    }

    private static func conversation(
        _ random: inout SeededRandom,
        _ each: (inout SessionDraft, inout SeededRandom) -> Void = { _, _ in }
    ) -> SessionDraft {
        var draft = SessionDraft()
        // A geometric number of turns, 8 on average.
        repeat {
            let isFirst = draft.steps.isEmpty
            let answer = Chat.answer(&random)
            draft.extend(by: Chat.prompt(&random) + (draft.steps.last?.answerTokens ?? 0), answerTokens: answer)
            draft.time(Chat.modelTime(&random), after: isFirst ? .zero : Chat.pause(&random))
            each(&draft, &random)
        } while random.unit() > 1.0 / 8
        return draft
    }
}

/// How people talk with a model: assumed, not measured.
private enum Chat {
    static func prompt(_ random: inout SeededRandom) -> Int { 8 + Int(random.exponential(mean: 50)) }
    static func answer(_ random: inout SeededRandom) -> Int { 16 + Int(random.exponential(mean: 250)) }
    static func modelTime(_ random: inout SeededRandom) -> Duration { .seconds(1 + random.exponential(mean: 3)) }
    static func pause(_ random: inout SeededRandom) -> Duration { .seconds(2 + random.exponential(mean: 20)) }
}
