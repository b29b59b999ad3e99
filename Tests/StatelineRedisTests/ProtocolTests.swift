import NIOCore
import Testing

@testable import StatelineRedis

@Suite struct CommandEncoderTests {
    @Test func `a command is an array of length-prefixed strings`() {
        var encoder = CommandEncoder()
        encoder.command(3)
        encoder.argument("SET")
        encoder.argument("k\u{e9}y")
        encoder.argument(ByteBuffer(bytes: [0, 13, 10]))
        #expect(encoder.buffer == ByteBuffer(string: "*3\r\n$3\r\nSET\r\n$4\r\nk\u{e9}y\r\n$3\r\n\0\r\n\r\n"))
        #expect(encoder.commands == 1)
    }

    @Test func `a framed argument has its length before it and behind it`() {
        var encoder = CommandEncoder()
        encoder.command(1)
        encoder.argument(framed: ByteBuffer(string: "abc"))
        #expect(encoder.buffer == ByteBuffer(string: "*1\r\n$11\r\n\0\0\0\u{3}abc\0\0\0\u{3}\r\n"))
    }
}
