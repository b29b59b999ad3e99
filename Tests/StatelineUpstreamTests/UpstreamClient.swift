import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import StatelineUpstream

/// Sends JSON to an upstream, as any client of the API would.
struct UpstreamClient {
    struct Reply {
        var status: Int
        var headers: HTTPHeaders
        var body: String

        func decode<T: Decodable>(_ type: T.Type = T.self) throws -> T {
            try JSONDecoder().decode(type, from: Data(body.utf8))
        }

        /// The objects of an event stream, without the `[DONE]` that has to end it.
        func events() throws -> [Chunk] {
            let lines = body.split(separator: "\n\n").map { $0.dropFirst("data: ".count) }
            guard lines.last == "[DONE]" else { throw NotDone() }
            return try lines.dropLast().map { try JSONDecoder().decode(Chunk.self, from: Data($0.utf8)) }
        }
    }

    struct NotDone: Error {}

    let upstream: Upstream

    func chat(_ body: String, session: String? = nil) async throws -> Reply {
        try await send(.POST, "/v1/chat/completions", body, session: session)
    }

    func chat(prompt: String, _ rest: String = "") async throws -> Reply {
        try await chat(Self.body([("user", prompt)], rest))
    }

    func send(
        _ method: HTTPMethod,
        _ path: String,
        _ body: String? = nil,
        session: String? = nil
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: upstream.rootURL + path)
        request.method = method
        if let session { request.headers.add(name: "x-stateline-session", value: session) }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let bytes = try await response.body.collect(upTo: 1 << 26)
        return Reply(status: Int(response.status.code), headers: response.headers, body: String(buffer: bytes))
    }

    static func body(_ messages: [(role: String, text: String)], _ rest: String = "") -> String {
        let list = messages.map { #"{"role":"\#($0.role)","content":\#(quoted($0.text))}"# }
        return #"{"messages":[\#(list.joined(separator: ","))],"model":"any"\#(rest)}"#
    }

    static func quoted(_ text: String) -> String {
        String(decoding: try! JSONEncoder().encode(text), as: UTF8.self)
    }
}

struct Completion: Decodable {
    struct Choice: Decodable {
        struct Message: Decodable {
            var content: String?
            var refusal: String?
            var reasoning_content: String?
            var tool_calls: [ToolCall]?
        }

        var message: Message
        var finish_reason: String
    }

    var id: String
    var choices: [Choice]
    var usage: TokenUsage
}

struct Chunk: Decodable {
    struct Choice: Decodable {
        struct Delta: Decodable {
            var content: String?
            var refusal: String?
            var reasoning_content: String?
            var tool_calls: [ToolCall]?
        }

        var delta: Delta
        var finish_reason: String?
    }

    var choices: [Choice]
    var usage: TokenUsage?
}

struct ToolCall: Decodable, Equatable {
    struct Function: Decodable, Equatable {
        var name: String
        var arguments: String
    }

    var index: Int?
    var id: String
    var function: Function
}

struct TokenUsage: Decodable, Equatable {
    struct PromptDetails: Decodable, Equatable {
        var cached_tokens: Int
    }

    struct CompletionDetails: Decodable, Equatable {
        var reasoning_tokens: Int
    }

    var prompt_tokens: Int
    var completion_tokens: Int
    var total_tokens: Int
    var prompt_tokens_details: PromptDetails
    var completion_tokens_details: CompletionDetails
}

struct Failure: Decodable {
    struct Details: Decodable {
        var message: String
        var type: String
        var code: String?
    }

    var error: Details
}
