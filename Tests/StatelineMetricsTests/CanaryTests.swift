import Foundation
import InMemoryTracing
import Logging
import NIOCore
import Stateline
import StatelineMemory
import StatelineTesting
import Synchronization
import Testing
import Tracing

@testable import StatelineMetrics

/// A marker in everything that is secret, and every place where it must not show.
@Suite struct CanaryTests {
    /// 32 bytes, so that it is a key too.
    static let canary = "canary-6f1d2c-canary-6f1d2c-cana"
    private static let hexadecimal = canary.utf8.map { String($0, radix: 16) }.joined()
    private static let bytes = canary.utf8.map { String($0) }.joined(separator: ", ")

    private struct EchoTool: Tool {
        struct Arguments: Decodable, Sendable { let text: String }

        let name = "echo"
        let description = canary
        let parameters = JSONSchema.object()
        var fails = false

        func call(arguments: Arguments, context: ToolContext) async throws -> String {
            if fails { throw CancellationError() }
            return arguments.text + canary
        }
    }

    /// A store whose next requests fail, or whose replies are damaged.
    private final class BrokenStore: ForwardingStore {
        let base: any SessionStore = MemoryStore()
        let failure = Mutex<StoreError?>(nil)
        let damages = Mutex(false)

        func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
            if let error = failure.withLock({ $0 }) { throw error }
            let result = try await base.load(key, after: position)
            guard damages.withLock({ $0 }), case .tail(var batches) = result, let last = batches.popLast() else {
                return result
            }
            var bytes = last.bytes
            bytes.setInteger(0 as UInt8, at: bytes.writerIndex - 20)
            guard let damaged = try? EncodedBatch(stored: bytes) else { return result }
            return .tail(batches + [damaged])
        }

        func append(
            _ batch: EncodedBatch,
            to key: SessionKey,
            expecting position: Position
        ) async throws(StoreError) -> AppendResult {
            if let error = failure.withLock({ $0 }) { throw error }
            return try await base.append(batch, to: key, expecting: position)
        }
    }

    /// All that left the library.
    private final class Sinks: Sendable {
        let texts = Mutex<[(sink: String, text: String)]>([])
        let tracer = InMemoryTracer()
        let exporter = PrometheusExporter(definitions: MetricDefinition.turns)

        func take(_ sink: String, _ text: String) { texts.withLock { $0.append((sink, text)) } }

        struct Handler: LogHandler {
            let sinks: Sinks
            var metadata = Logger.Metadata()
            var logLevel = Logger.Level.trace

            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }

            func log(event: LogEvent) { sinks.take("log", "\(event.message) \(event.metadata ?? [:])") }
        }

        var observers: [any TurnObserver] {
            let logger = Logger(label: "canary") { _ in Handler(sinks: self) }
            return [
                TurnMetrics(factory: exporter, backend: "memory"), TurnSpans(tracer: tracer),
                RetryLog(logger: logger), Traces(sinks: self),
            ]
        }

        struct Traces: TurnObserver {
            let sinks: Sinks

            func turnEnded(_ turn: EndedTurn) {
                let trace = (try? JSONEncoder().encode(turn.trace)) ?? Data()
                sinks.take("trace", String(decoding: trace, as: UTF8.self))
                if case .failed(let error) = turn.outcome { sinks.take("outcome", "\(error)") }
            }
        }

        /// The texts, with those of the metrics and of the spans.
        var all: [(sink: String, text: String)] {
            let spans = tracer.finishedSpans.map { span in
                var attributes = "\(span.operationName) \(span.status.map { "\($0)" } ?? "")"
                // swift-format-ignore: ReplaceForEachWithForLoop
                span.attributes.forEach { attributes += " \($0)=\($1)" }
                return (sink: "span", text: attributes + " \(span.errors.map { "\($0.error)" }) \(span.events)")
            }
            return texts.withLock { $0 } + spans + [(sink: "metrics", text: exporter.text())]
        }
    }

    @Test func `no sink shows content, keys or headers, whatever fails`() async throws {
        let sinks = Sinks()
        let store = BrokenStore()
        let master = try #require(EncryptionKey(id: 3, bytes: Array(Self.canary.utf8)))
        let keys = KeyRing(master)
        let boundary = Boundary(store: store, keys: keys, observers: sinks.observers)
        let key = SessionKey("\(Self.canary) person", tenant: "acme")
        let call = ToolCall(id: Self.canary, name: "echo", arguments: #"{"text": "\#(Self.canary)"}"#)
        let wrong = ToolCall(id: "2", name: "echo", arguments: #"{"text": {"deep": "\#(Self.canary)"}}"#)
        let broken = ToolCall(id: "3", name: "echo", arguments: #"{"text": "\#(Self.canary)""#)
        let busy = ModelError.serverError(status: 503, retryAfter: .zero, message: "busy")
        let model = ScriptedModel([
            .text(Self.canary), .toolCalls(call), .text(Self.canary), .failing(busy), .text(Self.canary),
            .toolCalls(wrong), .text(Self.canary), .toolCalls(broken), .text(Self.canary),
            .failing(.truncatedAnswer(receivedBytes: 1)),
        ])
        var options = GenerationOptions()
        options.headers["X-Canary"] = Self.canary
        let configuration = SessionConfiguration(options: options, retries: RetryPolicy(base: .zero))
        let session = try await boundary.session(
            key,
            model: model,
            tools: [EchoTool()],
            instructions: Self.canary,
            configuration: configuration
        )
        func attempt(_ body: () async throws -> Void) async {
            do { try await body() } catch {
                sinks.take("error", "\(error)".replacing("\(key)", with: "SESSION"))
                sinks.take("error", String(reflecting: type(of: error)))
            }
        }
        for _ in 0..<6 { await attempt { try await session.respond(to: Self.canary) } }
        #expect(session.transcript.count > 8)
        store.failure.withLock { $0 = StoreError(.unavailable, committed: .no, message: "down") }
        await attempt { try await session.respond(to: Self.canary) }
        await attempt { try await session.refresh() }
        store.failure.withLock { $0 = nil }
        store.damages.withLock { $0 = true }
        await attempt { try await boundary.session(key, model: model).respond(to: Self.canary) }
        store.damages.withLock { $0 = false }
        for other in [nil, KeyRing(.random(id: 3)), KeyRing(.random(id: 4))] as [KeyRing?] {
            await attempt {
                try await Boundary(store: store, keys: other).session(key, model: model).respond(to: Self.canary)
            }
        }
        sinks.take("description", "\(keys) \(master) \(options.headers)")
        let texts = sinks.all
        #expect(Set(texts.map(\.sink)) == ["log", "trace", "outcome", "span", "metrics", "error", "description"])
        #expect(texts.filter { $0.sink == "error" }.count >= 12)
        for (sink, text) in texts {
            for form in [Self.canary, Self.hexadecimal, Self.bytes] {
                #expect(!text.contains(form), "\(sink): \(text.prefix(600))")
            }
        }
    }
}
