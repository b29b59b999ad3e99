import Stateline
import StatelineMemory
import Synchronization

/// A model that calls a tool for a number of steps and then answers: its answer depends on the request alone.
///
/// The prompt says what it does: `tools 2` makes two steps with one call each, `both` one step with two calls, anything
/// else none.
final class StepModel: Sendable {
    private let count = Mutex(0)
    /// Called before each answer, with the number of the call.
    let before: @Sendable (Int) async throws -> Void

    init(before: @escaping @Sendable (Int) async throws -> Void = { _ in }) {
        self.before = before
    }

    /// The number of calls that were made.
    var callCount: Int { count.withLock { $0 } }

    var model: FunctionModel {
        FunctionModel(name: "steps") { request in
            let number = self.count.withLock { count in
                count += 1
                return count
            }
            try await self.before(number)
            return Self.answer(to: request.transcript)
        }
    }

    static func answer(to transcript: Transcript) -> Answer {
        let start = transcript.lastIndex { if case .prompt = $0.content { true } else { false } } ?? 0
        let words = transcript[start].text.split(separator: " ")
        let outputs = transcript[start...].count { if case .toolOutput = $0.content { true } else { false } }
        let step = outputs + 1
        if words.first == "both", outputs == 0 {
            let calls = ["a", "b"].map { ToolCall(id: "\(start)-\($0)", name: "work", arguments: "{}") }
            return Answer(entries: [Entry(.toolCalls(calls))], finishReason: .toolCalls)
        }
        if words.first == "tools", words.count > 1, let steps = Int(words[1]), outputs < steps {
            let call = ToolCall(id: "\(start)-\(step)", name: "work", arguments: "{}")
            return Answer(entries: [Entry(.toolCalls([call]))], finishReason: .toolCalls)
        }
        return Answer(entries: [.response("answer to \(transcript[start].text)")], usage: nil)
    }
}

/// A tool that counts its runs.
struct CountingTool: Tool {
    struct Arguments: Decodable, Sendable {}

    final class Runs: Sendable {
        private let calls = Mutex<[ToolCall.ID]>([])
        var all: [ToolCall.ID] { calls.withLock { $0 } }
        func append(_ call: ToolCall.ID) { calls.withLock { $0.append(call) } }
    }

    let runs = Runs()
    var name = "work"
    var isIdempotent = false
    var needsApproval = false
    var work: @Sendable () async throws -> String = { "done" }

    let description = "Works."
    let parameters = JSONSchema.object()

    func needsApproval(of call: ToolCall, in context: ToolContext) -> Bool { needsApproval }

    func call(arguments: Arguments, context: ToolContext) async throws -> String {
        runs.append(context.call)
        return try await work()
    }
}

/// A time of day that a test sets.
final class ManualTime: Sendable {
    private let time = Mutex(Timestamp(milliseconds: 0))
    var now: Timestamp {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }
}

extension Array {
    /// Transforms the elements one after another.
    func asyncMap<Value>(_ transform: (Element) async throws -> Value) async throws -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
