import Foundation
import NIOCore
import Stateline
import StatelineMemory
import StatelineDialects
import StatelineTesting
import Synchronization
import Testing

/// Conversations with tools that really took place, where the traces are at hand.
@Suite(.enabled(if: Traces.count > 0, "the traces are not here: set STATELINE_TRACES"))
struct RealConversationTests {
    /// The messages that a body carries.
    private static func messages(_ body: GatherList) throws -> [NSDictionary] {
        let object = try JSONSerialization.jsonObject(with: Data(body.joined().readableBytesView))
        let body = try #require(object as? NSDictionary)
        return try #require(body["messages"] as? [NSDictionary])
    }

    /// Whether each call of a list of messages has its output right behind it.
    private static func hasAllOutputs(_ messages: [NSDictionary]) -> Bool {
        var open: Set<String> = []
        for message in messages {
            if message["role"] as? String == "tool" {
                guard let id = message["tool_call_id"] as? String, open.remove(id) != nil else { return false }
                continue
            }
            guard open.isEmpty else { return false }
            let calls = message["tool_calls"] as? [NSDictionary] ?? []
            open = Set(calls.compactMap { $0["id"] as? String })
            guard open.count == calls.count else { return false }
        }
        return open.isEmpty
    }

    @Test(arguments: 0..<Traces.count)
    func `cut anywhere, a conversation is rendered whole and each call has its output`(number: Int) async throws {
        let original = try Traces.messages(of: number)
        #expect(original.count > 1)
        let boundary = Boundary(store: MemoryStore())
        let model = ScriptedModel([], dialect: ChatCompletions())
        for cut in 0...original.count {
            let bytes = try JSONSerialization.data(withJSONObject: Array(original.prefix(cut)))
            let history = try ChatCompletions.entries(fromMessages: ByteBuffer(bytes: bytes))
            let session = try await boundary.session(
                SessionKey("\(cut)"),
                model: model,
                history: history,
                opening: .create
            )
            var turn = try await session.checkout("And now?")
            let rendered = try Self.messages(turn.request.body)
            #expect(Array(rendered.prefix(cut)) == Array(original.prefix(cut)), "cut at \(cut)")
            #expect(Self.hasAllOutputs(rendered), "cut at \(cut)")
            #expect(rendered.last?["content"] as? String == "And now?")
        }
    }

    private static let strategies: [[any ContextStrategy]] = [
        [.rollingWindow(turns: 1)], [.rollingWindow(turns: 2)], [.rollingWindow(tokens: 600)],
        [.dropCompletedToolCalls(keepingLast: 0)], [.dropCompletedToolCalls(keepingLast: 2)],
        [.trimToolOutputs(over: 20)], [.summarize(with: FunctionModel { _ in .text("Notes.") }, keepingLast: 1)],
        [.trimToolOutputs(over: 50), .dropCompletedToolCalls(keepingLast: 1), .rollingWindow(turns: 3)],
    ]

    @Test(arguments: 0..<Traces.count)
    func `cut anywhere and made smaller, a conversation has all outputs, and a rewind restores it`(
        number: Int
    ) async throws {
        let original = try Traces.messages(of: number)
        let boundary = Boundary(store: MemoryStore())
        let model = ScriptedModel([], dialect: ChatCompletions())
        for cut in 0...original.count {
            let bytes = try JSONSerialization.data(withJSONObject: Array(original.prefix(cut)))
            let history = try ChatCompletions.entries(fromMessages: ByteBuffer(bytes: bytes))
            let session = try await boundary.session(
                SessionKey("\(cut)"),
                model: model,
                history: history,
                opening: .create
            )
            let strategies = Self.strategies[(cut + number) % Self.strategies.count]
            guard let compaction = try await session.compact(with: strategies) else { continue }
            var turn = try await session.checkout("And now?")
            let rendered = try Self.messages(turn.request.body)
            #expect(Self.hasAllOutputs(rendered), "cut at \(cut), \(strategies)")
            #expect(rendered.first?["role"] as? String == original.first?["role"] as? String, "cut at \(cut)")
            await turn.abandon()
            try await session.rewind(to: compaction.previousRevision)
            #expect(session.transcript == Transcript(history), "cut at \(cut)")
        }
    }

    /// The messages with one lost, doubled, or moved to another place.
    private static func damaged(_ messages: [NSDictionary], using random: inout SeededGenerator) -> [NSDictionary] {
        guard !messages.isEmpty else { return messages }
        var messages = messages
        let (index, other) = (
            messages.indices.randomElement(using: &random)!, messages.indices.randomElement(using: &random)!
        )
        switch Int.random(in: 0..<3, using: &random) {
        case 0: messages.remove(at: index)
        case 1: messages.insert(messages[index], at: other)
        default: messages.insert(messages.remove(at: index), at: other)
        }
        return messages
    }

