internal import Foundation
internal import Stateline

/// A model in this process that takes the time that a plan gives it, and says what the plan lets it say.
///
/// It counts the tokens of each request that crosses by itself.
struct PlannedModel: LanguageModel {
    /// What the model is to say in the turn that is under way.
    struct Reply: Sendable {
        /// The text that stays in the history.
        var text: String
        /// The answer's tokens, those that do not stay included.
        var tokens: Int
        /// How long each call takes.
        var time: Duration
        /// How many tools are called before.
        var toolCalls: Int
    }

    /// What it is to say now.
    @TaskLocal static var reply = Reply(text: "", tokens: 0, time: .zero, toolCalls: 0)

    /// Lets the time of a call pass.
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

/// The tool that the model calls: gives 64 tokens of text.
struct PlannedTool: Tool {
    struct Arguments: Decodable, Sendable {
        let from: Int
    }

    let name = "look"
    let description = "Looks at something."
    let parameters = JSONSchema.object(["from": .integer()], required: ["from"])

    func call(arguments: Arguments) async throws -> String {
        ConversationText(session: arguments.from).text(0..<64)
    }
}

extension Entry {
    fileprivate var isPrompt: Bool { if case .prompt = content { true } else { false } }
    fileprivate var isToolOutput: Bool { if case .toolOutput = content { true } else { false } }
}
