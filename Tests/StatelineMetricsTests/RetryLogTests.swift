import Logging
import Stateline
import StatelineMemory
import StatelineMetrics
import StatelineTesting
import Synchronization
import Testing

/// The lines of a log.
private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }
    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

    func add(_ line: String) { lines.withLock { $0.append(line) } }

    private struct Handler: LogHandler {
        let lines: Lines
        var metadata = Logger.Metadata()
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let metadata = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            lines.add("\(event.level) \(event.message) \(metadata.joined(separator: " "))")
        }
    }
}

@Suite struct RetryLogTests {
    @Test func `a retry is a warning with its route and its error's code, without content`() async throws {
        let lines = Lines()
        let busy = ModelError.serverError(status: 503, retryAfter: nil, message: "canary")
        let route = Route(provider: "p", endpoint: "e", model: "m")
        let model = ScriptedModel([.failing(busy), .text("ok"), .text("ok")], route: route)
        let configuration = SessionConfiguration(retries: RetryPolicy(base: .zero))
        let session = try await Boundary(store: MemoryStore(), observers: [RetryLog(logger: lines.logger)])
            .session(SessionKey("canary"), model: model, configuration: configuration)
        try await session.respond(to: "canary")
        let line = try #require(lines.all.first)
        #expect(line.hasPrefix("warning a model call failed and will be made again "))
        for item in ["provider=p", "endpoint=e", "model=m", "step=0", "attempts=1", "error=server_error", "pause=0.0"] {
            #expect(line.contains("stateline.\(item)"), "\(line)")
        }
        #expect(!line.contains("canary"))
        try await session.respond(to: "canary")
        #expect(lines.all.count == 1, "normal operation logs nothing")
    }
}
