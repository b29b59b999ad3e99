internal import NIOCore

/// A write to a store that is safe to repeat: one attempt of it, and the reply that its result gives to a cache.
protocol StoreWrite: Sendable {
    associatedtype Outcome: Sendable

    /// The session that the write changes.
    var key: SessionKey { get }
    /// The bytes that an attempt sends.
    var byteCount: Int { get }

    /// Makes one attempt.
    func attempt(on store: any SessionStore) async throws(StoreError) -> Outcome

    /// Returns the reply that an outcome gives to a cache.
    func reply(of outcome: Outcome) -> CacheReply

    /// Returns the reply that a failure gives to a cache.
    func reply(of error: StoreError) -> CacheReply
}

/// The append of a batch.
struct StoreAppend: StoreWrite {
    let batch: EncodedBatch
    let key: SessionKey
    let position: Position
    /// The session with the batch; `nil` if it is not known.
    let snapshot: Snapshot?

    var byteCount: Int { batch.bytes.readableBytes }

    func attempt(on store: any SessionStore) async throws(StoreError) -> AppendResult {
        try await store.append(batch, to: key, expecting: position)
    }

    func reply(of outcome: AppendResult) -> CacheReply {
        switch outcome {
        case .committed: snapshot.map { .session($0) } ?? .newest(batch.position)
        case .duplicate: .contains(batch.position)
        case .stale(let missing): .newest(missing.last?.position ?? position)
        case .regressed, .gone: .gone
        }
    }

    func reply(of error: StoreError) -> CacheReply { error.committed == .yes ? .gone : .nothing }
}

/// The creation of a fork.
struct StoreFork: StoreWrite {
    let parent: SessionKey
    let position: Position
    let key: SessionKey
    let first: EncodedBatch
    /// The fork with its first batch; `nil` if it is not known.
    let snapshot: Snapshot?

    var byteCount: Int { first.bytes.readableBytes }

    func attempt(on store: any SessionStore) async throws(StoreError) -> ForkResult {
        try await store.fork(parent, at: position, to: key, first: first)
    }

    func reply(of outcome: ForkResult) -> CacheReply {
        switch outcome {
        case .forked: snapshot.map { .session($0) } ?? .newest(first.position)
        case .duplicate: .contains(first.position)
        case .taken, .regressed, .gone: .nothing
        }
    }

    func reply(of error: StoreError) -> CacheReply { .nothing }
}

/// The deletion of a session.
struct StoreDeletion: StoreWrite {
    let key: SessionKey
    /// The position at which the log must be.
    let position: Position

    var byteCount: Int { 0 }

    func attempt(on store: any SessionStore) async throws(StoreError) -> DeleteResult {
        try await store.delete(key, expecting: position)
    }

    func reply(of outcome: DeleteResult) -> CacheReply {
        switch outcome {
        case .deleted: .deleted
        case .gone: .gone
        case .stale: .nothing
        }
    }

    func reply(of error: StoreError) -> CacheReply { error.committed == .no ? .nothing : .gone }
}
