import Foundation
import NIOCore
import Stateline
import StatelineDialects
import StatelineMemory
import Testing

/// The ids of tool calls in requests.
@Suite struct CallIDTests {
    private static func answer(_ id: String) -> RawModel.Reply {
        RawModel.Reply(
            body: whole(
                #""content":null,"tool_calls":[{"id":"\#(id)","function":{"name":"list","arguments":"{}"}}]"#,
                finish: #","finish_reason":"tool_calls""#
            )
        )
    }

    private static let done = RawModel.Reply(body: whole(#""content":"Done.""#))

    /// Runs two turns, of two calls and of one, and returns the ids of the last request.
    private func sentIDs(
        _ ids: [String],
        profile: ServerProfile = .lenient
    ) async throws -> (calls: [String], outputs: [String]) {
        let replies = [Self.answer(ids[0]), Self.answer(ids[1]), Self.done, Self.answer(ids[2]), Self.done]
        let model = RawModel(replies, inPiecesOf: .max, profile: profile)
        let definition = ToolDefinition(name: "list", description: "", parameters: .object([:]))
        let session = try await Boundary(store: MemoryStore())
            .session(SessionKey("s"), model: model, tools: [JSONTool(definition) { _, _ in ToolResult("ok") }])
        try await session.respond(to: "first")
        try await session.respond(to: "second")
        let bodies = model.bodies.map { Array($0.utf8) }
        for (earlier, later) in zip(bodies, bodies.dropFirst()) {
            let end = try #require(earlier.firstRange(of: Array(#"],"tools""#.utf8)))
            #expect(later.starts(with: earlier[..<end.lowerBound]))
        }
        let body = try JSONSerialization.jsonObject(with: Data(bodies.last ?? [])) as? [String: Any]
        let messages = body?["messages"] as? [[String: Any]] ?? []
        return (
            messages.flatMap { $0["tool_calls"] as? [[String: Any]] ?? [] }.compactMap { $0["id"] as? String },
            messages.compactMap { $0["tool_call_id"] as? String }
        )
    }

    @Test(arguments: ["list:0", "call_0", "0", "functions.list:0"])
    func `an id that each answer uses again names one call in a request`(id: String) async throws {
        let sent = try await sentIDs([id, id, id])
        #expect(sent.calls == [id, "\(id)_3", "\(id)_7"])
        #expect(sent.outputs == sent.calls)
    }

    @Test func `ids that are different are sent as they came`() async throws {
        let ids = ["call_8fj2Kd93jfK2", "list:1", "call_Qp40vn3KWmz1"]
        let sent = try await sentIDs(ids)
        #expect(sent.calls == ids)
        #expect(sent.outputs == ids)
    }

    @Test func `ids have nine letters and digits where the profile demands it`() async throws {
        let sent = try await sentIDs(["D681PevKs", "list:0", "list:0"], profile: .mistral)
        #expect(sent.calls[0] == "D681PevKs")
        #expect(Set(sent.calls).count == 3)
        #expect(sent.calls.allSatisfy { $0.utf8.count == 9 && $0.allSatisfy { $0.isLetter || $0.isNumber } })
        #expect(sent.outputs == sent.calls)
        #expect(try await sentIDs(["D681PevKs", "list:0", "list:0"], profile: .mistral) == sent)
    }

    @Test func `an output without its call is sent with its own id`() {
        var buffer = ByteBuffer()
        let output = Entry(.toolOutput(ToolOutput(callID: "lost", name: "f", text: "a")))
        ChatCompletions().render([output], after: Transcript([.prompt("p")])[...], into: &buffer)
        #expect(String(buffer: buffer) == #",{"role":"tool","tool_call_id":"lost","name":"f","content":"a"}"#)
    }
}
