import Foundation
import NIOCore
import StatelineMemory
import StatelineTesting
import Synchronization
import Testing

@testable import Stateline
@testable import StatelineModels

/// A server that stops sending, or breaks off, at each point of an answer.
struct Stall: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let answer: ScriptedAnswer
    /// The limit that ends the turn is short; the others cannot be reached.
    let limits: TimeLimits
    /// The text that came.
    let text: String
    /// The codes of the error that the answer breaks off with; empty if the answer is whole.
    let codes: Set<String>

    private static let short = Duration.milliseconds(150)
    private static let idle = TimeLimits(idle: short)
    private static let none = TimeLimits(firstByte: .seconds(120), idle: .seconds(120))

    private static func event(_ delta: String, reason: String = "null") -> String {
        "data: {\"choices\":[{\"index\":0,\"delta\":{\(delta)},\"finish_reason\":\(reason)}]}\n\n"
    }

    private static let hello = event(#""content":"Hel""#) + event(#""content":"lo""#)
    private static let stop = event("", reason: #""stop""#)
    private static let busy = #"{"error":{"message":"Overloaded","type":"overloaded_error"}}"#
    private static let open = ScriptedAnswer.head(type: "text/event-stream")
    private static let chunked = ScriptedAnswer.head(
        type: "text/event-stream",
        headers: ["Transfer-Encoding": "chunked"]
    )

    private static func chunk(_ text: String) -> String { "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n" }

    /// The server stops before the first byte of the answer.
    static let silent = [
        Stall(
            testDescription: "no head",
            answer: .silence,
            limits: TimeLimits(firstByte: short),
            text: "",
            codes: ["timeout_firstByte", "timeout_connect"]
        ),
        Stall(
            testDescription: "a head alone",
            answer: open,
            limits: TimeLimits(firstByte: short),
            text: "",
            codes: ["timeout_firstByte", "timeout_connect"]
        ),
        Stall(
            testDescription: "comments, and then nothing",
            answer: open.then(": processing\n\n"),
            limits: idle,
            text: "",
            codes: ["timeout_idle"]
        ),
    ]

    /// The server stops or breaks off after some text.
    static let broken = [
        Stall(
            testDescription: "a stall between two pieces",
            answer: open.then(hello),
            limits: idle,
            text: "Hello",
            codes: ["timeout_idle"]
        ),
        Stall(
            testDescription: "a stall within an event",
            answer: open.then(hello + "data: {\"choi"),
            limits: idle,
            text: "Hello",
            codes: ["timeout_idle"]
        ),
        Stall(
            testDescription: "the end of the body",
            answer: open.then(hello).then(.close),
            limits: none,
            text: "Hello",
            codes: ["truncated_answer"]
        ),
        Stall(
            testDescription: "a bad end of the body",
            answer: chunked.then(chunk(hello)).then(.close),
            limits: none,
            text: "Hello",
            codes: ["truncated_answer"]
        ),
        Stall(
            testDescription: "an error of the provider",
            answer: open.then(hello + "data: \(busy)\n\n"),
            limits: none,
            text: "Hello",
            codes: ["overloaded"]
        ),
        Stall(
            testDescription: "an event named error with a bare message",
            answer: open.then(hello + "event: error\ndata: upstream went away\n\n"),
            limits: none,
            text: "Hello",
            codes: ["stream_failed"]
        ),
        Stall(
            testDescription: "a field named error",
            answer: open.then(hello + "error: \(busy)\n\n"),
            limits: none,
            text: "Hello",
            codes: ["overloaded"]
        ),
    ]

    /// The server does anything after the finish reason, or after `[DONE]`.
    static let whole = [
        ("a stall after the finish reason", open.then(hello + stop)),
        ("a stall within [DONE]", open.then(hello + stop + "data: [DON")),
        ("an open connection after [DONE]", open.then(hello + stop + "data: [DONE]\n\n")),
        ("[DONE] without its empty line", open.then(hello + stop + "data: [DONE]")),
        ("[DONE] without its empty line, closed", open.then(hello + stop + "data: [DONE]").then(.close)),
        ("a bad end of the body", chunked.then(chunk(hello + stop + "data: [DONE]\n\n")).then(.close)),
        ("a bad end of the body, without [DONE]", chunked.then(chunk(hello + stop)).then(.close)),
        ("an error after the finish reason", open.then(hello + stop + "data: \(busy)\n\n")),
        ("nonsense after the finish reason", open.then(hello + stop + "data: <html>\n\n")),
    ]
    .map {
        Stall(
            testDescription: $0.0,
            answer: $0.1,
            limits: TimeLimits(idle: .seconds(120), afterEnd: short),
            text: "Hello",
            codes: []
        )
    }

    static let all = silent + broken + whole
}

@Suite struct StallTests {
    /// Runs a streamed turn against a server that stalls, and checks what is left of it.
    private static func run(_ stall: Stall, _ model: ChatCompletionsModel, keeping: Bool) async throws {
        let policy = keeping ? SessionConfiguration.IncompleteAnswerPolicy.keepIncomplete : .discard
        let session = try await Boundary(store: MemoryStore())
            .session(
                SessionKey("s"),
                model: model,
                configuration: SessionConfiguration(retries: .none, incompleteAnswers: policy)
            )
        var shown = ""
        var reason: FinishReason?
        var code: String?
        do throws(SessionError) {
            for try await part in session.streamResponse(to: "Hi") {
                if case .text(let text) = part { shown += text }
                if case .response(let response) = part { reason = response.finishReason }
            }
        } catch {
            if case .model(let cause, _) = error {
                code = cause.code
            } else {
                Issue.record("\(stall.testDescription): \(error)")
            }
        }
        let outcome = try await session.ledger().last?.outcome
        #expect(shown == stall.text, "\(stall.testDescription)")
        if stall.codes.isEmpty {
            #expect(reason == .stop && outcome == .answered(.stop), "\(stall.testDescription): \(code ?? "no error")")
        } else if keeping, !stall.text.isEmpty {
            guard case .incomplete(let code)? = outcome else {
                Issue.record("\(stall.testDescription): \(String(describing: outcome))")
                return
            }
            #expect(reason == .incomplete && stall.codes.contains(code), "\(stall.testDescription): \(code)")
        } else {
            #expect(code.map(stall.codes.contains) == true, "\(stall.testDescription): \(code ?? "no error")")
            #expect(outcome == code.map { .failed($0) })
        }
        let isKept = stall.codes.isEmpty || keeping && !stall.text.isEmpty
        #expect(session.transcript.map(\.text) == (isKept ? ["Hi", stall.text] : []), "\(stall.testDescription)")
    }

    @Test(arguments: Stall.all, [false, true])
    func `a turn ends within its limits wherever the server stalls, and keeps what came by policy`(
        stall: Stall,
        keeping: Bool
    ) async throws {
        try await ScriptedServer.run([stall.answer]) { server in
            let alarms = AlarmCounter()
            let transport = HTTPTransport(timeLimits: stall.limits, alarms: alarms.clock)
            let model = try ChatCompletionsModel(baseURL: server.baseURL, model: "m", transport: transport)
            try await Self.run(stall, model, keeping: keeping)
            #expect(alarms.lateRings == 0, "the turn ended at a limit that was not set for it")
        }
    }

    private static let plain =
        #"{"choices":[{"index":0,"message":{"content":"Hello"},"finish_reason":"stop"}]}"#

    @Test(arguments: [
        ("a length that is too long, closed", ScriptedAnswer.head(length: 999).then(plain).then(.close)),
        ("a length that is too long, reset", ScriptedAnswer.head(length: 999).then(plain).then(.reset)),
        ("no length and an open connection", ScriptedAnswer.head().then(plain)),
        (
            "no last chunk",
            ScriptedAnswer.head(headers: ["Transfer-Encoding": "chunked"])
                .then("\(String(plain.utf8.count, radix: 16))\r\n\(plain)\r\n").then(.close)
        ),
    ])
    func `a whole answer that was not streamed is kept, however its connection ends`(
        name: String,
        answer: ScriptedAnswer
    ) async throws {
        try await ScriptedServer.run([answer]) { server in
            let transport = HTTPTransport(timeLimits: TimeLimits(idle: .milliseconds(150)))
            let model = try ChatCompletionsModel(baseURL: server.baseURL, model: "m", transport: transport)
            let session = try await Boundary(store: MemoryStore()).session(SessionKey("s"), model: model)
            #expect(try await session.respond(to: "Hi").content == "Hello")
            #expect(try await session.ledger().map(\.outcome) == [.answered(.stop)])
        }
    }

    @Test func `a part of an answer that was not streamed is none`() async throws {
        for cut in 1..<Self.plain.utf8.count {
            let text = String(Self.plain.prefix(cut))
            try await ScriptedServer.run([.head(length: 999).then(text).then(.close)]) { server in
                let model = try ChatCompletionsModel(baseURL: server.baseURL, model: "m")
                let session = try await Boundary(store: MemoryStore())
                    .session(SessionKey("s"), model: model, configuration: SessionConfiguration(retries: .none))
                await #expect(throws: SessionError.model(.truncatedAnswer(receivedBytes: cut))) {
                    try await session.respond(to: "Hi")
                }
            }
        }
    }

    private static let isSoak = ProcessInfo.processInfo.environment["STATELINE_SOAK"] != nil
    private static let command = "STATELINE_SOAK=1 swift test --filter StallTests"

    /// Ten thousand turns of all stalls in the soak, some hundred in the default run.
    @Test(.timeLimit(.minutes(10)))
    func `turns that stall leave no task, connection, timer or descriptor behind`() async throws {
        let total = Self.isSoak ? 10_000 : 190
        if !Self.isSoak { print("\(total) turns that stall; this runs 10,000: \(Self.command)") }
        // The event loops and the pool of threads exist before the count.
        try await Self.turns(40, at: 20)
        let before = ProcessCounts()
        try await Self.turns(total, at: 100)
        let after = ProcessCounts()
        print("\(total) turns that stalled: \(before) before, \(after) after")
        // Other suites of the default run have descriptors and threads of their own.
        guard Self.isSoak else { return }
        #expect(after.descriptors <= before.descriptors)
        #expect(after.threads <= before.threads + 2)
    }

    /// Runs turns against all stalls, at most `width` at a time, and checks what is left of them.
    private static func turns(_ total: Int, at width: Int) async throws {
        for stall in Stall.all {
            let count = (total + Stall.all.count - 1) / Stall.all.count
            let alarms = AlarmCounter()
            let start = ContinuousClock.now
            defer { if isSoak { print("\(stall.testDescription): \(count) turns in \(ContinuousClock.now - start)") } }
            weak var left: HTTPTransport?
            try await ScriptedServer.run(Array(repeating: stall.answer, count: count)) { server in
                do {
                    let transport = HTTPTransport(timeLimits: stall.limits, alarms: alarms.clock)
                    left = transport
                    let model = try ChatCompletionsModel(baseURL: server.baseURL, model: "m", transport: transport)
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for worker in 0..<width {
                            group.addTask {
                                for turn in stride(from: worker, to: count, by: width) {
                                    try await run(stall, model, keeping: turn.isMultiple(of: 2))
                                }
                            }
                        }
                        try await group.waitForAll()
                    }
                }
                // A task that reads, and a reader that is not released, hold the transport.
                await eventually { left == nil && alarms.pending == 0 && server.openConnectionCount == 0 }
                #expect(left == nil, "\(stall.testDescription): a task or an answer is left")
                #expect(alarms.pending == 0, "\(stall.testDescription): timers")
                #expect(alarms.count >= count || stall.text.isEmpty, "\(stall.testDescription): no timers")
                #expect(server.openConnectionCount == 0, "\(stall.testDescription): connections")
            }
        }
    }

    /// Waits until a condition holds, for at most 30 s: event loops close connections a moment later.
    private static func eventually(_ condition: () -> Bool) async {
        for _ in 0..<3000 where !condition() { try? await Task.sleep(for: .milliseconds(10)) }
    }
}

