internal import ArgumentParser
internal import Stateline
internal import StatelineModels

/// `stateline chat`.
struct ChatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat",
        abstract: "Talk with a model, and see what each turn costs.",
        discussion: """
            In a terminal, prompts are edited and answers come as they are made: Ctrl-C ends the turn and not the \
            session, Ctrl-D ends the session. Where standard input is no terminal, each of its lines is a prompt, and \
            the first error ends the command.

            EXAMPLES:
              stateline chat --model-url http://127.0.0.1:8080/v1 --model any --boundary
              stateline chat --model-url https://api.openai.com/v1 --model gpt-4.1-mini --system "Be brief."
              stateline chat --model-url http://127.0.0.1:8080/v1 --model any --store redis://127.0.0.1 --session mine
              printf 'Hello\\nAnd now?\\n' | stateline chat --model-url http://127.0.0.1:8080/v1 --model any
            """
    )

    @Option(help: ArgumentHelp("Where the Chat Completions API is.", valueName: "url"))
    var modelURL: String

    @Option(help: ArgumentHelp("The model's name.", valueName: "name"))
    var model: String

    @Option(help: ArgumentHelp("The session's name, any text.", valueName: "id"))
    var session = "chat"

    @Option(help: StoreChoice.help, transform: StoreChoice.parse)
    var store = StoreChoice.memory

    @Flag(help: "Print the turn's figures after each answer.")
    var boundary = false

    @Option(help: ArgumentHelp("What the model is told first.", valueName: "text"))
    var system: String?

    @Option(
        name: .customLong("api-key-env"),
        help: ArgumentHelp(
            "The environment variable that holds the key; no key is sent where it is not set.",
            valueName: "name"
        )
    )
    var keyVariable = "OPENAI_API_KEY"

    @Option(help: ArgumentHelp("The most seconds that a call of the model may take.", valueName: "seconds"))
    var timeout: Double?

    func validate() throws {
        guard SessionKey(session).isValid else {
            throw ValidationError("--session has 1 to \(SessionKey.maximumLength) bytes.")
        }
        if let timeout, !(0.001...86_400).contains(timeout) {
            throw ValidationError("--timeout is 0.001 to 86400 seconds.")
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
            transport: HTTPTransport(timeLimits: limits)
        )
        try await store.withBoundary { line in
            let opened = try await line.session(SessionKey(session), model: model, instructions: system)
            try await Chat(session: opened, modelName: model.description, showsBoundary: boundary).run()
        }
    }
}
