import NIOCore
import StatelineTesting
import Testing

@testable import StatelineRedis

@Suite struct HashSlotTests {
    @Test func `the checksum is CRC-16/XMODEM`() {
        #expect(CRC16.checksum(of: "123456789".utf8) == 0x31c3)
        #expect(CRC16.checksum(of: "".utf8) == 0)
    }

    @Test(arguments: [
        ("", 0), ("123456789", 0x31c3 % 16_384), ("foo", 12_182), ("bar", 5061), ("hello", 866),
        ("{user1000}.following", 3443), ("{user1000}.followers", 3443), ("user1000", 3443),
    ])
    func `a key has the slot that the specification gives it`(key: String, slot: UInt16) {
        #expect(HashSlot(key).rawValue == slot)
    }

    @Test func `what stands in the first braces is hashed, unless it is nothing`() {
        #expect(HashSlot("a{b}c") == HashSlot("b"))
        #expect(HashSlot("{a}{b}") == HashSlot("a"))
        #expect(HashSlot("foo{{bar}}zap") == HashSlot("{bar"))
        #expect(HashSlot("foo{bar}{zap}") == HashSlot("bar"))
        #expect(HashSlot("}a{b}") == HashSlot("b"))
        for whole in ["foo{}{bar}", "foo{bar", "foo}bar", "{}"] {
            #expect(HashSlot(whole).rawValue == CRC16.checksum(of: whole.utf8) % 16_384)
        }
    }
}

extension HashSlotTests {
    @Test func `a server says the same of random keys`() async throws {
        var options = RedisServer.Options()
        options.arguments = ["--cluster-enabled", "yes"]
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(seed: seed)
        let alphabet = Array("{}ab\u{0}\u{e9}".utf8)
        let keys = (0..<2000)
            .map { _ in
                ByteBuffer(
                    bytes: (0..<Int.random(in: 0...12, using: &generator))
                        .map { _ in alphabet.randomElement(using: &generator)! }
                )
            }
        try await RedisServer.run(options) { server in
            let asked = keys.map { [ByteBuffer(string: "CLUSTER"), ByteBuffer(string: "KEYSLOT"), $0] }
            let replies = try server.replies(to: asked)
            for (key, reply) in zip(keys, replies) {
                #expect(String(HashSlot(key.readableBytesView).rawValue) == reply.text, "seed \(seed), key \(key)")
            }
        }
    }
}
