import NIOCore
import Testing

@testable import StatelineRedis

/// A machine whose requests are words, and what became of them, a line each.
private struct Transcript: ~Copyable {
    private var machine: RedisConnectionStateMachine<String>
    private var now = NIODeadline.uptimeNanoseconds(0)
    private(set) var lines: [String] = []

    init(_ rules: RedisConnectionStateMachine<String>.Rules = .init(), connected: Bool = true) {
        machine = RedisConnectionStateMachine(rules: rules, until: .uptimeNanoseconds(0) + .seconds(5), now: now)
        if connected { connect() }
        if connected { lines = [] }
    }

    mutating func connect() {
        switch machine.connected(now: now) {
        case .authenticate(let commands): lines.append("say \(commands.count)")
        case .ready: lines.append("ready")
        case .nothing: lines.append("nothing")
        }
    }

    mutating func send(_ name: String, commands: Int = 1, bytes: Int = 10, within seconds: Int64 = 60) {
        if let error = machine.refusal(of: commands) { return lines.append("\(name) refused: \(Self.text(error))") }
        let isEarlier = machine.enqueued(
            PendingRequest(
                completion: name,
                commands: commands,
                deadline: now + .seconds(seconds),
                bytes: bytes
            )
        )
        if isEarlier { lines.append("alarm at \(alarm)") }
    }

    mutating func write() {
        let cuts = machine.flushing { now }
        lines.append(cuts.isEmpty ? "write" : "write without \(cuts.map { "\($0)" }.joined(separator: ", "))")
    }

    mutating func receive(_ replies: RESPValue...) {
        machine.received(now: now)
        for reply in replies {
            switch machine.replied(reply) {
            case .drop: lines.append("drop")
            case .ready: lines.append("ready")
            case .complete(let name, let reply): lines.append("\(name) gets \(Self.text(reply))")
            case .end(let error): lines.append("end: \(Self.text(error))")
            }
        }
        if machine.isDrained() { lines.append("drained") }
    }

    mutating func cancel(_ name: String) {
        let failures = machine.cancelled(now: now, where: { $0 == name }).failures
        for failure in failures { lines.append("\(failure.completion) fails: \(Self.text(failure.error))") }
        if failures.isEmpty { lines.append("nothing") }
        if machine.isDrained() { lines.append("drained") }
    }

    mutating func wait(_ seconds: Int64) {
        now = now + .seconds(seconds)
        guard now >= machine.alarm else { return lines.append("asleep until \(alarm)") }
        let action = machine.timePassed(now: now)
        for failure in action.failures { lines.append("\(failure.completion) fails: \(Self.text(failure.error))") }
        switch action.then {
        case .nothing: break
        case .ping: lines.append("ping")
        case .reportSilence: lines.append("silent")
        case .end(let error): lines.append("end: \(Self.text(error))")
        }
    }

    mutating func close() {
        lines.append(machine.closeRequested() ? "close now" : "close later")
    }

    mutating func end(_ error: RedisError = .closedByPeer) {
        for failure in machine.ended(error) { lines.append("\(failure.completion) fails: \(Self.text(failure.error))") }
        lines.append("ended")
    }

    var commands: Int { machine.commands }
    private var alarm: Int64 { Int64(machine.alarm.uptimeNanoseconds / 1_000_000_000) }

    private static func text(_ error: RedisError) -> String { "\(error.reason), \(error.execution)" }

    private static func text(_ reply: RESPValue) -> String {
        switch reply {
        case .status(let text): text
        case .error(let text): "-\(text)"
        case .integer(let integer): "\(integer)"
        case .bytes(let bytes): String(buffer: bytes)
        case .null: "null"
        case .array(let values): "[" + values.map { Self.text($0) }.joined(separator: " ") + "]"
        }
    }
}

@Suite struct RedisConnectionStateMachineTests {
    private typealias Rules = RedisConnectionStateMachine<String>.Rules

    private static let handshake = Rules(handshake: [.authenticate(user: nil, password: Secret("p")), .select(2)])

