/// The tools of a session.
struct Toolbox: Sendable {
    private let tools: [String: any Tool]
    private let clientTools: Set<String>
    private let clock: any Clock<Duration>
    /// The definitions that the model is given, in the order of the tools.
    let definitions: [ToolDefinition]

    /// Collects tools.
    ///
    /// - Parameters:
    ///   - tools: The tools.
    ///   - clientTools: Tools that the caller runs.
    ///   - clock: The clock of the tools' time limits.
    /// - Throws: ``ToolError/duplicateName(_:)``.
    init(_ tools: [any Tool], clientTools: [ToolDefinition] = [], clock: any Clock<Duration>) throws(ToolError) {
        self.definitions = tools.map { $0.definition } + clientTools
        var names: Set<String> = []
        for tool in definitions where !names.insert(tool.name).inserted { throw .duplicateName(tool.name) }
        self.tools = Dictionary(uniqueKeysWithValues: tools.map { ($0.name, $0) })
        self.clientTools = Set(clientTools.map(\.name))
        self.clock = clock
    }

    /// The outcome of a step's tool calls.
    struct Run: Sendable {
        /// The outputs, in the order of the calls: all of them, unless the task was cancelled.
        var outputs: [ToolOutput] = []
        /// The calls that are the caller's to run.
        var clientCalls: [ToolCall] = []
        /// The error that the turn ends with, if it cannot continue.
        var failure: SessionError?
    }

    /// The turn that asks for tools.
    struct Caller: Sendable {
        let session: SessionKey
        let turn: TurnID
        let configuration: SessionConfiguration
        /// The time that is left of the turn; `nil` for no limit but the tools' own.
        let timeLeft: Duration?
        /// The values of the turn.
        let values: TurnValueTable

        fileprivate func context(of call: ToolCall, _ state: TurnValues) -> ToolContext {
            ToolContext(
                session: session,
                turn: turn,
                call: call.id,
                principal: configuration.principal,
                permissions: configuration.permissions,
                state: state,
                attributes: configuration.attributes
            )
        }
    }

    /// Runs calls concurrently, other than those of the caller's own tools.
    ///
    /// If the task is cancelled, only the tools that had returned by then have an output.
    func run(_ calls: [ToolCall], for caller: Caller) async -> Run {
        var outcome = Run(clientCalls: calls.filter { clientTools.contains($0.name) })
        let calls = outcome.clientCalls.isEmpty ? calls : calls.filter { !clientTools.contains($0.name) }
        let results = await withTaskGroup(of: (Int, Result<ToolResult, ToolError>).self) { group in
            for (index, call) in calls.enumerated() { group.addTask { (index, await run(call, for: caller)) } }
            return await group.reduce(into: [Int: Result<ToolResult, ToolError>]()) { $0[$1.0] = $1.1 }
        }
        let isCancelled = Task.isCancelled
        if isCancelled { outcome.failure = .cancelled() }
        for (index, call) in calls.enumerated() {
            switch results[index] {
            case .success(let result)?: outcome.outputs.append(ToolOutput(result, of: call))
            case .failure(let error)? where !isCancelled:
                let denial = error.denial(of: caller.configuration.principal)
                outcome.outputs.append(ToolOutput(.failure("\(error)"), of: call, denial: denial))
                guard denial == nil, caller.configuration.toolFailures == .fail else { continue }
                if outcome.failure == nil { outcome.failure = .tool(error) }
            case .failure?, nil: outcome.failure = .cancelled()
            }
        }
        return outcome
    }

    private func run(_ call: ToolCall, for caller: Caller) async -> Result<ToolResult, ToolError> {
        guard let tool = tools[call.name] else { return .failure(.unknownTool(name: call.name)) }
        let missing = tool.requiredPermissions.subtracting(caller.configuration.permissions)
        guard missing.isEmpty else { return .failure(.notPermitted(tool: call.name, missing: missing.sorted())) }
        let state = caller.values.open()
        // A call that is left behind at its limit changes nothing any more.
        defer { state.close() }
        let context = caller.context(of: call, state)
        let limit = min(tool.timeout, caller.timeLeft ?? tool.timeout)
        return await firstResult(of: [
            {
                do throws(ToolError) {
                    return .success(try await tool.call(json: call.arguments, context: context))
                } catch {
                    return .failure(error)
                }
            },
            { [clock] in
                try? await clock.sleep(for: limit.asPause)
                return .failure(.timedOut(tool: call.name, after: limit))
            },
        ])
    }
}

extension ToolOutput {
    fileprivate init(_ result: ToolResult, of call: ToolCall, denial: Denial? = nil) {
        self.init(callID: call.id, name: call.name, parts: result.parts, isError: result.isError, denial: denial)
    }
}

extension ToolError {
    /// Returns the record of a call that was refused; `nil` for another error.
    fileprivate func denial(of principal: Principal?) -> Denial? {
        guard case .notPermitted(_, let missing) = self else { return nil }
        return Denial(principal: principal, missing: missing)
    }
}
