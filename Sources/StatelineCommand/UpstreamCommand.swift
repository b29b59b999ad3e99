internal import ArgumentParser
internal import StatelineUpstream
internal import UnixSignals

/// `stateline upstream`.
struct UpstreamCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upstream",
        abstract: "Serve the Chat Completions API without a model.",
        discussion: """
            A stateless server for demonstrations, tests and load tests: the same request gets the same answer. It \
            tells exactly what it was sent, under /stateline/report.

            A prompt can ask for more with lines such as "/say TEXT", "/tool NAME JSON", "/reason TEXT", \
            "/status 429", "/length" or "/pace 100" (milliseconds a word).

            EXAMPLES:
              stateline upstream
              stateline upstream --port 0 --latency 200 --tokens 64
              stateline upstream --fixed --tokens 1        for load tests: one answer, made in advance
              curl http://127.0.0.1:8080/stateline/report
            """
    )

    @Option(help: "The port to listen on; 0 for any that is free.")
    var port = 8080

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: ArgumentHelp("How long to wait before an answer begins, in milliseconds.", valueName: "ms"))
    var latency = 0

    @Option(help: "How many words an answer has.")
    var tokens = 16

    @Flag(help: "Answer everything with one answer that is made in advance.")
    var fixed = false

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port is 0 to 65535.") }
        guard (0...3_600_000).contains(latency) else { throw ValidationError("--latency is 0 to 3600000.") }
        guard (0...1_000_000).contains(tokens) else { throw ValidationError("--tokens is 0 to 1000000.") }
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
