internal import NIOCore
public import Stateline

extension RedisStore {
    /// Looks at a Redis as an operator would, and keeps a session there for a moment.
    ///
    /// - Parameters:
    ///   - url: Where the servers are, and how they are entered.
    ///   - timeout: How long each question may take.
    /// - Returns: What was found: version, memory, persistence, replicas and rights of each server, its latency, and
    ///   whether a session can be created, read and deleted. What needs a change says which one and why.
    /// - Throws: `StoreError` where a server gave no answer.
    public static func check(_ url: RedisURL, timeout: Duration = .seconds(5)) async throws(StoreError)
        -> [StoreFinding]
    {
        let store = RedisStore(url, retention: .seconds(1), timeout: timeout, acceptsEviction: true)
        let result: Result<[StoreFinding], StoreError>
        do throws(StoreError) { result = .success(try await store.findings()) } catch { result = .failure(error) }
        await store.close()
        return try result.get()
    }

    private func findings() async throws(StoreError) -> [StoreFinding] {
        var findings: [StoreFinding] = []
        do throws(RedisError) {
            for slot in try await sender.primarySlots(deadline: deadline) {
                findings += try await StoreCheck(sender: sender, slot: slot, timeout: TimeAmount(timeout)).findings()
            }
        } catch {
            throw StoreError(error, mayBeCommitted: false)
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
                    "a session was not what was written",
                    advice: "Something else writes to keys that begin with sl1: keep them for sessions."
                )
            }
            return StoreFinding(.fine, "session", "created, read and deleted")
        } catch {
            return StoreFinding(.problem, "session", error.message, advice: Self.advice(for: error))
        }
    }

    private static func advice(for error: StoreError) -> String {
        switch error.reason {
        case .denied: "Grant this user the rights of 'stateline store acl'."
        case .full: "Raise maxmemory, or give sessions a lifetime."
        case .unavailable: "Look at the server's log."
        case .unreadable: "Update this process: a newer one writes here."
        case .corrupt: "Something else writes to keys that begin with sl1: keep them for sessions."
        }
    }
}
