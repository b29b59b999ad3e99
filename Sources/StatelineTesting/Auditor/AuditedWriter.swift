public import Stateline

/// A writer that appends unique entries to a session at its current position: a load for tests of stores.
///
/// ```swift
/// var writer = AuditedWriter(SessionKey("contended"), name: "writer 3")
/// for _ in 0..<100 { try await writer.append(to: auditor.watching(store)) }
/// ```
///
/// Several writers may write to one session concurrently, also in several processes. The text of each entry is unique:
/// the writer's name, its random number, and a count. A batch with an unknown outcome is appended again, unchanged,
/// before any other.
public struct AuditedWriter: Sendable {
    /// A state of the store that ends a writer's log.
    public enum Obstacle: Error, Hashable, Sendable {
        /// The session is gone.
        case gone(Absence)
        /// The writer's position is not in the log any more.
        case regressed
        /// The batches of the store are not a log.
        case broken
    }

    /// The session.
    public let key: SessionKey
    /// The number of acknowledged entries of this writer.
    public private(set) var written = 0
    /// The number of stale appends.
    public private(set) var conflicts = 0
    private let name: String
    private let padding: String
    private var log: LogWriter?
    /// A batch with an unknown outcome, and the log that includes it.
    private var open: (batch: EncodedBatch, after: Position, log: LogWriter)?

    /// Makes a writer that has not read the session yet.
    ///
    /// - Parameters:
    ///   - key: The session; no fork.
    ///   - name: The text that its entries begin with.
    ///   - size: The approximate number of bytes of an entry.
    public init(_ key: SessionKey, name: String = "writer", size: Int = 0) {
        self.key = key
        self.name = "\(name) \(String(UInt64.random(in: 0...UInt64.max), radix: 36))"
        self.padding = size > 0 ? " " + String(repeating: "x", count: size) : ""
    }

    /// The newest position that this writer knows; `nil` before its first call.
    public var position: Position? { log?.position }

    /// Appends the next entry, and retries until it is acknowledged or cannot be.
    ///
    /// - Parameter store: The store.
    /// - Throws: The `StoreError` of the store: call again to continue. ``Obstacle`` if the log cannot be continued:
    ///   the next call begins again with the session that the store has then.
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
                // Another writer created the session.
                conflicts += 1
                (open, self.log) = (nil, nil)
            case .regressed: throw forget(.regressed)
            case .gone(let absence): throw forget(.gone(absence))
            }
        }
    }

    /// Reads the batches that the writer lacks.
    ///
    /// - Parameter store: The store.
    /// - Throws: The same errors as ``append(to:)``.
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
            var log = LogWriter(
                key,
                incarnation: first.position.incarnation,
                cipher: SessionStoreContract.cipher(of: key)
            )
            do { try log.follow(batches) } catch { throw Obstacle.broken }
            return log
        case .gone(.absent): return LogWriter(key, cipher: SessionStoreContract.cipher(of: key))
        case .gone(let absence): throw Obstacle.gone(absence)
        case .current, .regressed: throw Obstacle.broken
        }
    }
}
