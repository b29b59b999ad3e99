internal import Stateline

/// A store that reports its calls and their results to an auditor.
struct AuditedStore: SessionStore {
    let base: any SessionStore
    let auditor: AppendAuditor
    var timeLimit: Duration? { base.timeLimit }

    func load(_ key: SessionKey, after position: Position?) async throws(StoreError) -> LoadResult {
        let before = auditor.withSession(key) { $0.acknowledged }
        let result = try await base.load(key, after: position)
        switch result {
        case .tail(let batches): auditor.withSession(key) { $0.read(batches, after: position, before: before) }
        case .current: auditor.withSession(key) { $0.read([], after: position, before: before) }
        case .gone, .regressed: break
        }
        return result
    }

    func append(
        _ batch: EncodedBatch,
        to key: SessionKey,
        expecting position: Position
    ) async throws(StoreError) -> AppendResult {
        let name = BatchName(batch)
        let before = auditor.withSession(key) { $0.acknowledged }
        auditor.record(.began(after: position), of: name, on: key)
        let result: AppendResult
        do throws(StoreError) { result = try await base.append(batch, to: key, expecting: position) } catch {
            auditor.record(.failed(error.committed), of: name, on: key)
            throw error
        }
        switch result {
        case .committed: auditor.record(.acknowledged(isNew: true), of: name, on: key)
        case .duplicate: auditor.record(.acknowledged(isNew: false), of: name, on: key)
        case .stale(let missing):
            auditor.record(.refused, of: name, on: key)
            auditor.withSession(key) { $0.read(missing, after: position, before: before) }
        // A batch that is absent now may have been there before: an earlier attempt is not known here.
        case .regressed, .gone: auditor.record(.failed(.no), of: name, on: key)
        }
        return result
    }

    func fork(
        _ key: SessionKey,
        at position: Position,
        to fork: SessionKey,
        first: EncodedBatch
    ) async throws(StoreError) -> ForkResult {
        let name = BatchName(first)
        let parent = auditor.withSession(key) { $0 }
        auditor.withSession(fork) { $0.inherit(from: parent, at: position) }
        auditor.record(.began(after: position), of: name, on: fork)
        let result: ForkResult
        do throws(StoreError) { result = try await base.fork(key, at: position, to: fork, first: first) } catch {
            auditor.record(.failed(error.committed), of: name, on: fork)
            throw error
        }
        switch result {
        case .forked, .duplicate:
            auditor.record(.acknowledged(isNew: result == .forked), of: name, on: fork)
            auditor.withSession(key) { $0.parted(at: position) }
        case .taken: auditor.record(.refused, of: name, on: fork)
        case .regressed, .gone: auditor.record(.failed(.no), of: name, on: fork)
        }
        return result
    }

    func position(of key: SessionKey) async throws(StoreError) -> Position? { try await base.position(of: key) }

    func delete(_ key: SessionKey, expecting position: Position?) async throws(StoreError) -> DeleteResult {
        let began = auditor.tick()
        func deleted(isCertain: Bool) {
            let ended = auditor.tick()
            auditor.withSession(key) { $0.deleted(began: began, ended: ended, isCertain: isCertain) }
        }
        let result: DeleteResult
        do throws(StoreError) { result = try await base.delete(key, expecting: position) } catch {
            if error.committed != .no { deleted(isCertain: error.committed == .yes) }
            throw error
        }
        if result == .deleted { deleted(isCertain: true) }
        return result
    }

    func list(_ tenant: Tenant, cursor: ListCursor?, limit: Int) async throws(StoreError) -> ListPage {
        try await base.list(tenant, cursor: cursor, limit: limit)
    }

    func newest(of keys: [SessionKey]) async throws(StoreError) -> [EncodedBatch?] { try await base.newest(of: keys) }

    func lease(of key: SessionKey, renewing turn: TurnID?) async throws(StoreError) -> LeaseResult {
        try await base.lease(of: key, renewing: turn)
    }
}
