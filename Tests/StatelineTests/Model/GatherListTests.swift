import NIOCore
import Stateline
import Testing

@Suite struct GatherListTests {
    @Test func `a list of nothing is empty`() {
        #expect(GatherList([]).byteCount == 0)
        #expect(GatherList([]).joined() == ByteBuffer())
    }

    @Test func `pieces are joined in order`() {
        let list = GatherList(["a", "", "bc", "def"].map { ByteBuffer(string: $0) })
        #expect(list.byteCount == 6)
        #expect(String(buffer: list.joined()) == "abcdef")
        #expect(list.chunks.map(\.readableBytes) == [1, 0, 2, 3])
    }

    @Test func `only readable bytes count`() {
        var piece = ByteBuffer(string: "skipped text")
        piece.moveReaderIndex(forwardBy: 8)
        let list = GatherList([piece, piece])
        #expect(list.byteCount == 8)
        #expect(String(buffer: list.joined()) == "texttext")
        #expect(String(buffer: GatherList([piece]).joined()) == "text")
    }
}
