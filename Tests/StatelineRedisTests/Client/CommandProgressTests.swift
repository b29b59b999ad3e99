import NIOCore
import Testing

@testable import StatelineRedis

@Suite struct CommandProgressTests {
    private static let moved = RESPValue.error("MOVED 7 h:1")
    private static let ask = RESPValue.error("ASK 7 h:2")
    private static let again = RESPValue.error("TRYAGAIN Multiple keys request during rehashing of slot")

    private static func written(_ request: RedisRequest) -> String {
        var encoder = CommandEncoder()
        request.encode(&encoder)
        #expect(encoder.commands == request.commands)
        let lines = String(buffer: encoder.buffer).split(separator: "\r\n")
        return lines.filter { !$0.hasPrefix("$") }.map { $0.hasPrefix("*") ? "|" : String($0) }.joined(separator: " ")
    }

    private static func request(_ lane: RedisRequest.Lane = .shared) -> RedisRequest {
        .of([["GET", "a"], ["GET", "b"], ["GET", "c"]], lane: lane)
    }

    @Test func `one command is sent again, behind ASKING where that was asked for`() {
        var progress = CommandProgress(.of("SET", "k", "v"))
        var attempt = progress.attempt(asking: false)
        #expect(Self.written(attempt.request) == "| SET k v")
        progress.replied(Self.ask, to: attempt)
        #expect(progress.refusal == "ASK 7 h:2")
        #expect(!progress.isPartial)
        attempt = progress.attempt(asking: true)
        #expect(Self.written(attempt.request) == "| ASKING | SET k v")
        progress.replied(.array([.status("OK"), Self.again]), to: attempt)
        #expect(progress.refusal?.hasPrefix("TRYAGAIN") == true)
        attempt = progress.attempt(asking: false)
        progress.replied(.status("OK"), to: attempt)
        #expect(progress.refusal == nil)
        #expect(progress.reply == .status("OK"))
    }

    @Test func `commands that were answered are not sent again`() {
        var progress = CommandProgress(Self.request())
        let first = progress.attempt(asking: false)
        progress.replied(.array([.text("1"), Self.ask, .null]), to: first)
        #expect(progress.isPartial)
        let second = progress.attempt(asking: true)
        #expect(Self.written(second.request) == "| ASKING | GET b")
        progress.replied(.array([.status("OK"), .text("2")]), to: second)
        #expect(progress.refusal == nil && !progress.isPartial)
        #expect(progress.reply == .array([.text("1"), .text("2"), .null]))
    }

    @Test func `commands that were refused for different reasons are sent again one reason after the other`() {
        var progress = CommandProgress(Self.request())
        progress.replied(.array([Self.moved, Self.ask, Self.moved]), to: progress.attempt(asking: false))
        #expect(progress.refusal == "MOVED 7 h:1")
        let second = progress.attempt(asking: false)
        #expect(Self.written(second.request) == "| GET a | GET c")
        progress.replied(.array([.text("1"), .text("3")]), to: second)
        #expect(progress.refusal == "ASK 7 h:2")
        let third = progress.attempt(asking: true)
        progress.replied(.array([.status("OK"), .text("2")]), to: third)
        #expect(progress.reply == .array([.text("1"), .text("2"), .text("3")]))
    }

    @Test func `on the replicated lane what follows is sent again as well`() {
        var progress = CommandProgress(Self.request(.replicated))
        progress.replied(.array([.text("1"), Self.moved, .text("0")]), to: progress.attempt(asking: false))
        let second = progress.attempt(asking: false)
        #expect(Self.written(second.request) == "| GET b | GET c")
        progress.replied(.array([.text("2"), .text("3")]), to: second)
        #expect(progress.reply == .array([.text("1"), .text("2"), .text("3")]))
    }

    @Test func `errors that nobody can do something about are answers`() {
        var progress = CommandProgress(Self.request())
        let reply = RESPValue.array([.error("WRONGTYPE x"), .error("NOSCRIPT x"), .error("OOM x")])
        #expect(!CommandProgress.isRefusal(reply, of: Self.request()))
        progress.replied(reply, to: progress.attempt(asking: false))
        #expect(progress.refusal == nil)
        #expect(progress.reply == reply)
    }

    @Test func `an array that one command answers with is looked at no further`() {
        #expect(!CommandProgress.isRefusal(.array([Self.moved]), of: .of("EXEC")))
    }

    @Test func `each reply is read as that to its own command, in a part and behind ASKING too`() {
        let request = RedisRequest(
            slot: nil,
            isRepeatable: true,
            commands: 2,
            readReply: { reply, command in reply == .integer(Int64(command)) ? .text("\(command)") : nil },
            encode: { encoder in
                encoder.command(["PING"])
                encoder.command(["PING"])
            }
        )
        #expect(request.answer(in: .array([.integer(0), .integer(1)])) == .array([.text("0"), .text("1")]))
        #expect(request.answer(in: .array([.integer(1), .integer(0)])) == nil)
        #expect(request.answer(in: .array([.integer(0)])) == nil)
        #expect(request.answer(in: .integer(0)) == nil)
        let part = request.part([1], asking: false)
        #expect(part.answer(in: .integer(1)) == .text("1"))
        #expect(part.answer(in: .integer(0)) == nil)
        let asking = request.part([1], asking: true)
        #expect(asking.answer(in: .array([.status("OK"), .integer(1)])) == .array([.status("OK"), .text("1")]))
        #expect(asking.answer(in: .array([.status("OK"), .integer(0)])) == nil)
    }
}
