import LockFreeMap
import Testing

struct KeyTests {
    @Test
    func `keys of any length are equal by their bytes`() {
        for length in 0..<100 {
            let text = String(repeating: "k", count: length)
            #expect(ByteKey(text) == ByteKey(text))
            #expect(ByteKey(text) != ByteKey(text + "k"))
            #expect(ByteKey(text).hash(.process) == ByteKey(text).hash(.process))
            #expect(ByteKey(text).hash(.process) != ByteKey(text + "\0").hash(.process))
        }
    }

    @Test
    func `keys in place are equal by their bytes, and have a most length`() throws {
        for length in 0..<39 {
            let text = String(repeating: "k", count: length)
            let key = try #require(Key40(text))
            #expect(key == Key40(text))
            #expect(key != Key40(text + "k"))
            #expect(key != Key40(text + "\0"))
            #expect(key.hash(.process) == Key40(text)?.hash(.process))
            #expect(key.hash(.process) != Key40(text + "\0")?.hash(.process))
        }
        #expect(Key40(String(repeating: "k", count: 40)) == nil)
    }
}
