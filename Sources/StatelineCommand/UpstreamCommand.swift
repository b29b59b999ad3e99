internal import ArgumentParser
internal import StatelineUpstream
internal import UnixSignals

/// `stateline upstream`.
struct UpstreamCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upstream",
        abstract: "Serve the Chat Completions API without a model.",
        discussion: """
            A stateless server for demonstrations, tests and load tests: the same request gets the same answer. \
            /stateline/report lists the requests that it received.

            Lines of a prompt control the answer: "/say TEXT", "/tool NAME JSON", "/reason TEXT", "/status 429", \
            "/length" or "/pace 100" (milliseconds per word).

            EXAMPLES:
              stateline upstream
              stateline upstream --port 0 --latency 200 --tokens 64
              stateline upstream --fixed --tokens 1        one prepared answer, for load tests
              curl http://127.0.0.1:8080/stateline/report
            """
    )

    @Option(help: "Set the port to listen on; 0 selects a free one.")
    var port = 8080

    @Option(help: "Set the address to listen on.")
    var host = "127.0.0.1"

    @Option(help: ArgumentHelp("Wait this long before each answer, in milliseconds.", valueName: "ms"))
    var latency = 0

    @Option(help: "Set the number of words of an answer.")
    var tokens = 16

    @Flag(help: "Send the same prepared answer to every request.")
    var fixed = false

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be 0 to 65535.") }
        guard (0...3_600_000).contains(latency) else {
            throw ValidationError("--latency must be 0 to 3600000 milliseconds.")
        }
        guard (0...1_000_000).contains(tokens) else { throw ValidationError("--tokens must be 0 to 1000000.") }
    }

    func run() async throws {
        var configuration = Upstream.Configuration()
        configuration.host = host
        configuration.port = port
        configuration.latency = .milliseconds(latency)
        configuration.wordCount = tokens
        configuration.isFixed = fixed
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        try await Upstream.withServer(configuration) { upstream in
            let body = #"{"model":"any","messages":[{"role":"user","content":"Hello"}]}"#
            try Terminal()
                .writeLine("\(upstream.baseURL) is ready; try: curl \(upstream.baseURL)/chat/completions -d '\(body)'")
            for await _ in signals { return }
        }
    }
}
