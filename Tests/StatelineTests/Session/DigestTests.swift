import NIOCore
import Testing

@testable import Stateline

/// Known answers come from Python's `hashlib`, over the bytes that the documentation of the chain names.
@Suite struct DigestTests {
    private static let incarnation = Incarnation(rawValue: 0x0011_2233_4455_6677_8899_aabb_ccdd_eeff)
    private static let origin = Digest.origin(of: SessionKey("thread-42", tenant: "acme"), incarnation: incarnation)

    @Test func `SHA-256 gives its published values`() {
        #expect(
            Digest.sha256(ByteBuffer(string: "abc")).description
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        #expect(
            Digest.sha256(ByteBuffer()).description
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
        #expect(
            Digest.sha256(ByteBuffer(repeating: UInt8(ascii: "a"), count: 1_000_000)).description
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        )
    }

    @Test func `the chain begins with format, key and incarnation`() {
        #expect(
            Self.origin.description == "d4a0eacfbdd4595ff9f2e64073014e5d7b7af4b0a793088ef80b0fa9bf2833bb"
        )
        let fork = SessionKey("root", tenant: "acme").fork("fork")
        #expect(
            Digest.origin(of: fork, incarnation: Self.incarnation).description
                == "cfcacd6a001f263f01c651026705db2b7b8bad22edf1922224bdfdd031bb8d5e"
        )
    }

    @Test func `the chain goes on with length, batch and head`() {
        let first = Digest.chained(
            after: Self.origin,
            batch: ByteBuffer(string: "batch"),
            head: ByteBuffer(string: "head")
        )
        #expect(first.description == "b771da3a7116b6a94c80adc5efc1bc88d31fd0a81c41c64837872038dba4e441")
        let second = Digest.chained(after: first, batch: ByteBuffer(), head: ByteBuffer())
        #expect(second.description == "25e735c4676c25de46d10fc5af71e6171e3807a5415dd60a095d5f997e51b60c")
    }

    @Test func `bytes that move between batch and head change the digest`() {
        let a = Digest.chained(after: Self.origin, batch: ByteBuffer(string: "ab"), head: ByteBuffer(string: "c"))
        let b = Digest.chained(after: Self.origin, batch: ByteBuffer(string: "a"), head: ByteBuffer(string: "bc"))
        #expect(a != b)
    }

    @Test func `characters that move between family and id change the origin`() {
        let a = SessionKey("a", tenant: "acme").fork("bc")
        let b = SessionKey("ab", tenant: "acme").fork("c")
        #expect(Digest.origin(of: a, incarnation: Self.incarnation) != .origin(of: b, incarnation: Self.incarnation))
    }

    @Test func `a request is known by its base, its prefix and the bytes after it`() {
        let new = GatherList([ByteBuffer(string: "new "), ByteBuffer(string: "bytes")])
        let digest = Digest.request(from: Self.origin, prefix: 1000, rest: new)
        #expect(digest.description == "093ba9770094911a14f1846ad79b0c9f0badfa68ef75f6abb3ca960b82542b3d")
        #expect(digest != .request(from: Self.origin, prefix: 1001, rest: new))
    }

    @Test func `a digest is read as it was written`() {
        var buffer = ByteBuffer()
        Self.origin.write(to: &buffer)
        #expect(buffer.readableBytes == Digest.byteCount)
        var short = buffer.getSlice(at: 0, length: Digest.byteCount - 1) ?? ByteBuffer()
        #expect(Digest(from: &short) == nil)
        #expect(Digest(from: &buffer) == Self.origin)
        #expect(buffer.readableBytes == 0)
    }

    @Test func `leading zeros are shown`() {
        var buffer = ByteBuffer(repeating: 0, count: 31)
        buffer.writeInteger(1 as UInt8)
        #expect(Digest(from: &buffer)?.description == String(repeating: "0", count: 63) + "1")
    }
}
