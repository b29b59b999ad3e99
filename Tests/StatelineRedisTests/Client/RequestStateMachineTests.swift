import NIOCore
import StatelineTesting
import Testing

@testable import StatelineRedis

@Suite struct RequestStateMachineTests {
    private static let began = NIODeadline.uptimeNanoseconds(1_000_000_000)

    /// A request whose delays are all zero, so that transcripts are exact.
    private struct Transcript {
        var machine: RequestStateMachine
        var generator = SeededGenerator(seed: 1)

        init(isRepeatable: Bool = true, awaitsFailover: Bool = true, deadline: TimeAmount = .seconds(3)) {
            var policy = RequestRetryPolicy(awaitsFailover: awaitsFailover)
            policy.backoff = Backoff(base: .zero, limit: .zero)
            self.machine = RequestStateMachine(
                isRepeatable: isRepeatable,
                policy: policy,
                deadline: began + deadline
            )
        }

        mutating func refused(_ text: String, after: TimeAmount = .zero) -> RequestStateMachine.Action {
            machine.refused(text, now: began + after, using: &generator)
        }

        mutating func failed(
            _ reason: RedisError.Reason,
            _ execution: RedisError.Execution,
            after: TimeAmount = .zero
        ) -> RequestStateMachine.Action {
            machine.failed(RedisError(reason, execution, message: ""), now: began + after, using: &generator)
        }
    }

    /// The failure that an action ends a request with.
    private struct Failure: Hashable {
        let reason: RedisError.Reason
        let execution: RedisError.Execution

        static func failed(_ reason: RedisError.Reason, _ execution: RedisError.Execution) -> Failure {
            Failure(reason: reason, execution: execution)
        }
    }

    private static func outcome(_ action: RequestStateMachine.Action) -> Failure? {
        if case .fail(let error) = action { Failure(reason: error.reason, execution: error.execution) } else { nil }
    }

    @Test func `a redirection is followed at once, five times in a row, and no further without a look`() {
        var request = Transcript()
        let moved = Redirection("7 h:1")!
        for _ in 0..<3 {
            for _ in 0..<5 { #expect(request.refused("MOVED 7 h:1") == .send(.moved(moved), after: .zero)) }
            #expect(request.refused("ASK 7 h:1") == .send(.refreshedOwner, after: .zero))
        }
        for _ in 0..<5 { _ = request.refused("MOVED 7 h:1") }
        #expect(Self.outcome(request.refused("MOVED 7 h:1", after: .seconds(3))) == .failed(.clusterDown, .notExecuted))
    }

    @Test func `a pause begins the count of redirections again`() {
        var request = Transcript()
        let asking = RequestStateMachine.Action.send(.asking(Redirection("7 h:1")!), after: .zero)
        for _ in 0..<4 {
            for _ in 0..<5 { #expect(request.refused("ASK 7 h:1") == asking) }
            #expect(request.refused("TRYAGAIN rehashing") == .send(.owner, after: .zero))
        }
    }

    @Test func `a node that is down is asked about until the deadline`() {
        var request = Transcript()
        #expect(request.refused("CLUSTERDOWN Hash slot not served") == .send(.refreshedOwner, after: .zero))
        #expect(request.failed(.clusterDown, .notSent, after: .seconds(2)) == .send(.refreshedOwner, after: .zero))
        #expect(request.refused("READONLY x", after: .milliseconds(2999)) == .send(.refreshedOwner, after: .zero))
        #expect(
            Self.outcome(request.failed(.clusterDown, .notSent, after: .seconds(3))) == .failed(.clusterDown, .notSent)
        )
    }

    @Test func `the deadline alone bounds the attempts of one server as well`() {
        var request = Transcript(awaitsFailover: false, deadline: .seconds(10))
        #expect(request.refused("LOADING x", after: .milliseconds(9999)) == .send(.owner, after: .zero))
        #expect(
            Self.outcome(request.refused("LOADING x", after: .seconds(10)))
                == .failed(
                    .refused(code: "LOADING"),
                    .notExecuted
                )
        )
    }

    @Test func `a request to an unreachable server fails without a retry`() {
        for awaitsFailover in [false, true] {
            var request = Transcript(awaitsFailover: awaitsFailover)
            #expect(Self.outcome(request.failed(.unreachable, .notSent)) == .failed(.unreachable, .notSent))
        }
        var request = Transcript(awaitsFailover: false)
        #expect(Self.outcome(request.failed(.clusterDown, .notSent)) == .failed(.clusterDown, .notSent))
    }

    @Test func `an attempt that timed out is followed by another while there is time`() {
        var cluster = Transcript()
        #expect(cluster.failed(.timedOut, .unknown, after: .seconds(2)) == .send(.refreshedOwner, after: .zero))
        #expect(Self.outcome(cluster.failed(.timedOut, .notSent, after: .seconds(3))) == .failed(.timedOut, .unknown))
        var server = Transcript(awaitsFailover: false)
        #expect(server.failed(.timedOut, .unknown, after: .seconds(2)) == .send(.owner, after: .zero))
        var once = Transcript(isRepeatable: false)
        #expect(Self.outcome(once.failed(.timedOut, .unknown)) == .failed(.timedOut, .unknown))
    }

    @Test func `what ran partly is not said not to have run`() {
        var request = Transcript()
        request.machine.ranPartly()
        #expect(Self.outcome(request.failed(.denied, .notSent, after: .seconds(3))) == .failed(.denied, .unknown))
    }

    @Test func `one server that says it loads is waited for, one that redirects is not followed`() {
        var request = Transcript(awaitsFailover: false)
        #expect(request.refused("LOADING x") == .send(.owner, after: .zero))
        for text in ["MOVED 7 h:1", "ASK 7 h:1", "READONLY x", "CLUSTERDOWN x", "OOM x", "NOSCRIPT x"] {
            #expect(request.refused(text) == .handOver)
        }
    }

