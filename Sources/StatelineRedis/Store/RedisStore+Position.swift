internal import NIOCore
public import Stateline

extension RedisStore {
    /// Returns the position of a session's newest batch, as the guard has it; `nil` if there is no session.
    ///
    /// The log is not read: it may be damaged.
    ///
    /// - Throws: `StoreError` if the server gave no answer, or the guard is damaged.
    /// - Complexity: O(1), one round trip.
    public func position(of key: SessionKey) async throws(StoreError) -> Position? {
        let keys = StoredKeys(key, in: namespace)
        let commands = [["GETRANGE", keys.guardKey, "0", "107"], ["TIME"]]
        let replies = try await replies(to: commands, slot: keys.slot, lane: .shared, deadline: deadline)
        for case .error(let text) in replies { throw StoreError(ServerMessage(text).error, maybeCommitted: false) }
        guard case .bytes(let header) = replies[0], let now = replies[1].milliseconds else {
            throw StoreError(.malformedAnswer, maybeCommitted: false)
        }
        guard header.readableBytes > 0 else { return nil }
        guard let guardHeader = GuardHeader(header) else { throw .corruptLog(at: 0) }
        return guardHeader.isLive(at: now) ? guardHeader.position : nil
    }
}

/// The parts of a guard that say which session is there.
private struct GuardHeader {
    private let hasSession: Bool
    /// The end of the session's lifetime, in milliseconds since 1970.
    private let end: UInt64
    let position: Position

    /// Reads the first 108 bytes of a guard; returns `nil` if they are not of this version.
    init?(_ bytes: ByteBuffer) {
        var rest = bytes
        guard
            rest.readableBytes == 108, rest.readInteger(as: UInt8.self) == 1,
            let state = rest.readInteger(as: UInt8.self), rest.readSlice(length: 6) != nil,
            let end = rest.readRevision(), rest.readSlice(length: 40) != nil,
            let revision = rest.readRevision(), let fingerprint = rest.readFingerprint()
        else { return nil }
        self.hasSession = state == 1
        self.end = end.rawValue
        self.position = Position(
            incarnation: fingerprint.incarnation,
            revision: revision,
            digest: fingerprint.digest
        )
    }

    func isLive(at time: UInt64) -> Bool { hasSession && time < end }
}
