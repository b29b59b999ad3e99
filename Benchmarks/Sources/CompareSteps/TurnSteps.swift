internal import Stateline

/// Turns with durability by step: the model calls a tool in each answer, until all steps are done.
struct TurnSteps: Sendable {
    /// The sessions.
    let boundary: Boundary

    private static let definition = ToolDefinition(
        name: "work",
        description: "Works.",
        parameters: .object(["text": .string()], required: ["text"])
    )

    /// Runs a turn of a new session, or continues the turn of a session whose process has died.
    ///
    /// - Parameters:
    ///   - key: The session.
    ///   - steps: The number of steps: answers of the model and outputs of tools in turn, 1 KiB each.
    ///   - work: The work of a step.
    /// - Returns: The number of steps that the session keeps.
    /// - Throws: The error of the session.
    func run(_ key: SessionKey, steps: Int, work: StepWork) async throws -> Int {
        precondition(steps.isMultiple(of: 2), "each answer has an output")
        let model = FunctionModel { request in
            let index = 2 * request.transcript.outputs
            guard index < steps else { return .text("done") }
            let arguments = "{\"text\":\"\(try work(index))\"}"
            let call = ToolCall(id: "\(index)", name: Self.definition.name, arguments: arguments)
            return Answer(entries: [Entry(.toolCalls([call]))], finishReason: .toolCalls)
        }
        let tool = JSONTool(Self.definition, isIdempotent: true) { _, context in
            ToolResult(try work((Int(context.call) ?? 0) + 1))
        }
        let configuration = SessionConfiguration(
            maximumSteps: steps,
            orphans: .rerunIfIdempotent,
            durability: .step,
            // A check waits for the lease of the dead process.
            leaseTerm: .seconds(2)
        )
        let session = try await boundary.session(key, model: model, tools: [tool], configuration: configuration)
        if session.snapshot.openTurn == nil {
            _ = try await session.respond(to: "go")
        } else {
            _ = try await session.resume()
        }
        return 2 * session.transcript.outputs
    }
}

extension Transcript {
    /// The number of outputs of tools.
    fileprivate var outputs: Int { count { if case .toolOutput = $0.content { true } else { false } } }
}

/// The error of a turn that ended without some of its steps.
struct MissingSteps: Error, CustomStringConvertible {
    /// The steps that the session keeps.
    let kept: Int
    /// The steps of the turn.
    let steps: Int

    var description: String { "the session keeps \(kept) steps, of \(steps)" }
}
