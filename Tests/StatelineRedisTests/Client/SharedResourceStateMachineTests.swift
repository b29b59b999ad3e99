import NIOCore
import StatelineTesting
import Testing

@testable import StatelineRedis

@Suite struct SharedResourceStateMachineTests {
    /// A resource that is a number, told in words.
    private struct Transcript {
        var machine = SharedResourceStateMachine<Int>(
            backoff: Backoff(base: .milliseconds(100), limit: .seconds(1)),
            patience: .milliseconds(20)
        )
        var generator = Ceiling()
        var ended: Set<Int> = []

        /// Gives the largest numbers, so that each pause is as long as it can be.
        struct Ceiling: RandomNumberGenerator {
            mutating func next() -> UInt64 { .max }
        }

        private static func time(_ milliseconds: Int64) -> NIODeadline {
            .uptimeNanoseconds(1_000_000_000) + .milliseconds(milliseconds)
        }

        mutating func request(at now: Int64, until deadline: Int64 = 5000) -> String {
            let ended = self.ended
            let action = machine.requested(until: Self.time(deadline), now: Self.time(now)) { !ended.contains($0) }
            switch action {
            case .use(let connection): return "use \(connection)"
            case .make(let until, let last): return "make, wait until \(Self.told(until, last))"
            case .wait(let until, let last): return "wait until \(Self.told(until, last))"
            case .fail(let error): return "fail \(error.reason) \(error.execution)"
            }
        }

        mutating func made(_ connection: Int) -> String { Self.told(machine.made(connection)) }

        mutating func failed(at now: Int64) -> String {
            let error = RedisError(.unreachable, .notSent, message: "")
            return Self.told(machine.failed(error, now: Self.time(now), using: &generator))
        }

        mutating func replacementRequested() -> String { machine.replacementRequested() ? "make beside" : "nothing" }

        mutating func renew() -> String { Self.told(machine.renew()) }

        mutating func close() -> String { Self.told(machine.close()) }

        private static func told(_ until: NIODeadline, _ last: RedisError?) -> String {
            "\((until - time(0)).nanoseconds / 1_000_000)" + (last.map { ", else \($0.reason)" } ?? "")
        }

        private static func told(_ action: SharedResourceStateMachine<Int>.Action) -> String {
            switch action {
            case .serve(let connection): "serve \(connection)"
            case .fail(let error): "fail \(error.reason) \(error.execution)"
            case .discard(let connection): "discard \(connection)"
            case .replace(let old, let connection): "replace \(old) by \(connection)"
            case .none: "nothing"
            }
        }
    }

    @Test func `the first request has it made, the others wait for the same attempt`() {
        var line = Transcript()
        #expect(line.request(at: 0) == "make, wait until 5000")
        #expect(line.request(at: 1, until: 300) == "wait until 300")
        #expect(line.made(1) == "serve 1")
        #expect(line.request(at: 2) == "use 1")
    }

    @Test func `what went bad is made again`() {
        var line = Transcript()
        _ = line.request(at: 0)
        _ = line.made(1)
        line.ended = [1]
        #expect(line.request(at: 1) == "make, wait until 5000")
        #expect(line.request(at: 1) == "wait until 5000")
        #expect(line.made(2) == "serve 2")
        #expect(line.request(at: 2) == "use 2")
    }

    @Test func `after a failed attempt nobody waits until the pause is over`() {
        var line = Transcript()
        _ = line.request(at: 0)
        #expect(line.failed(at: 1) == "fail unreachable notSent")
        #expect(line.request(at: 2) == "fail unreachable notSent")
        #expect(line.request(at: 100) == "fail unreachable notSent")
        #expect(line.request(at: 101) == "make, wait until 121, else unreachable")
        #expect(line.request(at: 102) == "wait until 122, else unreachable")
        #expect(line.request(at: 103, until: 104) == "wait until 104, else unreachable")
    }

    @Test func `pauses double, and success ends the count`() {
        var line = Transcript()
        _ = line.request(at: 0)
        _ = line.failed(at: 0)
        _ = line.request(at: 100)
        _ = line.failed(at: 100)
        #expect(line.request(at: 299) == "fail unreachable notSent")
        #expect(line.request(at: 300) == "make, wait until 320, else unreachable")
        #expect(line.made(1) == "serve 1")
        line.ended = [1]
        #expect(line.request(at: 301) == "make, wait until 5000")
        _ = line.failed(at: 301)
        #expect(line.request(at: 401) == "make, wait until 421, else unreachable")
    }

    @Test func `what is renewed is let go, and made again when it is wanted`() {
        var line = Transcript()
        #expect(line.renew() == "nothing")
        _ = line.request(at: 0)
        #expect(line.renew() == "nothing")
        _ = line.made(1)
        #expect(line.renew() == "discard 1")
        #expect(line.request(at: 1) == "make, wait until 5000")
    }

    @Test func `what is doubted serves until another one takes its place`() {
        var line = Transcript()
        #expect(line.replacementRequested() == "nothing")
        _ = line.request(at: 0)
        #expect(line.replacementRequested() == "nothing")
        _ = line.made(1)
        #expect(line.replacementRequested() == "make beside")
        #expect(line.replacementRequested() == "nothing")
        #expect(line.request(at: 1) == "use 1")
        #expect(line.made(2) == "replace 1 by 2")
        #expect(line.request(at: 2) == "use 2")
    }

    @Test func `what is doubted stays where no other can be made`() {
        var line = Transcript()
        _ = line.request(at: 0)
        _ = line.made(1)
        _ = line.replacementRequested()
        #expect(line.failed(at: 1) == "nothing")
        #expect(line.request(at: 2) == "use 1")
        #expect(line.replacementRequested() == "make beside")
    }

    @Test func `what goes bad while it is doubted is waited for, and what is let go then is made again`() {
        var bad = Transcript()
        _ = bad.request(at: 0)
        _ = bad.made(1)
        _ = bad.replacementRequested()
        bad.ended = [1]
        #expect(bad.request(at: 1) == "wait until 5000")
        #expect(bad.made(2) == "serve 2")

        var renewed = Transcript()
        _ = renewed.request(at: 0)
        _ = renewed.made(1)
        _ = renewed.replacementRequested()
        #expect(renewed.renew() == "discard 1")
        #expect(renewed.request(at: 1) == "wait until 5000")
        #expect(renewed.made(2) == "serve 2")

        var closed = Transcript()
        _ = closed.request(at: 0)
        _ = closed.made(1)
        _ = closed.replacementRequested()
        #expect(closed.close() == "discard 1")
        #expect(closed.made(2) == "discard 2")
    }

    @Test func `a closed resource serves no request and keeps no value`() {
        var idle = Transcript()
        #expect(idle.close() == "nothing")
        #expect(idle.request(at: 0) == "fail unreachable notSent")

        var connecting = Transcript()
        _ = connecting.request(at: 0)
        #expect(connecting.close() == "fail unreachable notSent")
        #expect(connecting.made(1) == "discard 1")
        #expect(connecting.failed(at: 1) == "nothing")

        var connected = Transcript()
        _ = connected.request(at: 0)
        _ = connected.made(1)
        #expect(connected.close() == "discard 1")
        #expect(connected.request(at: 1) == "fail unreachable notSent")
        #expect(connected.close() == "nothing")
    }
}
