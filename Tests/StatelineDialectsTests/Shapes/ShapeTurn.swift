import Foundation
import NIOCore
import Stateline
import StatelineDialects
import StatelineMemory

/// A turn that a model of one shape answers, and the request of the next turn.
struct ShapeTurn {
    /// The text of the parts that were shown.
    var shownText = ""
    /// The reasoning of the parts that were shown.
    var shownReasoning = ""
    /// The calls that were run: the tool's name, a space, the arguments.
    var calls: [String] = []
    /// The response; `nil` if the turn failed.
    var response: Response<String>?
    /// The error that the turn ended with.
    var error: ModelError?
    /// The text and the reasoning that the session keeps of the turn.
    var keptText = ""
    var keptReasoning = ""
    /// The entries of the session after the turn.
    var entryCount = 0
    /// The body of the next turn's request.
    var nextBody = ""

    /// Runs both turns.
    init(
        _ shape: ProviderShape,
        profile: ServerProfile,
        inPiecesOf length: Int = .max,
        policy: SessionConfiguration.IncompleteAnswerPolicy = .discard,
        hasCalls: Bool
    ) async throws {
        let done = shape.isStreamed ? events(textChunk("Done."), endChunk()) : whole(#""content":"Done.""#)
        let rest = hasCalls ? [RawModel.Reply(body: done), RawModel.Reply(body: done)] : [RawModel.Reply(body: done)]
        let model = RawModel(shape.replies + rest, inPiecesOf: length, profile: profile)
        let session = try await Boundary(store: MemoryStore())
            .session(
                SessionKey("s"),
                model: model,
                tools: [Self.tool("weather"), Self.tool("time")],
                configuration: SessionConfiguration(retries: .none, incompleteAnswers: policy)
            )
        do {
            if shape.isStreamed {
                for try await part in session.streamResponse(to: "first") { take(part) }
            } else {
                take(.response(try await session.respond(to: "first")))
            }
        } catch {
            guard case .model(let cause, _) = error else { throw error }
            self.error = cause
        }
        for entry in session.transcript {
            switch entry.content {
            case .response(let parts): for case .text(let text) in parts { keptText += text }
            case .reasoning(let reasoning): keptReasoning += reasoning.text
            default: break
            }
        }
        entryCount = session.transcript.count
        try await session.respond(to: "second")
        nextBody = model.bodies.last ?? ""
    }

    private static func tool(_ name: String) -> JSONTool {
        JSONTool(ToolDefinition(name: name, description: "", parameters: .object([:]))) { _, _ in ToolResult("ok") }
    }

    private mutating func take(_ part: ResponsePart<String>) {
        switch part {
        case .text(let text): shownText += text
        case .reasoning(let text): shownReasoning += text
        case .response(let response): take(response)
        default: break
        }
    }

    private mutating func take(_ response: Response<String>) {
        self.response = response
        for entry in response.entries {
            if case .toolCalls(let calls) = entry.content { self.calls += calls.map { "\($0.name) \($0.arguments)" } }
        }
    }

    // MARK: The next request

    /// The messages of the next request.
    func messages() throws -> [[String: Any]] {
        let body = try JSONSerialization.jsonObject(with: Data(nextBody.utf8)) as? [String: Any]
        return body?["messages"] as? [[String: Any]] ?? []
    }

    /// The text of the model's messages in the next request.
    func sentText() throws -> String {
        try messages().filter { $0["role"] as? String == "assistant" }
            .map { message in
                if let parts = message["content"] as? [[String: Any]] {
                    return parts.compactMap { $0["text"] as? String }.joined()
                }
                return message["content"] as? String ?? ""
            }
            .joined()
    }

    /// The ids of the calls in the next request, and those of the outputs, in order.
    func sentIDs() throws -> (calls: [String], outputs: [String]) {
        let messages = try messages()
        let calls = messages.flatMap { $0["tool_calls"] as? [[String: Any]] ?? [] }.compactMap { $0["id"] as? String }
        return (calls, messages.compactMap { $0["tool_call_id"] as? String })
    }
}
