import NIOCore
import Testing

@testable import StatelineRedis

@Suite struct RequestProgressTests {
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
        var progress = RequestProgress(.of("SET", "k", "v"))
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
        var progress = RequestProgress(Self.request())
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
        var progress = RequestProgress(Self.request())
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
        var progress = RequestProgress(Self.request(.replicated))
        progress.replied(.array([.text("1"), Self.moved, .text("0")]), to: progress.attempt(asking: false))
        let second = progress.attempt(asking: false)
        #expect(Self.written(second.request) == "| GET b | GET c")
        progress.replied(.array([.text("2"), .text("3")]), to: second)
        #expect(progress.reply == .array([.text("1"), .text("2"), .text("3")]))
    }

    @Test func `errors that nobody can do something about are answers`() {
        var progress = RequestProgress(Self.request())
        let reply = RESPValue.array([.error("WRONGTYPE x"), .error("NOSCRIPT x"), .error("OOM x")])
        #expect(!RequestProgress.isRefusal(reply, of: Self.request()))
        progress.replied(reply, to: progress.attempt(asking: false))
        #expect(progress.refusal == nil)
        #expect(progress.reply == reply)
    }

    @Test func `an array that one command answers with is looked at no further`() {
        #expect(!RequestProgress.isRefusal(.array([Self.moved]), of: .of("EXEC")))
    }

    @Test func `an answer is judged without the replies to ASKING, where all is sent`() {
        let request = RedisRequest(
            slot: nil,
            isRepeatable: true,
            isAnswer: { $0 == .integer(1) },
            encode: { encoder in
                encoder.command(1)
                encoder.argument("PING")
            }
        )
        let part = request.part([0], asking: true)
        #expect(part.isAnswer?(.array([.status("OK"), .integer(1)])) == true)
        #expect(part.isAnswer?(.array([.status("OK"), .integer(2)])) == false)
        #expect(request.part([0], asking: false).isAnswer?(.integer(1)) == true)
    }
}
