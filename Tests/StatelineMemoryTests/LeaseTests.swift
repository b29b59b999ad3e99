import LockFreeMap
import Stateline
import StatelineTesting
import Testing

@testable import StatelineMemory

/// The count of renewals beside a session's log.
@Suite struct LeaseTests {
    private let key = SessionKey("session")
    private let turn = TurnID(rawValue: 1)

    private func write(to store: MemoryStore) async throws {
        var writer = LogWriter(key)
        let origin = writer.position
        _ = try await store.append(writer.append(.prompt("a")), to: key, expecting: origin)
    }

    @Test(arguments: [nil, Lifetime.absolute(.seconds(60))])
    func `a renewal replaces no entry after a turn's first one, and takes no bytes`(lifetime: Lifetime?) async throws {
        let store = MemoryStore(lifetime: lifetime)
        try await write(to: store)
        let bytes = store.byteCount
        _ = try await store.lease(of: key, renewing: nil)
        _ = try await store.lease(of: key, renewing: turn)
        let byteKey = ByteKey(key)
        let entry = try #require(store.find(byteKey)?.entry)
        for _ in 0..<100 { _ = try await store.lease(of: key, renewing: turn) }
        #expect(store.find(byteKey)?.entry === entry)
        #expect(store.byteCount == bytes)
    }

    @Test func `a full store counts renewals`() async throws {
        let store = MemoryStore(byteLimit: 2000)
        try await write(to: store)
        let found = try await store.position(of: key)
        let position = try #require(found)
        let other = LogWriter(SessionKey("other"))
        var longer = other
        let batch = longer.append(.prompt(String(repeating: "x", count: 2000)))
        await #expect(throws: StoreError.self) {
            try await store.append(batch, to: other.key, expecting: other.position)
        }
        for count in 1...3 {
            let lease = try await store.lease(of: key, renewing: turn)
            #expect(lease == .lease(of: turn, renewals: UInt64(count), position: position))
        }
    }
}
