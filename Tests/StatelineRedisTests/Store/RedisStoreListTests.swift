import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Stateline
import StatelineTesting
import Testing

@testable import StatelineRedis

/// Lists of sessions.
@Suite struct RedisStoreListTests {
    /// A sender to one server that calls itself a cluster's node, and holds the questions about guards until all of a
    /// page have been sent.
    private final class HoldingSender: RedisSender {
        private let sender: any RedisSender
        private let count: Int
        private let sent = NIOLockedValueBox(0)

        init(_ sender: any RedisSender, until count: Int) {
            self.sender = sender
            self.count = count
        }

        func primarySlots(deadline: NIODeadline) async throws(RedisError) -> [HashSlot?] { [HashSlot(rawValue: 0)] }

        func send(_ request: RedisRequest, deadline: NIODeadline) async throws(RedisError) -> RESPValue {
            guard request.commands > 1 else { return try await sender.send(request, deadline: deadline) }
            sent.withLockedValue { $0 += 1 }
            while sent.withLockedValue({ $0 }) < count {
                guard !Task.isCancelled else { throw .cancelledUnsent }
                await Task.yield()
            }
            return try await sender.send(request, deadline: deadline)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `the sessions of a page are asked for at once, whatever their slots`() async throws {
        try await StoreFixture.run { fixture in
            let keys = (0..<20).map { SessionKey("session \($0)", tenant: "acme") }
            for key in keys { _ = try await fixture.store().write(1, to: key) }
            let slots = Set(keys.map { StoredKeys($0).slot })
            let store = RedisStore(sender: HoldingSender(fixture.sender, until: slots.count))
            let page = try await store.list("acme", cursor: nil, limit: 1024)
            #expect(Set(page.keys) == Set(keys))
            #expect(page.next == nil)
        }
    }
}
