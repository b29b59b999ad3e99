extension SessionLog {
    /// Renews the lease of a session's open turn, or reads the count of renewals: one attempt.
    ///
    /// - Parameters:
    ///   - key: The session.
    ///   - turn: The turn whose lease is renewed; `nil` to read only.
    /// - Returns: The store's answer.
    /// - Throws: ``SessionError``: store.
    func lease(of key: SessionKey, renewing turn: TurnID? = nil) async throws(SessionError) -> LeaseResult {
        do throws(StoreError) {
            let result = try await store.lease(of: key, renewing: turn)
            health.answered()
            return result
        } catch {
            health.failed(error)
            throw SessionError(error, of: key)
        }
    }
}