/// The timers of a transport that were set and are neither cancelled nor over.
private final class AlarmCounter: Sendable {
    private let made = Atomic(0)
    private let over = Atomic(0)
    private let late = Atomic(0)

    /// The number of timers that were set.
    var count: Int { made.load(ordering: .acquiring) }
    /// The number of timers that rang 10 s or more after they were set: no turn of the table waits for such a limit.
    var lateRings: Int { late.load(ordering: .acquiring) }
    /// The number of timers that wait.
    var pending: Int { count - over.load(ordering: .acquiring) }

    var clock: AlarmClock {
        AlarmClock { time, ring in
            self.made.wrappingAdd(1, ordering: .acquiringAndReleasing)
            let isLong = time - .now() >= .seconds(10)
            let alarm = AlarmClock.eventLoops.schedule(time) {
                if isLong { self.late.wrappingAdd(1, ordering: .acquiringAndReleasing) }
                ring()
            }
            alarm.futureResult.whenComplete { _ in self.over.wrappingAdd(1, ordering: .acquiringAndReleasing) }
            return alarm
        }
    }
}

/// The open descriptors and the threads of this process; zero if the system does not tell.
private struct ProcessCounts: CustomStringConvertible {
    let descriptors = Self.entries("/proc/self/fd")
    let threads = Self.entries("/proc/self/task")

    private static func entries(_ path: String) -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: path).count) ?? 0
    }

    var description: String { "\(descriptors) descriptors and \(threads) threads" }
}
