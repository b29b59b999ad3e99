/// The tools of a session.
struct Toolbox: Sendable {
    let tools: [String: any Tool]
    let clientTools: Set<String>
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
        /// The actions that the turn has to wait for.
        var actions: [RequiredAction] = []
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

    /// Runs calls concurrently.
    ///
    /// If the task is cancelled, only the tools that had returned by then have an output.
    ///
    /// - Parameters:
    ///   - calls: The calls.
    ///   - caller: The turn.
    ///   - keeper: The keeper of the turn's lease: the tools are cancelled if it is lost.
    ///   - each: Receives each output when it comes.
    /// - Returns: The outcome.
    func run(
        _ calls: [ToolCall],
        for caller: Caller,
        lease keeper: LeaseKeeper? = nil,
        each: (ToolOutput) async throws(SessionError) -> Void = { _ in }
    ) async -> Run {
        var outcome = Run()
        let results = await withTaskGroup(of: (Int, Result<ToolResult, ToolError>).self) { group in
            for (index, call) in calls.enumerated() {
                group.addTask { (index, await run(call, for: caller, lease: keeper)) }
            }
            var results: [Int: Result<ToolResult, ToolError>] = [:]
            for await (index, result) in group {
                results[index] = result
                guard outcome.failure == nil, !Task.isCancelled,
                    let output = ToolOutput(result, of: calls[index], for: caller)
                else { continue }
                do throws(SessionError) { try await each(output) } catch { outcome.failure = error }
            }
            return results
        }
        let isCancelled = Task.isCancelled
        if isCancelled { outcome.failure = .cancelled() }
        for (index, call) in calls.enumerated() {
            guard let result = results[index] else { continue }
            switch result {
            case .failure(.awaitsEvent): outcome.actions.append(RequiredAction(.externalEvent, call: call))
            case .failure where isCancelled: outcome.failure = .cancelled()
            case .success: break
            case .failure(.notPermitted): break
            case .failure(let error):
                if caller.configuration.toolFailures == .fail, outcome.failure == nil { outcome.failure = .tool(error) }
            }
            if isCancelled, case .failure = result { continue }
            if let output = ToolOutput(result, of: call, for: caller) { outcome.outputs.append(output) }
        }
        return outcome
    }

    private func run(
        _ call: ToolCall,
        for caller: Caller,
        lease keeper: LeaseKeeper?
    ) async -> Result<ToolResult, ToolError> {
        guard let tool = tools[call.name] else { return .failure(.unknownTool(name: call.name)) }
        let missing = tool.requiredPermissions.subtracting(caller.configuration.permissions)
        guard missing.isEmpty else { return .failure(.notPermitted(tool: call.name, missing: missing.sorted())) }
        let state = caller.values.open()
        // A call that is left behind at its limit changes nothing any more.
        defer { state.close() }
        let context = caller.context(of: call, state)
        let limit = min(tool.timeout, caller.timeLeft ?? tool.timeout)
        var works: [@Sendable () async -> Result<ToolResult, ToolError>] = [
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
        ]
        if let keeper {
            works.append {
                await keeper.untilLost()
                return .failure(.failed(tool: call.name, description: "the turn was ended by another process"))
            }
        }
        return await firstResult(of: works)
    }
}

extension Toolbox {
    /// Returns the actions that calls need before their tools run.
    ///
    /// - Parameters:
    ///   - calls: The calls.
    ///   - decisions: The decisions that were made.
    ///   - caller: The turn.
    /// - Returns: The calls whose tools may run, and the actions that the others need.
    func sort(
        _ calls: [ToolCall],
        _ decisions: [TurnRecord.Decision],
        for caller: Caller
    ) -> (runnable: [ToolCall], actions: [RequiredAction]) {
        var runnable: [ToolCall] = []
        var actions: [RequiredAction] = []
        for call in calls {
            if clientTools.contains(call.name) {
                actions.append(RequiredAction(.clientTool, call: call))
            } else if needsApproval(call, decisions, for: caller) {
                actions.append(RequiredAction(.approval, call: call))
            } else {
                runnable.append(call)
            }
        }
        return (runnable, actions)
    }

    private func needsApproval(
        _ call: ToolCall,
        _ decisions: [TurnRecord.Decision],
        for caller: Caller
    ) -> Bool {
        guard let tool = tools[call.name] else { return false }
        let state = caller.values.open()
        defer { state.close() }
        guard tool.needsApproval(of: call, in: caller.context(of: call, state)) else { return false }
        return !decisions.contains { $0.call == call.id && $0.isApproved }
    }

    /// Returns `true` if a process that had the turn before may have run the call's tool.
    ///
    /// The tools of the client, and those that wait for an approval that was not given, did not run.
    func mayHaveRun(_ call: ToolCall, decisions: [TurnRecord.Decision], for caller: Caller) -> Bool {
        sort([call], decisions, for: caller).actions.isEmpty
    }

    /// Returns `true` if a call may be repeated without harm.
    func isIdempotent(_ call: ToolCall) -> Bool { tools[call.name]?.isIdempotent ?? true }
}

extension ToolOutput {
    /// Makes the output of a tool that returned or failed; `nil` if the output comes later.
    fileprivate init?(_ result: Result<ToolResult, ToolError>, of call: ToolCall, for caller: Toolbox.Caller) {
        switch result {
        case .success(let result):
            self.init(callID: call.id, name: call.name, parts: result.parts, isError: result.isError)
        case .failure(.awaitsEvent): return nil
        case .failure(let error):
            let denial = error.denial(of: caller.configuration.principal)
            self.init(callID: call.id, name: call.name, parts: [.text("\(error)")], isError: true, denial: denial)
        }
    }
}

extension ToolError {
    /// Returns the record of a call that was refused; `nil` for another error.
    fileprivate func denial(of principal: Principal?) -> Denial? {
        guard case .notPermitted(_, let missing) = self else { return nil }
        return Denial(principal: principal, missing: missing)
    }
}
