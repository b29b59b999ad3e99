internal import NIOCore
internal import Stateline
internal import Synchronization

/// A store that counts its calls and the bytes of batches in both directions.
final class MeteredStore: SessionStore {
    let base: any SessionStore
    var timeLimit: Duration? { base.timeLimit }
    private let written = Atomic<Int>(0)
    private let read = Atomic<Int>(0)
    private let calls = Atomic<Int>(0)

    init(_ base: any SessionStore) {
        self.base = base
    }

    /// The counts so far.
    var counts: (written: Int, read: Int, calls: Int) {
        (written.load(ordering: .relaxed), read.load(ordering: .relaxed), calls.load(ordering: .relaxed))
    }

    /// Resets the counts.
    func reset() {
        written.store(0, ordering: .relaxed)
        read.store(0, ordering: .relaxed)
        calls.store(0, ordering: .relaxed)
    }

    private func count(written bytes: Int = 0, read batches: [EncodedBatch] = []) {
        written.wrappingAdd(bytes, ordering: .relaxed)
        read.wrappingAdd(batches.reduce(0) { $0 + $1.bytes.readableBytes }, ordering: .relaxed)
    }

    func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        calls.wrappingAdd(1, ordering: .relaxed)
        let result = try await base.load(key, after: position)
        if case .tail(let batches) = result { count(read: batches) }
        return result
    }

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        calls.wrappingAdd(1, ordering: .relaxed)
        count(written: batch.bytes.readableBytes)
        let result = try await base.append(batch, to: key, expecting: position)
        if case .stale(let missing) = result { count(read: missing) }
        return result
    }

    func fork(
        _ key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        first: EncodedBatch
    ) async throws(StoreError) -> ForkResult {
        calls.wrappingAdd(1, ordering: .relaxed)
        count(written: first.bytes.readableBytes)
        return try await base.fork(key, at: position, to: fork, first: first)
    }

    func position(of key: SessionKey) async throws(StoreError) -> Position? {
        calls.wrappingAdd(1, ordering: .relaxed)
        return try await base.position(of: key)
    }

    func delete(_ key: SessionKey, expecting position: Position?) async throws(StoreError) -> DeleteResult {
        calls.wrappingAdd(1, ordering: .relaxed)
        return try await base.delete(key, expecting: position)
    }

    func list(_ tenant: Tenant, cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        calls.wrappingAdd(1, ordering: .relaxed)
        return try await base.list(tenant, cursor: cursor, limit: limit)
    }

    func newest(of keys: [SessionKey]) async throws(StoreError) -> [EncodedBatch?] {
        calls.wrappingAdd(1, ordering: .relaxed)
        let newest = try await base.newest(of: keys)
        count(read: newest.compactMap { $0 })
        return newest
    }

    func lease(of key: SessionKey, renewing turn: TurnID?) async throws(StoreError) -> LeaseResult {
        calls.wrappingAdd(1, ordering: .relaxed)
        return try await base.lease(of: key, renewing: turn)
    }
}
