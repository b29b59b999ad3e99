extension SessionLog {
    /// Lists a tenant's sessions, a page at a time, each with its newest batch; one attempt.
    ///
    /// - Returns: The keys with their newest batches, without sessions that are gone meanwhile, and the cursor of the next
    ///   page.
    /// - Throws: ``SessionError``: store.
    /// - Complexity: Two round trips a page, on stores that read a log's end apart.
    func heads(
        of tenant: Tenant,
        cursor: ListCursor?,
        limit: Int
    ) async throws(SessionError) -> (sessions: [(key: SessionKey, newest: EncodedBatch)], next: ListCursor?) {
        do throws(StoreError) {
            let page = try await store.list(tenant, cursor: cursor, limit: limit)
            guard !page.keys.isEmpty else { return ([], page.next) }
            let batches = try await store.newest(of: page.keys)
            health.answered()
            let sessions = zip(page.keys, batches).compactMap { key, batch in batch.map { (key, $0) } }
            return (sessions, page.next)
        } catch {
            health.failed(error)
            throw .store(error)
        }
    }
}
