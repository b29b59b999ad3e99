import Stateline
import StatelineLoad

/// One who appends to a session and tells of each attempt what it came to.
///
/// It behaves as a good client: a batch whose outcome is unknown is sent again as it is before anything else, and what
/// others appended is taken in.
struct Appender: Sendable {
    /// What one attempt came to.
    enum Step: Hashable, Sendable {
        case committed(Acknowledged)
        case duplicate(Acknowledged)
        /// Others were first; so many batches were taken in.
        case stale(Int)
        case regressed
        case gone(Absence)
        case failed(StoreError)
    }

    private let name: String
    private let audit: SessionAudit
    private var store: any SessionStore
    private var log: LogWriter
    /// What was sent without an answer, and the log with it.
    private var pending: (batch: EncodedBatch, log: LogWriter)?
    private var number = 0

    init(_ name: String, audit: SessionAudit, store: some SessionStore) {
        self.name = name
        self.audit = audit
        self.store = audit.watching(store)
        self.log = LogWriter(audit.key)
    }

    /// What it holds.
    var position: Position { log.position }

    /// Writes to another store from now on, which leads to the same sessions.
    mutating func use(_ store: some SessionStore) {
        self.store = audit.watching(store)
    }

    /// Creates the session.
    mutating func create() async throws {
        let step = await append()
        guard step.isAcknowledged else { throw NotCreated(step: step) }
    }

    /// Takes in what the store holds.
    mutating func follow() async throws {
        switch try await store.load(audit.key, after: log.position.revision == 0 ? nil : log.position) {
        case .tail(let batches):
            if log.position.revision == 0, let first = batches.first {
                log = LogWriter(audit.key, incarnation: first.position.incarnation)
            }
            try log.follow(batches)
        case .current: break
        case .gone, .regressed: audit.count { $0.regressed += 1 }
        }
    }

    /// Appends a batch, or sends again the one whose outcome is unknown.
    @discardableResult
    mutating func append(size: Int = 16) async -> Step {
        let (batch, longer) = pending ?? next(size)
        do throws(StoreError) {
            let result = try await store.append(batch, to: audit.key, expecting: log.position)
            pending = nil
            switch result {
            case .committed(let level):
                audit.count { $0.acknowledged += 1 }
                log = longer
                return .committed(level)
            case .duplicate(let level):
                audit.count {
                    $0.acknowledged += 1
                    $0.duplicates += 1
                }
                log = longer
                return .duplicate(level)
            case .stale(let missing):
                guard (try? log.follow(missing)) != nil else { fallthrough }
                return .stale(missing.count)
            case .regressed:
                audit.count { $0.regressed += 1 }
                return .regressed
            case .gone(let absence):
                audit.count { $0.regressed += 1 }
                return .gone(absence)
            }
        } catch {
            // What an earlier attempt left unknown stays so, whatever becomes of this one.
            if error.committed != .no {
                audit.count { $0.unknown += 1 }
                pending = (batch, longer)
            }
            return .failed(error)
        }
    }

    /// Appends until a batch is in the log, or no attempt can bring it there.
    @discardableResult
    mutating func commit(size: Int = 16) async -> Step {
        var step = Step.stale(0)
        for attempt in 0..<1000 {
            step = await append(size: size)
            switch step {
            case .committed, .duplicate, .regressed, .gone: return step
            case .stale: break
            case .failed: try? await Task.sleep(for: .milliseconds(min(attempt, 20)))
            }
            if Task.isCancelled { break }
        }
        return step
    }

    private mutating func next(_ size: Int) -> (EncodedBatch, LogWriter) {
        var longer = log
        let text = "\(name) \(number) "
        number += 1
        let batch = longer.append(.prompt(text + String(repeating: "x", count: max(0, size - text.utf8.count))))
        return (batch, longer)
    }

    /// A session did not come to be.
    struct NotCreated: Error {
        let step: Step
    }
}
