internal import ArgumentParser
internal import Foundation
internal import Stateline
internal import StatelineDialects
internal import StatelineModels

/// `stateline chat`.
struct ChatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat",
        abstract: "Chat with a model and show the cost of each turn.",
        discussion: """
            In a terminal, prompts can be edited and answers are streamed. Ctrl-C ends the turn but not the session; \
            Ctrl-D ends the session. If standard input is not a terminal, each of its lines is a prompt, and the first \
            error ends the command.

            EXAMPLES:
              stateline chat --model-url http://127.0.0.1:8080/v1 --model any --boundary
              stateline chat --model-url https://api.openai.com/v1 --model gpt-4.1-mini --system "Be brief."
              stateline chat --model-url http://127.0.0.1:8080/v1 --model any --store redis://127.0.0.1 --session mine
              stateline chat --model-url http://127.0.0.1:8080/v1 --model any --store redis://127.0.0.1 --durable
              printf 'Hello\\nAnd now?\\n' | stateline chat --model-url http://127.0.0.1:8080/v1 --model any
            """
    )

    @Option(help: ArgumentHelp("Set the base URL of the Chat Completions API.", valueName: "url"))
    var modelURL: String

    @Option(help: ArgumentHelp("Set the model.", valueName: "name"))
    var model: String

    @Option(help: "Write requests, and read answers, as this server has them.")
    var server = ServerName.any

    @Option(help: ArgumentHelp("Set the session's id.", valueName: "id"))
    var session = "chat"

    @Option(help: StoreChoice.help, transform: StoreChoice.parse)
    var store = StoreChoice.memory

    @Flag(
        help: """
            Write each turn to the store step by step. If the process ends in a turn, the next chat with the session can \
            continue it: /resume does, /discard ends it.
            """
    )
    var durable = false

    @Flag(help: "Print the figures of the turn after each answer.")
    var boundary = false

    @Option(
        help: ArgumentHelp("Set the instructions of a new session; one that exists keeps its own.", valueName: "text")
    )
    var system: String?

    @Option(
        name: .customLong("api-key-env"),
        help: ArgumentHelp(
            "Read the API key from this environment variable; no key is sent if it is not set.",
            valueName: "name"
        )
    )
    var keyVariable = "OPENAI_API_KEY"

    @Option(
        help: ArgumentHelp(
            "Limit the time of each model call (default: 900, and 300 to the first byte of its answer).",
            valueName: "seconds"
        )
    )
    var timeout: Double?

    @Option(
        help: ArgumentHelp(
            "Repeat a failed model call at most n times if the failure is temporary; 0 for never.",
            valueName: "n"
        )
    )
    var retries = 2

    func validate() throws {
        guard (0...100).contains(retries) else { throw ValidationError("--retries must be 0 to 100.") }
        do { _ = try Endpoint(modelURL, provider: "any") } catch {
            throw ValidationError(
                "--model-url must be an http:// or https:// URL without user and password, such as "
                    + "http://127.0.0.1:8080/v1."
            )
        }
        guard SessionKey(session).isValid else {
            throw ValidationError("--session must have 1 to \(SessionKey.maximumLength) bytes.")
        }
        if let timeout, !(0.001...86_400).contains(timeout) {
            throw ValidationError("--timeout must be 0.001 to 86400 seconds.")
        }
    }

    func run() async throws {
        var limits = TimeLimits()
        if let timeout {
            limits.total = .seconds(timeout)
            limits.firstByte = .seconds(timeout)
        }
        let model = try ChatCompletionsModel(
            baseURL: modelURL,
            model: model,
            apiKey: APIKey.environment(keyVariable),
            dialect: ChatCompletions(profile: server.profile),
            transport: HTTPTransport(timeLimits: limits)
        )
        try await store.withBoundary(observers: [RetryNotes()]) { line in
            let opened = try await line.session(
                SessionKey(session),
                model: model,
                instructions: system,
                settingsPolicy: .keep,
                configuration: SessionConfiguration(
                    retries: RetryPolicy(maximumAttempts: retries + 1),
                    incompleteAnswers: .keepIncomplete,
                    durability: durable ? .step : .turn
                )
            )
            if let system, opened.transcript.preamble.last?.text != system {
                Terminal.note(
                    "--system is ignored: session \(session) exists and keeps its instructions; choose another --session"
                )
            }
            try await Chat(session: opened, modelName: model.description, showsBoundary: boundary).run()
        }
    }
}

/// Says on standard error that a call failed and will be made again: without that, a pause looks like a slow model.
private struct RetryNotes: TurnObserver {
    func retryScheduled(_ retry: CallRetry) {
        let pause = (retry.pause / .seconds(1)).formatted(.number.precision(.fractionLength(1)))
        Terminal.note("\(retry.error); asking again in \(pause) s")
    }

    func turnEnded(_ turn: EndedTurn) {}
}
