// An agent with two tools, streamed over real HTTP from the stateless model server of this package.
import Foundation
import Stateline
import StatelineMemory
import StatelineModels
import StatelineUpstream

struct Stock: Tool {
    struct Arguments: Decodable, Sendable { let item: String }
    let name = "stock"
    let description = "The number of an item in stock."
    let parameters = JSONSchema.object(["item": .string()], required: ["item"])
    func call(arguments: Arguments, context: ToolContext) async throws -> String {
        arguments.item == "pears" ? "12" : "0"
    }
}

struct Order: Tool {
    struct Arguments: Decodable, Sendable {
        let item: String
        let count: Int
    }
    let name = "order"
    let description = "Orders items."
    let parameters = JSONSchema.object(["item": .string(), "count": .integer()], required: ["item", "count"])
    func call(arguments: Arguments, context: ToolContext) async throws -> String {
        "ordered \(arguments.count) \(arguments.item)"
    }
}

/// Ends the program if something does not hold.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    guard !condition else { return }
    print("failed:", message())
    exit(1)
}

try await Upstream.withServer { upstream in
    let session = try await Boundary(store: MemoryStore())
        .session(
            SessionKey("purchase"),
            model: try ChatCompletionsModel(baseURL: upstream.baseURL, model: "any"),
            tools: [Stock(), Order()],
            instructions: "Order what is asked for, if it is in stock."
        )
    // The lines that begin with a slash tell the server which tools to call; a real model decides that itself.
    let prompt = """
        Are there pears? Then order three.
        /tool stock {"item":"pears"}
        /then
        /tool order {"item":"pears","count":3}
        """
    var text = ""
    var outputs: [String] = []
    for try await part in session.streamResponse(to: prompt) {
        switch part {
        case .text(let piece): text += piece
        case .toolOutput(let output): outputs.append(Entry(.toolOutput(output)).text)
        case .response(let response):
            require(response.content.hasSuffix(text.suffix(20)), "the stream has the answer's text")
            require(response.trace.crossings.count == 3, "\(response.trace.crossings.count) calls")
        default: break
        }
    }
    require(outputs == ["12", "ordered 3 pears"], "the tools returned \(outputs)")
    let thanks = try await session.respond(to: "Thank you")
    let report = await upstream.report()
    require(thanks.trace.sentAgainBytes > 0, "the second turn sends the first again")
    require(
        report.sentAgainBytes == session.snapshot.head.totals.sentAgainBytes,
        "the server saw \(report.sentAgainBytes) bytes again, the session says \(session.snapshot.head.totals.sentAgainBytes)"
    )
    print("4 calls, 2 tools, \(report.sentAgainBytes) bytes sent again as the server counts them too")
}
