import NIOCore
import StatelineMemory
import StatelineTesting
import Synchronization
import Testing

@testable import Stateline

/// A model that fails in random ways and keeps a record of each attempt.
private final class FailingModel: LanguageModel {
    /// An attempt as it went.
    struct Attempt {
        let start: Duration
        var end: Duration = .zero
        var bytes = 0
        var error: ModelError?
        /// The number of messages in the request: it grows with each step.
        let entries: Int
    }

    private struct State {
        var generator: SeededGenerator
        var attempts: [Attempt] = []
    }

    let dialect: any Dialect = LineDialect()
    let route = Route(provider: "test", model: "m")
    private let clock: RetryClock
    private let state: Mutex<State>

    init(_ generator: SeededGenerator, clock: RetryClock) {
        self.state = Mutex(State(generator: generator))
        self.clock = clock
    }

    var attempts: [Attempt] { state.withLock(\.attempts) }

    private func random<Value>(_ body: (inout SeededGenerator) -> Value) -> Value {
        state.withLock { body(&$0.generator) }
    }

    private static func error(_ generator: inout SeededGenerator) -> ModelError {
        let wish: Duration? =
            Bool.random(using: &generator) ? nil : .milliseconds(Int.random(in: 0...9000, using: &generator))
        switch Int.random(in: 0..<9, using: &generator) {
        case 0: return .connectionFailed(description: "x")
        case 1, 2: return .rateLimited(retryAfter: wish, message: "x")
        case 3, 4: return .serverError(status: 503, retryAfter: wish, message: "x")
        case 5: return .truncatedAnswer(receivedBytes: 0)
        case 6: return .timeout(.connect)
        case 7: return .invalidRequest(status: 400, message: "x")
        default: return .unauthorized(status: 401, message: "x")
        }
    }

    private func wait() {
        clock.advance(by: .milliseconds(random { Int.random(in: 0...1500, using: &$0) }))
    }

    private func end(_ error: ModelError? = nil) {
        let now = clock.now.sinceStart
        state.withLock { state in
            state.attempts[state.attempts.count - 1].end = now
            state.attempts[state.attempts.count - 1].error = error
        }
    }

    func call(_ request: ModelRequest, stopwatch: Stopwatch) async throws(ModelError) -> ModelReply {
        let attempt = Attempt(start: clock.now.sinceStart, entries: request.transcript.count)
        state.withLock { $0.attempts.append(attempt) }
        wait()
        if random({ Int.random(in: 0..<5, using: &$0) < 2 }) {
            let error = random(Self.error)
            end(error)
            throw error
        }
        let calls = random { Int.random(in: 0..<4, using: &$0) == 0 } ? ["call:c one {}\n"] : []
        let lines = ["text:a\n", "text:b\n"] + calls + ["done\n"]
        // Where the answer breaks, if it does: often before its first byte.
        let length = random { Bool.random(using: &$0) ? lines.count : Int.random(in: 0..<lines.count, using: &$0) }
        let chunks = Mutex(lines[..<length])
        return .bytes(
            AnswerBytes { [self] () async throws(ModelError) in
                wait()
                if let chunk = chunks.withLock({ $0.popFirst() }) {
                    state.withLock { $0.attempts[$0.attempts.count - 1].bytes += chunk.utf8.count }
                    return ByteBuffer(string: chunk)
                }
                guard length < lines.count else {
                    end()
                    return nil
                }
                let error = random(Self.error)
                end(error)
                throw error
            }
        )
    }
}

