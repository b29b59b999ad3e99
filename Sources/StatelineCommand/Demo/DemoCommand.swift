internal import ArgumentParser

/// `stateline demo`.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Run a session over HTTP and show the bytes sent again and the cost of each turn.",
        discussion: """
            Starts a stateless model server on 127.0.0.1, runs one session with it, and checks the session's figures \
            against the server's own counts.

            EXAMPLES:
              stateline demo
              stateline demo --turns 50 --message-bytes 4096
              stateline demo --turns 1000 --json
              stateline demo --store redis://127.0.0.1:6379
            """
    )

    @Option(help: "Set the number of turns, 1 to 100000.")
    var turns = 10

    @Option(help: "Set the bytes of each prompt, 1 to 10485760.")
    var messageBytes = 1024

    @Option(help: StoreChoice.help, transform: StoreChoice.parse)
    var store = StoreChoice.memory

    @Flag(help: "Print one JSON object instead of the table.")
    var json = false

    func validate() throws {
        guard (1...100_000).contains(turns) else { throw ValidationError("--turns must be 1 to 100000.") }
        guard (1...10 << 20).contains(messageBytes) else {
            throw ValidationError("--message-bytes must be 1 to 10485760.")
        }
    }

    func run() async throws {
        // A durable store has the sessions of earlier demos.
        let session = store.isDurable ? "demo-\(UInt32.random(in: .min ... .max))" : "demo"
        try await store.withBoundary { boundary in
            try await show(Demo(turns: turns, messageBytes: messageBytes, boundary: boundary, session: session))
        }
    }

    private func show(_ demo: Demo) async throws {
        let terminal = Terminal()
        if json {
            let result = try await demo.run { _ in }
            try terminal.writeLine(result.json)
            try result.check()
        } else {
            let table = DemoTable(terminal)
            try table.writeHeader()
            let result = try await demo.run { turn throws(Terminal.WriteFailure) in try table.write(turn) }
            try table.writeSummary(of: result)
            try result.check()
        }
    }
}