    @Test(arguments: 0..<Traces.count)
    func `cut anywhere and damaged, a conversation is loaded, repaired and sent as providers accept it`(
        number: Int
    ) async throws {
        let original = try Traces.messages(of: number)
        let store = MemoryStore()
        let model = ScriptedModel([], dialect: ChatCompletions())
        var random = SeededGenerator(seed: UInt64(number))
        for cut in 0...original.count {
            let messages = Self.damaged(Array(original.prefix(cut)), using: &random)
            let bytes = try JSONSerialization.data(withJSONObject: messages)
            let history = try ChatCompletions.entries(fromMessages: ByteBuffer(bytes: bytes))
            let key = SessionKey("\(cut)")
            _ = try await Boundary(store: store).session(key, model: model, history: history, opening: .create)
            // Another process loads it.
            let session = try await Boundary(store: store).session(key, model: model)
            var turn = try await session.checkout("And now?")
            let rendered = try Self.messages(turn.request.body)
            #expect(Self.hasAllOutputs(rendered), "cut at \(cut)")
            let roles = rendered.compactMap { $0["role"] as? String }
            #expect(!zip(roles, roles.dropFirst()).contains { $0 == "user" && $1 == "user" }, "cut at \(cut)")
            await turn.abandon()
            let revision = session.snapshot.position.revision
            let again = try await session.checkout("And now?")
            await again.abandon()
            #expect(session.snapshot.position.revision == revision, "cut at \(cut): a repair is made once")
        }
    }

    /// A tool that says what it said in the recorded conversation.
    private struct Recorded: Tool {
        struct Arguments: Decodable, Sendable {}

        let name: String
        let outputs: Outputs
        let description = "Recorded."
        let parameters = JSONSchema.object()

        func call(arguments: Arguments, context: ToolContext) async throws -> String { outputs.next() }
    }

    /// The recorded outputs, in order.
    private final class Outputs: Sendable {
        private let rest: Mutex<ArraySlice<String>>

        init(_ texts: [String]) {
            self.rest = Mutex(texts[...])
        }

        func next() -> String { rest.withLock { $0.popFirst() ?? "" } }
    }

    @Test(arguments: 0..<Traces.count)
    func `held again turn by turn, a conversation gives the same messages`(number: Int) async throws {
        let original = try Traces.messages(of: number)
        // Turns begin at a user's message and end at an answer without calls: what is behind the last one is left.
        let last = original.lastIndex { $0["role"] as? String == "assistant" && $0["tool_calls"] == nil } ?? 0
        let messages = Array(original.prefix(through: last))
        let answers = messages.filter { $0["role"] as? String == "assistant" }
        let parsed = try answers.map { message in
            let data = try JSONSerialization.data(withJSONObject: [message])
            return try ChatCompletions.entries(fromMessages: ByteBuffer(bytes: data))
        }
        let model = ScriptedModel(parsed.map { .answer(Answer(entries: $0)) }, dialect: ChatCompletions())
        let outputs = Outputs(
            messages.filter { $0["role"] as? String == "tool" }.compactMap { $0["content"] as? String }
        )
        let names = Set(parsed.joined().flatMap { Answer(entries: [$0]).toolCalls.map(\.name) })
        let session = try await Boundary(store: MemoryStore())
            .session(
                SessionKey("s"),
                model: model,
                tools: names.sorted().map { Recorded(name: $0, outputs: outputs) },
                instructions: messages.first?["content"] as? String,
                configuration: SessionConfiguration(maximumSteps: 1000)
            )
        for message in messages where message["role"] as? String == "user" {
            try await session.respond(to: message["content"] as? String ?? "")
        }
        var turn = try await session.checkout("end")
        let rendered = try Self.messages(turn.request.body)
        #expect(Array(rendered.dropLast()) == messages)
    }
}

/// The recorded conversations, where they are.
private enum Traces {
    /// How many there are; 0 where they are not at hand.
    static var count: Int { lines.count }

    /// The messages of one of them, in Chat Completions form.
    static func messages(of number: Int) throws -> [NSDictionary] {
        let object = try JSONSerialization.jsonObject(with: lines[number]) as? NSDictionary
        return try #require(object?["messages"] as? [NSDictionary])
    }

    private static let lines: [Data] = {
        let environment = ProcessInfo.processInfo.environment["STATELINE_TRACES"]
        let root = URL(filePath: #filePath).appending(path: "../../../../..").standardized
        let folder = environment.map { URL(filePath: $0) } ?? root.appending(path: "shared/traces")
        let file = folder.appending(path: "tool-conversations.jsonl.gz")
        guard FileManager.default.fileExists(atPath: file.path) else { return [] }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", file.path]
        guard let data = try? ProcessLaunch.output(of: process) else { return [] }
        return data.split(separator: UInt8(ascii: "\n")).map { Data($0) }
    }()
}
