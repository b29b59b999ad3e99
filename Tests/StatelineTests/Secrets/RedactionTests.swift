import StatelineMemory
import Testing

@testable import Stateline

/// Descriptions and dumps of what holds a key.
@Suite struct RedactionTests {
    private static let bytes = (0..<32).map { UInt8($0 + 0x61) }
    private static let digits = bytes.map { String($0, radix: 16) }.joined()

    private func texts(of value: Any) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        return [String(describing: value), String(reflecting: value), "\(value)", dumped]
    }

    @Test func `no description or dump shows a key`() throws {
        let key = try #require(EncryptionKey(id: 41, bytes: Self.bytes))
        let ring = KeyRing(key)
        let cipher = try SessionCipher(of: SealedLog.key, from: ring).sealing(1)
        let log = try SealedLog(keys: ring)
        let values: [Any] = [
            key, ring, TenantKeyRings { _ in ring }, cipher, Boundary(store: MemoryStore(), keys: ring),
            log.writer.snapshot, log.writer.snapshot.end, SealError.unknownKey(id: 41),
        ]
        let listed = Self.bytes.map { String($0) }.joined(separator: ", ")
        for value in values {
            for text in texts(of: value) {
                #expect(!text.contains("SymmetricKey") && !text.contains("SecureBytes"), "\(text.prefix(400))")
                for form in [String(decoding: Self.bytes, as: UTF8.self), Self.digits, listed] {
                    #expect(!text.lowercased().contains(form), "\(text.prefix(400))")
                }
            }
        }
        #expect("\(key)" == "key 41: <redacted>")
        #expect("\(ring)" == "keys [41]: <redacted>")
    }

    @Test func `a key has 32 bytes or 64 digits`() throws {
        let key = try #require(EncryptionKey(id: 1, bytes: Self.bytes))
        let same = try #require(EncryptionKey(id: 1, hexadecimal: Self.digits.uppercased()))
        #expect(key.secret == same.secret)
        #expect(EncryptionKey(id: 1, bytes: Self.bytes.dropLast()) == nil)
        for digits in ["", String(Self.digits.dropLast()), Self.digits + "0", "+" + Self.digits.dropFirst()] {
            #expect(EncryptionKey(id: 1, hexadecimal: digits) == nil)
        }
    }
}
