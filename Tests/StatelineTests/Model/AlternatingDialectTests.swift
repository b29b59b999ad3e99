import Foundation
import NIOCore
import StatelineMemory
import StatelineTesting
import Testing

@testable import Stateline

@Suite struct AlternatingDialectTests {
    private struct Body: Decodable {
        struct Message: Decodable {
            let role: String
            let content: [[String: String]]
        }

        let system: [String]
        let messages: [Message]
        let tools: [String]?
        let entries: Int
    }

    private static let call = ToolCall(id: "c", name: "look", arguments: "{}")
    private static let route = Route(provider: "test", model: "converse")

    private static func body(_ request: ModelRequest) throws -> Body {
        try JSONDecoder().decode(Body.self, from: Data(request.body.joined().readableBytesView))
    }

    @Test func `a prompt joins the tool output before it, and the instructions stand outside of the messages`()
        async throws
    {
        let model = ScriptedModel([.text("a")], dialect: AlternatingDialect(), route: Self.route)
        let output = ToolOutput(callID: "c", name: "look", text: "sunny")
        let session = try await Boundary(store: MemoryStore())
            .session(
                SessionKey("s"),
                model: model,
                instructions: "Be brief.",
                history: [.prompt("look"), Entry(.toolCalls([Self.call])), Entry(.toolOutput(output))]
            )
        try await session.respond(to: "and now?")
        let request = try #require(model.requests.first)
        #expect(request.path == "/model/converse/whole")
        #expect(request.route == Self.route)
        let body = try Self.body(request)
        #expect(body.system == ["Be brief."])
        #expect(body.messages.map(\.role) == ["user", "assistant", "user"])
        #expect(body.messages[2].content == [["output": "sunny"], ["text": "and now?"]])
        #expect(body.entries == 5)
    }

    @Test(arguments: [false, true])
    func `roles alternate in each request, which begins with the bytes of the one before`(hasTools: Bool) async throws {
        let model = ScriptedModel(dialect: AlternatingDialect(), route: Self.route) { call, request in
            hasTools && call % 3 == 0
                ? .answer(Answer(entries: [Entry(.reasoning(Reasoning(text: "hm"))), Entry(.toolCalls([Self.call]))]))
                : .answer(Answer(entries: [Entry(.reasoning(Reasoning(text: "hm"))), .response("\(call)")]))
        }
        let boundary = Boundary(store: MemoryStore())
        let tools: [any Tool] = hasTools ? [TestTool(name: "look")] : []
        for turn in 0..<12 {
            // A handle of its own each time: what is rendered on loading is what was rendered on appending.
            let session = try await boundary.session(
                SessionKey("s"),
                model: model,
                tools: tools,
                instructions: "Be brief."
            )
            let isSkipped = turn % 4 == 3
            if isSkipped { try await session.rewind(to: Revision(rawValue: UInt64(turn / 2 + 1))) }
            try await session.respond(to: "prompt \(turn)")
        }
        let end = hasTools ? AlternatingDialect().declaration(of: [TestTool(name: "look").definition]) : ByteBuffer()
        for request in model.requests {
            let body = try Self.body(request)
            let roles = body.messages.map(\.role)
            #expect(roles.first == "user" && roles.last == "user")
            #expect(zip(roles, roles.dropFirst()).allSatisfy { $0 != $1 })
            #expect(body.tools == (hasTools ? ["look"] : nil))
            #expect(end.readableBytes == 0 || String(buffer: request.body.joined()).contains(String(buffer: end)))
            #expect(request.prefixBytes <= request.body.byteCount)
        }
    }
}

@Suite struct TwoDialectsTests {
    private static let key = SessionKey("s")

    @Test func `a session that alternates between two dialects renders each entry once for each`() throws {
        let (a, b) = (CountingLines(variant: "a"), CountingLines(variant: "b"))
        var writer = LogWriter(Self.key)
        var snapshot = try Snapshot.folding([writer.append(.instructions("i"))], of: Self.key, dialect: a)
        for turn in 0..<50 {
            snapshot = snapshot.rendered(for: turn.isMultiple(of: 2) ? b : a)
            snapshot = try snapshot.following([writer.append(.prompt("p\(turn)"), .response("r"))])
            #expect(snapshot.rendering.entryCount == snapshot.transcript.count)
        }
        snapshot = snapshot.rendered(for: b)
        #expect(a.count <= 101)
        #expect(b.count == 101)
        #expect(snapshot.rendering.bytes == Self.lines(snapshot, b))
        #expect(snapshot.rendered(for: a).rendering.bytes == Self.lines(snapshot, a))
    }

    @Test func `a rewind cuts both renderings`() throws {
        let (a, b) = (CountingLines(variant: "a"), CountingLines(variant: "b"))
        var writer = LogWriter(Self.key)
        var log = [writer.append(.instructions("i"))]
        for turn in 0..<10 { log.append(writer.append(.prompt("p\(turn)"), .response("r"))) }
        var snapshot = try Snapshot.folding(log, of: Self.key, dialect: a).rendered(for: b)
        var view = Batch(.view, turn: .random(), created: .now())
        view.view = Batch.View(base: 11, kept: 5)
        snapshot = try snapshot.following([writer.append(view), writer.append(.prompt("other"), .response("r"))])
        for dialect in [a, b, a] {
            snapshot = snapshot.rendered(for: dialect)
            #expect(snapshot.rendering.bytes == Self.lines(snapshot, dialect))
        }
        #expect(a.count == 23 && b.count == 23)
        #expect(snapshot.weight > 2 * snapshot.rendering.byteCount)
    }

    private static func lines(_ snapshot: Snapshot, _ dialect: CountingLines) -> [UInt8] {
        Array(snapshot.transcript.map(dialect.line).joined().utf8)
    }
}
