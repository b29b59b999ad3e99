public import Stateline

/// Appends entries of its own to a session, wherever its log stands: a load for tests of stores.
///
/// ```swift
/// var writer = AuditedWriter(SessionKey("contended"), name: "writer 3")
/// for _ in 0..<100 { try await writer.append(to: auditor.watching(store)) }
/// ```
///
/// Several may write to one session at once, in several processes too. Each entry has a text that no other one has: the
/// writer's name, its own random number, and a count. What has an unknown outcome is appended again, as it was, before
/// anything else is.
public struct AuditedWriter: Sendable {
    /// What a writer cannot go on from.
    public enum Obstacle: Error, Hashable, Sendable {
        /// There was a session, and there is none any more.
        case gone(Absence)
        /// What the writer holds is not in the log any more.
        case regressed
        /// What the store calls the log is none.
        case broken
    }

    /// The session.
    public let key: SessionKey
    /// How many entries of this writer's were acknowledged.
    public private(set) var written = 0
    /// How many appends came too late, others having been faster.
    public private(set) var conflicts = 0
    private let name: String
    private let padding: String
    private var log: LogWriter?
    /// A batch of which nobody knows whether it was committed, and the log with it.
    private var open: (batch: EncodedBatch, after: Position, log: LogWriter)?

    /// Makes a writer that knows nothing of the session yet.
    ///
    /// - Parameters:
    ///   - key: The session; no fork.
    ///   - name: What its entries begin with.
    ///   - size: About how many bytes an entry has.
    public init(_ key: SessionKey, name: String = "writer", size: Int = 0) {
        self.key = key
        self.name = "\(name) \(String(UInt64.random(in: 0...UInt64.max), radix: 36))"
        self.padding = size > 0 ? " " + String(repeating: "x", count: size) : ""
    }

    /// Where the log stands, as far as this writer knows; `nil` where it has not looked yet.
    public var position: Position? { log?.position }

    /// Appends the next entry and does not rest until it is acknowledged, or cannot be.
    ///
    /// - Parameter store: The store.
    /// - Throws: `StoreError` as the store does: call again to go on. ``Obstacle`` where it is of no use to go on: the
    ///   next call begins anew, with whatever session there is.
    public mutating func append(to store: some SessionStore) async throws {
        while true {
            if log == nil { log = try await read(store) }
            guard let log else { continue }
            if open == nil {
                var ahead = log
                let batch = ahead.append(.prompt("\(name) \(written + 1)\(padding)"))
                open = (batch, log.position, ahead)
            }
            guard let (batch, position, ahead) = open else { continue }
            let result: AppendResult
            do throws(StoreError) { result = try await store.append(batch, to: key, expecting: position) } catch {
                if error.committed == .yes { settle(ahead) }
                throw error
            }
            switch result {
            case .committed, .duplicate: return settle(ahead)
            case .stale(let missing):
                conflicts += 1
                open = nil
                try follow(missing)
            case .regressed where position.revision == 0:
                // Another one created the session.
                conflicts += 1
                (open, self.log) = (nil, nil)
            case .regressed: throw forget(.regressed)
            case .gone(let absence): throw forget(.gone(absence))
            }
        }
    }

    /// Reads what the writer lacks.
    ///
    /// - Parameter store: The store.
    /// - Throws: As ``append(to:)`` does.
    public mutating func refresh(from store: some SessionStore) async throws {
        guard let log else {
            self.log = try await read(store)
            return
        }
        switch try await store.load(key, after: log.position) {
        case .current: return
        case .tail(let batches): try follow(batches)
        case .regressed: throw forget(.regressed)
        case .gone where log.position.revision == 0: return
        case .gone(let absence): throw forget(.gone(absence))
        }
    }

    private mutating func settle(_ ahead: LogWriter) {
        written += 1
        log = ahead
        open = nil
    }

    private mutating func forget(_ obstacle: Obstacle) -> Obstacle {
        (open, log) = (nil, nil)
        return obstacle
    }

    private mutating func follow(_ batches: [EncodedBatch]) throws(Obstacle) {
        guard !batches.isEmpty, (try? log?.follow(batches)) != nil else { throw forget(.broken) }
    }

    private mutating func read(_ store: some SessionStore) async throws -> LogWriter {
        switch try await store.load(key, after: nil) {
        case .tail(let batches):
            guard let first = batches.first else { throw Obstacle.broken }
            var log = LogWriter(key, incarnation: first.position.incarnation)
            do { try log.follow(batches) } catch { throw Obstacle.broken }
            return log
        case .gone(.absent): return LogWriter(key)
        case .gone(let absence): throw Obstacle.gone(absence)
        case .current, .regressed: throw Obstacle.broken
        }
    }
}