    @Test func `a connection says who it is before it takes requests`() {
        var connection = Transcript(Self.handshake, connected: false)
        connection.send("early")
        connection.connect()
        connection.send("early")
        connection.receive(.status("OK"))
        connection.receive(.status("OK"))
        connection.send("a")
        connection.write()
        connection.receive(.integer(1))
        #expect(
            connection.lines == [
                "early refused: unreachable, notSent", "say 2", "early refused: unreachable, notSent", "drop", "ready",
                "write", "a gets 1",
            ]
        )
    }

    @Test(
        arguments: [
            ("WRONGPASS invalid", "denied"), ("NOAUTH first", "denied"), ("NOPERM never", "denied"),
            ("ERR AUTH called without any password", "denied"), ("ERR max number of clients reached", "unreachable"),
            ("LOADING soon", "refused(code: \"LOADING\")"),
        ]
    )
    func `a server that does not let us in ends the connection`(reply: String, reason: String) {
        var connection = Transcript(Self.handshake, connected: false)
        connection.connect()
        connection.receive(.error(reply))
        #expect(connection.lines == ["say 2", "end: \(reason), notSent"])
    }

    @Test func `a connection that is not made in time ends`() {
        var connection = Transcript(Self.handshake, connected: false)
        connection.wait(4)
        connection.connect()
        connection.wait(1)
        #expect(connection.lines == ["asleep until 5", "say 2", "end: timedOut, notSent"])
    }

    @Test func `replies belong to requests in their order, several to one that has several`() {
        var connection = Transcript()
        connection.send("a")
        connection.send("b", commands: 3)
        connection.write()
        connection.send("c")
        connection.receive(.integer(1), .integer(2), .null)
        connection.write()
        connection.receive(.error("OOM"), .integer(3))
        #expect(connection.lines == ["write", "a gets 1", "drop", "drop", "write", "b gets [2 null -OOM]", "c gets 3"])
    }

    @Test func `a reply that nothing was asked for ends the connection`() {
        var connection = Transcript()
        connection.send("unwritten")
        connection.receive(.integer(1))
        connection.end()
        #expect(connection.lines == ["end: protocolViolation, unknown", "unwritten fails: closed, notSent", "ended"])
    }

    @Test func `who cancels leaves a tombstone, and the neighbours get their own replies`() {
        var connection = Transcript()
        for name in ["a", "b", "c"] { connection.send(name) }
        connection.write()
        connection.cancel("b")
        connection.cancel("b")
        connection.receive(.integer(1), .integer(2), .integer(3))
        #expect(
            connection.lines == ["write", "b fails: cancelled, unknown", "nothing", "a gets 1", "drop", "c gets 3"]
        )
    }

    @Test func `one of several replies in, a cancellation still takes the others`() {
        var connection = Transcript()
        connection.send("a", commands: 2)
        connection.send("b")
        connection.write()
        connection.receive(.integer(1))
        connection.cancel("a")
        connection.receive(.integer(2), .integer(3))
        #expect(connection.lines == ["write", "drop", "a fails: cancelled, unknown", "drop", "b gets 3"])
    }

    @Test func `what was not written when it was cancelled is never written`() {
        var connection = Transcript()
        connection.send("written", bytes: 5)
        connection.write()
        connection.send("a", bytes: 7)
        connection.send("b", bytes: 11)
        connection.send("c", bytes: 13)
        connection.send("d", bytes: 17)
        connection.cancel("a")
        connection.cancel("c")
        connection.write()
        connection.receive(.integer(0), .integer(1), .integer(2))
        #expect(
            connection.lines == [
                "write", "a fails: cancelled, notSent", "c fails: cancelled, notSent", "write without 0..<7, 18..<31",
                "written gets 0", "b gets 1", "d gets 2",
            ]
        )
        #expect(connection.commands == 0)
    }

    @Test func `a deadline that passes is unknown once written, and its reply is dropped`() {
        var connection = Transcript(Rules(keepAlive: nil))
        connection.send("slow", within: 2)
        connection.send("patient", within: 9)
        connection.write()
        connection.send("unwritten", within: 2)
        connection.wait(2)
        connection.write()
        connection.receive(.integer(1), .integer(2))
        #expect(
            connection.lines == [
                "alarm at 2", "write", "slow fails: timedOut, unknown", "unwritten fails: timedOut, notSent",
                "write without 0..<10", "drop", "patient gets 2",
            ]
        )
    }

    @Test func `a server that leaves a tombstone waiting is given up`() {
        var connection = Transcript(Rules(keepAlive: nil, stallLimit: .seconds(4)))
        connection.send("slow", within: 2)
        connection.send("patient", within: 60)
        connection.write()
        connection.wait(2)
        connection.wait(3)
        connection.wait(1)
        connection.end(.stalled)
        #expect(
            connection.lines == [
                "alarm at 2", "write", "slow fails: timedOut, unknown", "asleep until 6", "end: timedOut, unknown",
                "patient fails: timedOut, unknown", "ended",
            ]
        )
    }

    @Test func `a server that gives signs of life is not given up`() {
        var connection = Transcript(Rules(keepAlive: nil, stallLimit: .seconds(4)))
        connection.send("a", within: 60)
        connection.send("slow", within: 2)
        connection.write()
        connection.wait(2)
        connection.wait(3)
        connection.receive(.integer(1))
        connection.wait(3)
        connection.wait(1)
        #expect(
            connection.lines == [
                "alarm at 2", "write", "slow fails: timedOut, unknown", "asleep until 6", "a gets 1",
                "end: timedOut, unknown",
            ]
        )
    }

    @Test func `an idle connection is asked for a sign of life`() {
        var connection = Transcript(Rules(keepAlive: .seconds(30), stallLimit: .seconds(10)))
        connection.wait(29)
        connection.wait(1)
        connection.write()
        connection.receive(.status("PONG"))
        connection.wait(30)
        connection.write()
        connection.send("a")
        connection.write()
        connection.receive(.status("PONG"), .integer(1))
        #expect(
            connection.lines == [
                "asleep until 30", "ping", "write", "drop", "ping", "write", "write", "drop", "a gets 1",
            ]
        )
    }

    @Test func `no sign of life within the limit ends the connection`() {
        var connection = Transcript(Rules(keepAlive: .seconds(30), stallLimit: .seconds(10)))
        connection.wait(30)
        connection.write()
        connection.wait(9)
        connection.wait(1)
        #expect(connection.lines == ["ping", "write", "asleep until 40", "end: timedOut, unknown"])
    }

    @Test func `too many commands are refused, tombstones counted`() {
        var connection = Transcript(Rules(inFlightLimit: 3))
        connection.send("a", commands: 2)
        connection.send("b", commands: 2)
        connection.send("c")
        connection.write()
        connection.cancel("a")
        connection.send("d")
        connection.receive(.integer(1), .integer(2))
        connection.send("e")
        #expect(
            connection.lines == [
                "b refused: overloaded, notSent", "write", "a fails: cancelled, unknown",
                "d refused: overloaded, notSent", "drop", "drop",
            ]
        )
    }

    @Test func `what was sent is answered before a connection closes, and nothing new is taken`() {
        var connection = Transcript()
        connection.send("a")
        connection.write()
        connection.send("b")
        connection.close()
        connection.send("c")
        connection.write()
        connection.receive(.integer(1))
        connection.receive(.integer(2))
        connection.end(.closedByUs)
        connection.send("d")
        #expect(
            connection.lines == [
                "write", "close later", "c refused: closed, notSent", "write", "a gets 1", "b gets 2", "drained",
                "ended", "d refused: closed, notSent",
            ]
        )
    }

    @Test func `nobody waits for tombstones when a connection closes`() {
        var connection = Transcript()
        connection.close()
        var other = Transcript()
        other.send("a")
        other.write()
        other.close()
        other.cancel("a")
        #expect(connection.lines == ["close now"])
        #expect(other.lines == ["write", "close later", "a fails: cancelled, unknown", "drained"])
    }

    @Test func `at the end each learns whether it was written`() {
        var connection = Transcript()
        connection.send("a")
        connection.send("b")
        connection.write()
        connection.cancel("a")
        connection.send("c")
        connection.end()
        connection.end()
        connection.receive(.integer(1))
        #expect(
            connection.lines == [
                "write", "a fails: cancelled, unknown", "b fails: closed, unknown", "c fails: closed, notSent", "ended",
                "ended", "drop",
            ]
        )
    }

    private static let silence = Rules(keepAlive: nil, silenceLimit: .seconds(2))

    @Test func `a reply that is due without a byte is reported, again and again, and the request goes on`() {
        var connection = Transcript(Self.silence)
        connection.send("a")
        connection.write()
        connection.wait(1)
        connection.wait(1)
        connection.wait(1)
        connection.wait(1)
        connection.receive(.integer(1))
        connection.wait(10)
        #expect(connection.lines == ["write", "asleep until 2", "silent", "asleep until 4", "silent", "a gets 1"])
    }

    @Test func `each byte ends the silence, and idle time is none`() {
        var connection = Transcript(Self.silence)
        connection.wait(5)
        connection.send("a")
        connection.send("b")
        connection.write()
        connection.wait(1)
        connection.receive(.integer(1))
        connection.wait(1)
        connection.wait(1)
        #expect(connection.lines == ["asleep until 10", "write", "asleep until 7", "a gets 1", "silent"])
    }

    @Test func `a request that takes its time, or has many bytes, is given it`() {
        var connection = Transcript(Self.silence)
        connection.send("large", bytes: 768 << 10)
        connection.write()
        connection.wait(4)
        connection.wait(1)
        #expect(connection.lines == ["write", "asleep until 5", "silent"])
    }
}
