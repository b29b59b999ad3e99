internal import Foundation
internal import Stateline

/// A model in this process whose time and answer are planned.
///
/// It counts the tokens of each request itself.
struct PlannedModel: LanguageModel {
    /// The planned reply of a turn.
    struct Reply: Sendable {
        /// The text that stays in the history.
        var text: String
        /// The answer's tokens, those that do not stay in the history included.
        var tokens: Int
        /// The time of each call.
        var time: Duration
        /// The number of tools that are called first.
        var toolCalls: Int
    }

    /// The reply of the current turn.
    @TaskLocal static var reply = Reply(text: "", tokens: 0, time: .zero, toolCalls: 0)

    /// Waits for the time of a call.
    let work: @Sendable (Duration) async throws -> Void

    var dialect: any Dialect { PlainText() }
    var route: Route { Route(provider: "load", model: "planned") }

    func call(_ request: ModelRequest, stopwatch: Stopwatch) async throws(ModelError) -> ModelReply {
        let reply = Self.reply
        do { try await work(reply.time) } catch { throw .cancelled }
        let usage = Usage(
            input: .init(totalTokenCount: request.body.byteCount / Corpus.tokenBytes),
            output: .init(totalTokenCount: reply.tokens)
        )
        if reply.toolCalls > 0 {
            let outputs = request.transcript.reversed().prefix { !$0.isPrompt }.count { $0.isToolOutput }
            if outputs < reply.toolCalls {
                let call = ToolCall(id: "call \(outputs + 1)", name: "look", arguments: #"{"from":   1}   "#)
                return .answer(Answer(entries: [Entry(.toolCalls([call]))], finishReason: .toolCalls, usage: usage))
            }
        }
        return .answer(.text(reply.text, usage: usage))
    }
}

/// The tool that the model calls, which returns 64 tokens of text.
struct PlannedTool: Tool {
    struct Arguments: Decodable, Sendable {
        let from: Int
    }

    let name = "look"
    let description = "Looks at something."
    let parameters = JSONSchema.object(["from": .integer()], required: ["from"])

    func call(arguments: Arguments, context: ToolContext) async throws -> String {
        ConversationText(session: arguments.from).text(0..<64)
    }
}

extension Entry {
    fileprivate var isPrompt: Bool { if case .prompt = content { true } else { false } }
    fileprivate var isToolOutput: Bool { if case .toolOutput = content { true } else { false } }
}
