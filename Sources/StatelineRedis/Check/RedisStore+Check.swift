internal import NIOCore
public import Stateline

extension RedisStore {
    /// Checks that a Redis is suitable for sessions, and creates, reads and deletes a session there.
    ///
    /// - Parameters:
    ///   - url: The servers and the credentials.
    ///   - timeout: The longest that each request takes.
    /// - Returns: The findings about each server: version, memory, evicted keys, persistence, settings, replicas and
    ///   their policies, rights and latency; and about the session. A finding that requires a change says which one and
    ///   why.
    /// - Throws: `StoreError` if a server gave no answer.
    public static func check(_ url: RedisURL, timeout: Duration = .seconds(5)) async throws(StoreError)
        -> [StoreFinding]
    {
        let store = RedisStore(url, retention: .seconds(1), timeout: timeout, acceptsEviction: true)
        let result: Result<[StoreFinding], StoreError>
        do throws(StoreError) { result = .success(try await store.findings(url)) } catch { result = .failure(error) }
        await store.close()
        return try result.get()
    }

    private func findings(_ url: RedisURL) async throws(StoreError) -> [StoreFinding] {
        var findings: [StoreFinding] = []
        do throws(RedisError) {
            for slot in try await sender.primarySlots(deadline: deadline) {
                let check = StoreCheck(sender: sender, slot: slot, timeout: TimeAmount(timeout), url: url)
                findings += try await check.findings()
            }
        } catch {
            throw StoreError(error, maybeCommitted: false)
        }
        findings.append(await sessionFinding())
        return findings
    }

    /// Creates a session, reads it and deletes it.
    private func sessionFinding() async -> StoreFinding {
        let key = SessionKey("\(TurnID.random().rawValue)", tenant: Tenant(rawValue: "stateline-check"))
        var writer = LogWriter(key)
        let origin = writer.position
        let batch = writer.append(.prompt("check"))
        do throws(StoreError) {
            let created = try await append(batch, to: key, expecting: origin)
            let read = try await load(key, after: nil)
            let deleted = try await delete(key, expecting: batch.position)
            guard case .committed = created, read == .tail([batch]), deleted == .deleted else {
                return StoreFinding(
                    .problem,
                    "session",
                    "a session was read back with other content",
                    advice: "Keep other programs from writing to keys that begin with sl1:, which are for sessions."
                )
            }
            return StoreFinding(.fine, "session", "created, read and deleted")
        } catch {
            return StoreFinding(.problem, "session", error.message, advice: Self.advice(for: error))
        }
    }

    private static func advice(for error: StoreError) -> String {
        switch error.reason {
        case .denied: "Grant this user the rights that 'stateline store acl' prints."
        case .full: "Raise maxmemory, or give sessions a lifetime."
        case .unavailable: "Find the cause in the server's log."
        case .unreadable: "Update this process: a newer version writes here."
        case .corrupt: "Keep other programs from writing to keys that begin with sl1:, which are for sessions."
        }
    }
}
