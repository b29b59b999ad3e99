/// The tools of a session.
struct Toolbox: Sendable {
    private let tools: [String: any Tool]
    private let clock: any Clock<Duration>
    /// The definitions that the model is given, in the order of the tools.
    let definitions: [ToolDefinition]

    init(_ tools: [any Tool], clock: any Clock<Duration>) {
        self.tools = Dictionary(tools.map { ($0.name, $0) }) { _, _ in
            preconditionFailure("two tools of one name")
        }
        self.clock = clock
        self.definitions = tools.map { $0.definition }
    }

    /// The outcome of a step's tool calls.
    struct Run: Sendable {
        /// The outputs, in the order of the calls: all of them, unless the task was cancelled.
        var outputs: [ToolOutput] = []
        /// The error that the turn ends with, if it cannot go on.
        var failure: SessionError?
    }

    /// Runs calls concurrently.
    ///
    /// If the task is cancelled, only the tools that had returned by then have an output.
    func run(_ calls: [ToolCall], onFailure policy: SessionConfiguration.ToolFailurePolicy) async -> Run {
        let results = await withTaskGroup(of: (Int, Result<String, ToolError>).self) { group in
            for (index, call) in calls.enumerated() {
                group.addTask { (index, await run(call)) }
            }
            return await group.reduce(into: [Int: Result<String, ToolError>]()) { $0[$1.0] = $1.1 }
        }
        let isCancelled = Task.isCancelled
        var outcome = Run(failure: isCancelled ? .cancelled() : nil)
        for (index, call) in calls.enumerated() {
            switch results[index] {
            case .success(let text)?:
                outcome.outputs.append(ToolOutput(callID: call.id, name: call.name, text: text))
            case .failure(let error)? where !isCancelled:
                outcome.outputs.append(ToolOutput(callID: call.id, name: call.name, text: "\(error)", isError: true))
                if policy == .fail, outcome.failure == nil { outcome.failure = .tool(error) }
            case .failure?, nil: outcome.failure = .cancelled()
            }
        }
        return outcome
    }

    private func run(_ call: ToolCall) async -> Result<String, ToolError> {
        guard let tool = tools[call.name] else { return .failure(.unknownTool(name: call.name)) }
        let limit = tool.timeout
        return await firstResult(of: [
            {
                do throws(ToolError) { return .success(try await tool.call(json: call.arguments)) } catch {
                    return .failure(error)
                }
            },
            { [clock] in
                try? await clock.sleep(for: limit)
                return .failure(.timedOut(tool: call.name, after: limit))
            },
        ])
    }
}

/// Runs several works and returns the first result; the others are cancelled and not waited for.
///
/// A tool may ignore cancellation and never return, and structured concurrency would wait for it. So each work is a task
/// of its own, which this function, or the cancellation of the current task, cancels. A work that ignores that keeps its
/// own memory and nothing of the turn's.
private func firstResult<R: Sendable>(of works: [@Sendable () async -> R]) async -> R {
    let first = OneShot<R>()
    let tasks = works.map { work in
        Task {
            let result = await work()
            first.give(result)
        }
    }
    return await withTaskCancellationHandler {
        defer { for task in tasks { task.cancel() } }
        return await first.value()
    } onCancel: {
        for task in tasks { task.cancel() }
    }
}
