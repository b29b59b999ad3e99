import NIOConcurrencyHelpers
import Stateline
import StatelineLoad
import StatelineTesting
import Testing

/// An auditor of one session, and counts that a test can wait for while it goes on.
final class SessionAudit: Sendable {
    struct Counts: Hashable, Sendable {
        var acknowledged = 0
        var duplicates = 0
        var unknown = 0
        /// Answers that the store had gone back, or had lost the session.
        var regressed = 0
        /// The log's length when it was verified.
        var revisions = 0
    }

    let key: SessionKey
    private let auditor = AppendAuditor()
    private let counts = NIOLockedValueBox(Counts())

    init(_ key: SessionKey) {
        self.key = key
    }

    /// The counts so far.
    var report: Counts { counts.withLockedValue(\.self) }

    /// Makes a writer that holds nothing yet.
    func writer(_ name: String, on store: some SessionStore) -> Appender {
        Appender(name, audit: self, store: store)
    }

    /// A store whose answers are audited.
    func watching(_ store: some SessionStore) -> any SessionStore { auditor.watching(store) }

    /// Reads the session, as anybody might at this time.
    func read(from store: some SessionStore) async throws(StoreError) {
        _ = try await watching(store).load(key, after: nil)
    }

    /// Compares all that was seen with the log.
    @discardableResult
    func verify(with store: some SessionStore, at place: SourceLocation = #_sourceLocation) async throws -> Counts {
        let found = try await auditor.report(reading: store)
        #expect(found.isClean, "\(found)", sourceLocation: place)
        if case .tail(let batches) = try await store.load(key, after: nil) {
            counts.withLockedValue { $0.revisions = batches.count }
        }
        return report
    }

    func count(_ change: (inout Counts) -> Void) {
        counts.withLockedValue { change(&$0) }
    }
}