@Suite struct RetryPropertyTests {
    @Test func `whatever fails, a call is repeated as its policy allows, and its ledger is whole`() async throws {
        var (generator, seed) = SeededGenerator.printed(for: "RetryPropertyTests")
        var (retried, cut, late, committed) = (0, 0, 0, 0)
        for trial in 0..<2000 {
            let clock = RetryClock()
            let model = FailingModel(SeededGenerator(seed: generator.next()), clock: clock)
            let policy = RetryPolicy(
                maximumAttempts: Int.random(in: 1...5, using: &generator),
                base: .milliseconds(Int.random(in: 0...2000, using: &generator)),
                cap: .milliseconds(Int.random(in: 0...5000, using: &generator)),
                maximumRetryAfter: .milliseconds(Int.random(in: 0...12_000, using: &generator))
            )
            let limit: Duration? =
                Bool.random(using: &generator) ? nil : .milliseconds(Int.random(in: 100...20_000, using: &generator))
            let session = try await Boundary(store: MemoryStore(), observers: [clock], clock: clock)
                .session(
                    SessionKey("s"),
                    model: model,
                    tools: [TestTool(name: "one")],
                    configuration: SessionConfiguration(retries: policy, turnTimeout: limit)
                )
            let isStreamed = Bool.random(using: &generator)
            var failure: SessionError?
            do throws(SessionError) {
                if isStreamed {
                    _ = try await session.streamResponse(to: "go").collect()
                } else {
                    try await session.respond(to: "go")
                }
                committed += 1
            } catch {
                failure = error
            }
            let attempts = model.attempts
            let comment: Comment = "seed \(seed), trial \(trial), \(String(describing: failure))"
            await check(try await session.ledger(), attempts, comment)
            check(attempts, policy, limit, clock.retries, comment)
            retried += clock.retries.count
            cut += attempts.count { $0.error != nil && $0.bytes > 0 }
            if case .turnTimedOut? = failure { late += 1 }
        }
        // The trials reach each kind of end.
        #expect(retried > 400 && cut > 100 && late > 10 && committed > 300, "\(retried) \(cut) \(late) \(committed)")
    }

    /// Checks that the ledger has each attempt, in order, with its bytes and its outcome.
    private func check(_ ledger: [Crossing], _ attempts: [FailingModel.Attempt], _ comment: Comment) async {
        #expect(ledger.count == attempts.count, comment)
        for (crossing, attempt) in zip(ledger, attempts) {
            #expect(crossing.receivedBytes == attempt.bytes, comment)
            switch crossing.outcome {
            case .answered: #expect(attempt.error == nil, comment)
            case .failed(let code): #expect(code == attempt.error?.code, comment)
            case .incomplete, .cancelled, .abandoned: Issue.record(comment)
            }
        }
    }

    /// Checks that each attempt was due when it was made, and that no attempt that was due is missing.
    private func check(
        _ attempts: [FailingModel.Attempt],
        _ policy: RetryPolicy,
        _ limit: Duration?,
        _ retries: [CallRetry],
        _ comment: Comment
    ) {
        var failures = 0
        for (index, attempt) in attempts.enumerated() {
            if let limit { #expect(attempt.start < limit, comment) }
            guard let error = attempt.error else {
                failures = 0
                continue
            }
            failures += 1
            let wish = error.retryAfter ?? .zero
            let longest = attempt.end + wish + policy.ceiling(after: failures)
            guard index + 1 < attempts.count else {
                // The last one: it must not be repeated, or there was no time for the longest pause.
                let isOver =
                    attempt.bytes > 0 || !error.isRetryable || failures == policy.maximumAttempts
                    || wish > policy.maximumRetryAfter
                let isLate = limit.map { longest >= $0 } ?? false
                #expect(isOver || isLate, comment)
                continue
            }
            let next = attempts[index + 1]
            #expect(attempt.bytes == 0, "a call was repeated after a byte of its answer: \(comment)")
            #expect(next.entries == attempt.entries, comment)
            #expect(error.isRetryable && failures < policy.maximumAttempts, comment)
            #expect(wish <= policy.maximumRetryAfter, comment)
            #expect(next.start >= attempt.end + wish && next.start <= longest, comment)
        }
        #expect(retries.count == attempts.indices.dropLast().count { attempts[$0].error != nil }, comment)
    }
}
