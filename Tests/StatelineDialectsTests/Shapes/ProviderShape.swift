import Stateline
import StatelineDialects
import Testing

/// An answer in a shape that a server is known for, and its meaning.
struct ProviderShape: Sendable, CustomTestStringConvertible {
    /// The meaning of an answer that is an error.
    struct Failure: Sendable {
        /// The code of the error.
        var code: String
        /// A text that the error's description holds: the provider's words.
        var words = ""
        /// The text that is kept if the policy is to keep it; `nil` if there is none.
        var kept: String?
    }

    /// A text that the next request holds, or does not hold.
    struct Sent: Sendable {
        var profile: ServerProfile
        var text: String
        var isThere = true
    }

    let server: String
    let kind: String
    /// The preset for the server.
    let preset: ServerProfile
    /// `true` if a stream was asked for.
    let isStreamed: Bool
    /// The answers of the turn's calls in this shape; after calls of tools a plain answer follows.
    let replies: [RawModel.Reply]
    var text = "Hello"
    var reasoning = ""
    /// The calls that are run: the tool's name, a space, the arguments.
    var calls: [String] = []
    var finishReason = FinishReason.stop
    /// The error in place of an answer.
    var failure: Failure?
    /// The error of a strict reader; `nil` if it reads the same answer.
    var strict: String?
    /// The calls as a strict reader takes them; `nil` if they are the same.
    var strictCalls: [String]?
    /// The text of the next request.
    var sent: [Sent] = []

    var testDescription: String { "\(server), \(isStreamed ? "streamed" : "plain"): \(kind)" }

    /// A list of shapes, whose elements the compiler checks one by one.
    @resultBuilder enum List {
        static func buildExpression(_ shape: ProviderShape) -> ProviderShape { shape }
        static func buildBlock(_ shapes: ProviderShape...) -> [ProviderShape] { shapes }
    }

    static func list(@List _ shapes: () -> [ProviderShape]) -> [ProviderShape] { shapes() }

    /// All shapes.
    static let all = endings + wire + contents + reasonings + documentedCalls + oddCalls + failures

    static func streamed(
        _ server: String,
        _ kind: String,
        as preset: ServerProfile = .lenient,
        _ body: String,
        ending: RawModel.Ending = .clean,
        _ change: (inout ProviderShape) -> Void = { _ in }
    ) -> ProviderShape {
        var shape = ProviderShape(
            server: server,
            kind: kind,
            preset: preset,
            isStreamed: true,
            replies: [RawModel.Reply(body: body, ending: ending)]
        )
        change(&shape)
        return shape
    }

    static func plain(
        _ server: String,
        _ kind: String,
        as preset: ServerProfile = .lenient,
        _ body: String,
        _ change: (inout ProviderShape) -> Void = { _ in }
    ) -> ProviderShape {
        var shape = ProviderShape(
            server: server,
            kind: kind,
            preset: preset,
            isStreamed: false,
            replies: [RawModel.Reply(body: body)]
        )
        change(&shape)
        return shape
    }
}

/// A chunk of a stream.
func chunk(_ delta: String, finish: String = "null", rest: String = "") -> String {
    let choice = #"{"index":0,"delta":{\#(delta)},"finish_reason":\#(finish)}"#
    return #"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[\#(choice)]\#(rest)}"#
}

/// The chunk that ends a stream.
func endChunk(_ word: String = "stop") -> String { chunk("", finish: "\"\(word)\"") }

/// The chunk of a text.
func textChunk(_ text: String) -> String { chunk(#""content":\#(JSONText.quoted(text))"#) }

/// The chunk of a tool call.
func callChunk(_ call: String) -> String { chunk(#""tool_calls":[{\#(call)}]"#) }

/// A whole answer.
func whole(_ message: String, finish: String = #","finish_reason":"stop""#, rest: String = "") -> String {
    let choice = #"{"index":0,"message":{"role":"assistant",\#(message)}\#(finish)}"#
    return #"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[\#(choice)]\#(rest)}"#
}

/// Events without the end mark.
func open(_ payloads: String...) -> String { payloads.map { "data: \($0)\n\n" }.joined() }

/// Events with the end mark.
func events(_ payloads: String...) -> String { (payloads + ["[DONE]"]).map { "data: \($0)\n\n" }.joined() }
