import NIOCore
import Testing

@testable import StatelineRedis

@Suite struct SlotMapTests {
    private static let asked = RedisEndpoint.host("asked", port: 7000)

    private static func node(_ host: RESPValue, _ port: Int64) -> RESPValue {
        .array([host, .integer(port), .bytes(ByteBuffer(string: "id")), .array([])])
    }

    private static func range(_ first: Int64, _ last: Int64, _ nodes: RESPValue...) -> RESPValue {
        .array([.integer(first), .integer(last)] + nodes)
    }

    private static func text(_ text: String) -> RESPValue { .bytes(ByteBuffer(string: text)) }

    @Test func `each slot has its primary`() throws {
        let reply = RESPValue.array([
            Self.range(0, 99, Self.node(Self.text("a"), 1), Self.node(Self.text("r"), 9)),
            Self.range(100, 100, Self.node(Self.text("b"), 2)),
            Self.range(16_383, 16_383, Self.node(Self.text("a"), 1)),
        ])
        let map = try #require(SlotMap(reply, from: Self.asked))
        #expect(map.primaries == [.host("a", port: 1), .host("b", port: 2)])
        let owners = [0, 99, 100, 101, 16_382, 16_383].map { map.owner(of: HashSlot(rawValue: $0)) }
        let (a, b) = (RedisEndpoint.host("a", port: 1), RedisEndpoint.host("b", port: 2))
        #expect(owners == [a, a, b, nil, nil, a])
        #expect(map.firstSlots.map(\.rawValue) == [0, 100])
    }

    @Test func `a node without a host has the host that was asked`() throws {
        for host in [RESPValue.null, Self.text(""), Self.text("?")] {
            let map = try #require(SlotMap(.array([Self.range(0, 0, Self.node(host, 5))]), from: Self.asked))
            #expect(map.primaries == [.host("asked", port: 5)])
        }
    }

    @Test func `a slot that moved is remembered, and nothing else`() throws {
        var map = try #require(
            SlotMap(.array([Self.range(0, 1, Self.node(Self.text("a"), 1))]), from: Self.asked)
        )
        map.move(HashSlot(rawValue: 1), to: .host("c", port: 3))
        #expect(map.owner(of: HashSlot(rawValue: 0)) == .host("a", port: 1))
        #expect(map.owner(of: HashSlot(rawValue: 1)) == .host("c", port: 3))
        #expect(map.primaries == [.host("a", port: 1), .host("c", port: 3)])
    }

    @Test func `what is no map is refused`() {
        let node = Self.node(Self.text("a"), 1)
        let replies: [RESPValue] = [
            .null, .error("ERR This instance has cluster support disabled"), .array([.null]),
            .array([Self.range(0, 0)]), .array([Self.range(-1, 0, node)]), .array([Self.range(0, 16_384, node)]),
            .array([Self.range(2, 1, node)]), .array([Self.range(0, 0, Self.node(Self.text("a"), 0))]),
            .array([Self.range(0, 0, Self.node(.integer(1), 1))]), .array([Self.range(0, 0, .array([]))]),
        ]
        for reply in replies { #expect(SlotMap(reply, from: Self.asked) == nil) }
    }
}
