import NIOCore
import Testing

@testable import StatelineRedis

/// What a reader made of some bytes.
func replies(
    to text: String,
    limits: ReplyLimits = ReplyLimits(),
    slices: Int = .max
) -> (replies: [RESPValue], violation: ReplyViolation?) {
    replies(to: ByteBuffer(string: text), limits: limits, slices: slices)
}

/// What a reader made of some bytes, that come so many at a time.
func replies(
    to bytes: ByteBuffer,
    limits: ReplyLimits = ReplyLimits(),
    slices: Int = .max
) -> (replies: [RESPValue], violation: ReplyViolation?) {
    let reader = RESPReader(limits: limits)
    var rest = bytes
    var replies: [RESPValue] = []
    while rest.readableBytes > 0, let slice = rest.readSlice(length: min(slices, rest.readableBytes)) {
        do {
            try reader.read(slice) { reply in
                replies.append(reply)
                return true
            }
        } catch {
            return (replies, error)
        }
    }
    return (replies, nil)
}

@Suite struct ReplyTests {
    private static let all =
        "+OK\r\n-ERR no\r\n:-12\r\n$-1\r\n$0\r\n\r\n$3\r\na\r\n\r\n*-1\r\n*0\r\n*2\r\n*2\r\n:1\r\n*0\r\n$1\r\nx\r\n"
    private static let values: [RESPValue] = [
        .status("OK"), .error("ERR no"), .integer(-12), .null, .bytes(ByteBuffer()),
        .bytes(ByteBuffer(string: "a\r\n")),
        .null, .array([]),
        .array([.array([.integer(1), .array([])]), .bytes(ByteBuffer(string: "x"))]),
    ]

    @Test(arguments: [1, 2, 3, 5, 7, 64, .max])
    func `every kind of reply comes whole, however it was sliced`(slices: Int) {
        let outcome = replies(to: Self.all, slices: slices)
        #expect(outcome.replies == Self.values)
        #expect(outcome.violation == nil)
    }

    @Test(arguments: [4_094, 4_096, 8_192, 65_536, 3_000_000], [1_000, 65_536, .max])
    func `a long string comes whole, and what is behind it`(length: Int, slices: Int) {
        let text = String(repeating: "v", count: length)
        let outcome = replies(to: "$\(length)\r\n\(text)\r\n+OK\r\n", slices: slices)
        #expect(outcome.replies == [.bytes(ByteBuffer(string: text)), .status("OK")])
        #expect(outcome.violation == nil)
    }

    @Test(arguments: ["$3\r\nabcd\r\n", "$3\r\nabc\rX", "$3\r\nabcX\n", "*1\r\n$1\r\nab\r\n"], [1, .max])
    func `a string that does not end where it should is a violation`(text: String, slices: Int) {
        let outcome = replies(to: text, slices: slices)
        #expect(outcome.replies.isEmpty)
        #expect(outcome.violation == .wrongTerminator)
    }

    @Test(
        arguments: [
            "x\r\n", "\r\n", ":1x\r\n", ":\r\n", "$x\r\n", "$-2\r\n", "*-2\r\n", "*2147483648\r\n",
            "$99999999999999999\r\n",
            "$9999999999999999999999\r\n", "$1x3\r\n", "$7\r\r\n", "%1\r\n", "_\r\n",
        ],
        [1, .max]
    )
    func `what is not RESP2 is a violation, and stays one`(text: String, slices: Int) {
        let outcome = replies(to: "+OK\r\n" + text + "+OK\r\n", slices: slices)
        #expect(outcome.replies == [.status("OK")])
        #expect(outcome.violation != nil)
    }

    @Test func `a string that is announced too long is refused before it comes`() {
        var limits = ReplyLimits()
        limits.bulkBytes = 10
        #expect(replies(to: "$10\r\n0123456789\r\n", limits: limits).violation == nil)
        #expect(replies(to: "$11\r\n", limits: limits).violation == .bulkTooLong)
        #expect(replies(to: "$11\r\n", limits: limits, slices: 1).violation == .bulkTooLong)
        #expect(replies(to: "*1\r\n$11\r\n01234567890\r\n", limits: limits).violation == .bulkTooLong)
    }

    @Test(arguments: [1, .max])
    func `lines, elements, depth and the whole have limits`(slices: Int) {
        var limits = ReplyLimits()
        limits.lineBytes = 32
        limits.elements = 3
        limits.depth = 2
        limits.bufferedBytes = 1_000
        limits.bulkBytes = 900
        let outcome = { (text: String) in replies(to: text, limits: limits, slices: slices).violation }
        #expect(outcome("+" + String(repeating: "a", count: 34)) == .lineTooLong)
        #expect(outcome("+" + String(repeating: "a", count: 33) + "\r\n") == .lineTooLong)
        #expect(outcome("+" + String(repeating: "a", count: 32) + "\r\n") == nil)
        #expect(outcome("*4\r\n") == .tooManyElements)
        #expect(outcome("*2\r\n*1\r\n:1\r\n*1\r\n") == .tooManyElements)
        #expect(outcome("*1\r\n*1\r\n:1\r\n") == nil)
        #expect(outcome("*1\r\n*1\r\n*1\r\n") == .tooDeep)
        let half = "$500\r\n" + String(repeating: "a", count: 500) + "\r\n"
        #expect(outcome("*1\r\n" + half) == nil)
        #expect(outcome("*2\r\n" + half + half) == .replyTooLarge)
        #expect(outcome(half + half) == nil)
    }

    @Test func `nothing is reserved for what an array only announces`() {
        let reader = RESPReader()
        for _ in 0..<3 {
            _ = try? reader.read(ByteBuffer(string: "*1000000\r\n")) { _ in true }
        }
        #expect(reader.bufferedBytes < 100)
    }

    @Test func `a reader that was told to stop passes on no more replies`() throws {
        let reader = RESPReader()
        var count = 0
        try reader.read(ByteBuffer(string: "+a\r\n+b\r\n")) { _ in
            count += 1
            return false
        }
        try reader.read(ByteBuffer(string: "+c\r\n")) { _ in
            count += 1
            return true
        }
        #expect(count == 1)
    }
}
