import NIOCore
import Stateline
import Testing

@testable import StatelineModels

@Suite struct GatherListPiecesTests {
    private static let long = GatherList.shortestPiece

    /// A body of chunks of some lengths, each of another byte.
    private static func body(_ lengths: [Int]) -> GatherList {
        GatherList(lengths.enumerated().map { ByteBuffer(repeating: UInt8($0), count: $1) })
    }

    @Test(arguments: [
        ([], []),
        ([0], [0]),
        ([7], [7]),
        ([1, 2, 3], [6]),
        ([long], [long]),
        ([long, long + 1], [long, long + 1]),
        ([long - 1, long - 1], [2 * long - 2]),
        ([long, 1, 2, long, 3], [long, 3, long, 3]),
        ([1, long, 2, 3], [1, long, 5]),
    ])
    func `short neighbours are joined and long chunks are left alone`(lengths: [Int], expected: [Int]) {
        #expect(Self.body(lengths).pieces.map(\.readableBytes) == expected)
    }

    @Test func `the bytes stay what they are, in their order`() {
        let body = Self.body([3, Self.long, 1, 1, Self.long + 5, Self.long, 9])
        #expect(GatherList(body.pieces).joined() == body.joined())
    }
}
