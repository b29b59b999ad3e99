import NIOCore

@testable import Stateline

/// An encrypted log, and what a writer to the store without a key can make of it.
struct SealedLog {
    static let key = SessionKey("thread-42", tenant: "acme")
    static let ring = KeyRing(.random(id: 7))
    static let marker = "the marker that must not be read"

    var writer: LogWriter
    var batches: [EncodedBatch] = []

    /// A session of two turns.
    init(of key: SessionKey = key, keys: KeyRing = ring) throws {
        writer = LogWriter(key, cipher: try SessionCipher(of: key, from: keys))
        append(.instructions(Self.marker))
        append(.prompt("1 \(Self.marker)"), .response("2"))
        append(.prompt("3"), .response("4 \(Self.marker)"))
    }

    mutating func append(_ entries: Entry...) {
        var batch = Batch(.turn, turn: .random(), created: Timestamp(milliseconds: 1))
        batch.entries = entries
        batches.append(writer.append(batch))
    }

    /// Folds batches as a reader with a ring does.
    static func fold(
        _ batches: [EncodedBatch],
        of key: SessionKey = key,
        keys: KeyRing? = ring
    ) throws -> Snapshot {
        let cipher = try keys.map { try SessionCipher(of: key, from: $0) }
        return try Snapshot.folding(batches, of: key, dialect: EntryDialect(), cipher: cipher)
    }

    /// Returns a log of the same batches with right digests, as any writer to the store can compute them.
    ///
    /// - Parameters:
    ///   - batches: The batches.
    ///   - key: The session in whose place they are put.
    ///   - change: Changes the parts of a batch.
    /// - Returns: The log.
    /// - Throws: `FormatError`.
    static func forged(
        _ batches: [EncodedBatch],
        of key: SessionKey = key,
        _ change: (Int, inout ByteBuffer, inout ByteBuffer) -> Void = { _, _, _ in }
    ) throws -> [EncodedBatch] {
        var forged: [EncodedBatch] = []
        var digest: Digest?
        for (index, batch) in batches.enumerated() {
            let frame = try BatchFormat.Frame(batch.bytes)
            var (head, body) = (frame.summary, frame.body)
            change(index, &head, &body)
            let incarnation = batch.position.incarnation
            let previous = digest ?? Position.origin(of: key.root, incarnation: incarnation).digest
            digest = .chained(after: previous, batch: body, head: head)
            forged.append(try EncodedBatch(stored: BatchFormat.frame(body: body, head: head, digest: digest ?? .zero)))
        }
        return forged
    }
}

extension [EncodedBatch] {
    /// `true` if the stored bytes hold a text.
    func show(_ text: String) -> Bool {
        contains { String(decoding: $0.bytes.readableBytesView, as: UTF8.self).contains(text) }
    }
}