    @Test func `the first look is at once, and the later ones after a pause`() {
        struct Ceiling: RandomNumberGenerator {
            mutating func next() -> UInt64 { .max }
        }
        var machine = RequestStateMachine(
            isRepeatable: true,
            policy: RequestRetryPolicy(awaitsFailover: true),
            deadline: .distantFuture
        )
        var generator = Ceiling()
        var pauses: [TimeAmount] = []
        for _ in 0..<4 {
            let action = machine.refused("CLUSTERDOWN x", now: Self.began, using: &generator)
            guard case .send(.refreshedOwner, let pause) = action else { return }
            pauses.append(pause)
        }
        #expect(pauses == [.zero, .milliseconds(20), .milliseconds(40), .milliseconds(80)])
        guard case .send(.owner, .milliseconds(160)) = machine.refused("BUSY x", now: Self.began, using: &generator)
        else {
            Issue.record("there was no pause")
            return
        }
    }

    @Test func `what may have run is not sent again unless it is repeatable`() {
        var request = Transcript(isRepeatable: false)
        #expect(request.failed(.closed, .notSent) == .send(.owner, after: .zero))
        #expect(Self.outcome(request.failed(.closed, .unknown)) == .failed(.closed, .unknown))
    }

    @Test func `what may have run is asked again until the deadline, also of one server`() {
        var request = Transcript(awaitsFailover: false)
        #expect(request.failed(.closed, .unknown) == .send(.owner, after: .zero))
        #expect(request.failed(.unreachable, .notSent) == .send(.owner, after: .zero))
        #expect(request.failed(.unreachable, .notSent, after: .seconds(2)) == .send(.owner, after: .zero))
        #expect(
            Self.outcome(request.failed(.unreachable, .notSent, after: .seconds(3))) == .failed(.unreachable, .unknown)
        )
    }

    @Test func `no later failure says that what may have run did not`() {
        for reason in [.cancelled, .overloaded, .denied, .untrusted] as [RedisError.Reason] {
            var request = Transcript(deadline: .zero)
            #expect(Self.outcome(request.failed(.timedOut, .unknown)) == .failed(.timedOut, .unknown))
            #expect(Self.outcome(request.failed(reason, .notSent)) == .failed(reason, .unknown))
        }
    }

    @Test func `connections that keep ending are paused for`() {
        var request = Transcript(awaitsFailover: false)
        for _ in 0..<3 { #expect(request.failed(.closed, .notSent) == .send(.owner, after: .zero)) }
        #expect(request.failed(.closed, .notSent) == .send(.owner, after: .zero))
        #expect(Self.outcome(request.failed(.closed, .notSent, after: .seconds(3))) == .failed(.closed, .notSent))
    }

    @Test func `what would fail again is not tried again`() {
        for reason in [.cancelled, .overloaded, .denied, .untrusted] as [RedisError.Reason] {
            var request = Transcript()
            #expect(Self.outcome(request.failed(reason, .notSent)) == .failed(reason, .notSent))
        }
    }

    @Test func `what was not sent is sent over another connection, whatever its own ended of`() {
        var request = Transcript(isRepeatable: false, awaitsFailover: false)
        #expect(request.failed(.protocolViolation, .notSent) == .send(.owner, after: .zero))
    }

    @Test func `a request on a connection out of step is sent over another one if it is repeatable`() {
        var request = Transcript(awaitsFailover: false)
        #expect(request.failed(.protocolViolation, .unknown) == .send(.owner, after: .zero))
        var once = Transcript(isRepeatable: false)
        #expect(Self.outcome(once.failed(.protocolViolation, .unknown)) == .failed(.protocolViolation, .unknown))
    }

    @Test func `no later refusal says that what may have run did not`() {
        for (text, reason) in [
            ("OOM command not allowed", .refused(code: "OOM")), ("NOSCRIPT x", .refused(code: "NOSCRIPT")),
            ("NOPERM x", .denied), ("MOVED 7 h:1", .refused(code: "MOVED")),
        ] as [(String, RedisError.Reason)] {
            var request = Transcript(awaitsFailover: false)
            #expect(request.failed(.closed, .unknown) == .send(.owner, after: .zero))
            #expect(Self.outcome(request.refused(text)) == .failed(reason, .unknown))
        }
    }

    @Test func `a server's refusal is told without its text`() {
        var request = Transcript(deadline: .zero)
        guard case .fail(let error) = request.refused("BUSY sl1:{secret}:g") else {
            Issue.record("it did not fail")
            return
        }
        #expect(error.message == "the server refused the request: BUSY")
    }

    @Test func `what may have run is sent again although a later attempt was not let in`() {
        for reason in [RedisError.Reason.denied, .overloaded, .untrusted] {
            var first = Transcript(awaitsFailover: false)
            #expect(Self.outcome(first.failed(reason, .notSent)) == .failed(reason, .notSent))
            var second = Transcript(awaitsFailover: false)
            #expect(second.failed(.closed, .unknown) == .send(.owner, after: .zero))
            #expect(second.failed(reason, .notSent) == .send(.owner, after: .zero))
            #expect(Self.outcome(second.failed(reason, .notSent, after: .seconds(3))) == .failed(reason, .unknown))
        }
        var cancelled = Transcript()
        #expect(cancelled.failed(.closed, .unknown) == .send(.owner, after: .zero))
        #expect(Self.outcome(cancelled.failed(.cancelled, .notSent)) == .failed(.cancelled, .unknown))
    }
}
