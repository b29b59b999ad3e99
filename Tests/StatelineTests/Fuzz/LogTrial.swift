import NIOCore

@testable import Stateline

/// What must hold of a log whatever bytes its batches are.
///
/// An input is a list of batches without digests: those are computed here, since anyone who can write to a store can do
/// that too. Each batch is folded, and folded by ``PlainLog`` beside it; both have to take it or both have to refuse it,
/// and show the same.
struct LogTrial {
    /// What is wrong.
    struct Finding: Error, CustomStringConvertible {
        let description: String
    }

    static let key = SessionKey("session", tenant: "fuzz")
    private static let incarnation = Incarnation(rawValue: 7)

    private var plain: PlainLog
    private var snapshot: Snapshot
    private var batches: [EncodedBatch] = []

    private init() {
        let origin = Position.origin(of: Self.key, incarnation: Self.incarnation)
        self.plain = PlainLog(origin: origin)
        self.snapshot = Snapshot(key: Self.key, origin: origin, dialect: EntryDialect())
    }

    /// Tries an input.
    ///
    /// - Returns: How many batches were taken.
    /// - Throws: ``Finding``.
    @discardableResult
    static func check(_ input: some Collection<UInt8>) throws(Finding) -> Int {
        var trial = LogTrial()
        var rest = ByteBuffer(bytes: input)
        while let (body, head) = trial.nextRecord(&rest) {
            guard try trial.append(body, head) else { break }
        }
        try trial.checkWhole()
        return trial.batches.count
    }

    /// Takes a record: a length of 2 bytes, a byte that tells how the head is made, the batch, and what the head needs.
    private func nextRecord(_ rest: inout ByteBuffer) -> (body: ByteBuffer, head: ByteBuffer)? {
        guard
            let length = rest.readInteger(as: UInt16.self),
            let how = rest.readInteger(as: UInt8.self),
            let body = rest.readSlice(length: min(Int(length), rest.readableBytes))
        else { return nil }
        guard how < 2 else {
            var head = ByteBuffer()
            head.writeInteger(Self.incarnation.rawValue)
            head.writeRevision(plain.head.revision.next)
            if let claims = rest.readSlice(length: min(Int(how) - 2, rest.readableBytes)) {
                head.writeImmutableBuffer(claims)
            }
            return (body, head)
        }
        var head = BatchFormat.encode(plain.honestHead(of: Self.batch(body)))
        if how == 1, let index = rest.readInteger(as: UInt8.self), let bits = rest.readInteger(as: UInt8.self) {
            let place = Int(index) % head.readableBytes
            head.setInteger((head.getInteger(at: place, as: UInt8.self) ?? 0) ^ bits, at: place)
        }
        return (body, head)
    }

    /// A batch of its bytes; an empty one for bytes that are none.
    private static func batch(_ body: ByteBuffer) -> Batch {
        let framed = BatchFormat.frame(body: body, head: ByteBuffer(), digest: .zero)
        let batch = try? BatchFormat.Frame(framed).batch()
        return batch ?? Batch(.turn, turn: TurnID(rawValue: 0), created: Timestamp(milliseconds: 0))
    }

    /// Folds a batch in both ways.
    ///
    /// - Returns: `true` if it was taken.
    private mutating func append(_ body: ByteBuffer, _ head: ByteBuffer) throws(Finding) -> Bool {
        let digest = Digest.chained(after: plain.head.position.digest, batch: body, head: head)
        let stored = BatchFormat.frame(body: body, head: head, digest: digest)
        guard let encoded = try? EncodedBatch(stored: stored) else { return false }
        guard encoded.bytes == stored else { throw Finding(description: "the stored bytes were changed") }
        var next = plain
        let isTaken: Bool
        do {
            let (batch, claimed) = try encoded.decoded()
            isTaken = next.append(batch, claimed)
        } catch {
            isTaken = false
        }
        let folded = try? snapshot.following([encoded])
        guard (folded != nil) == isTaken else {
            throw Finding(description: "batch \(batches.count): folded \(folded != nil), by the plain log \(isTaken)")
        }
        guard let folded else { return false }
        (snapshot, plain) = (folded, next)
        batches.append(encoded)
        try check(snapshot, "after batch \(batches.count)")
        return true
    }

    /// Compares a session with the plain log.
    private func check(_ snapshot: Snapshot, _ when: String) throws(Finding) {
        let shown = plain.view.map { plain.entries[$0] }
        guard snapshot.transcript.elementsEqual(shown) else {
            throw Finding(description: "\(when): another transcript")
        }
        guard snapshot.head == plain.head else { throw Finding(description: "\(when): another head") }
        var rendering = Rendering(dialect: EntryDialect())
        rendering.append(restOf: Transcript(shown))
        let (mine, others) = (snapshot.rendering.joined, rendering.joined)
        guard mine == others else { throw Finding(description: "\(when): another rendering") }
        guard snapshot.weight > shown.reduce(0, { $0 + $1.text.utf8.count }) else {
            throw Finding(description: "\(when): less weight than text")
        }
    }

    /// Folds the whole log at once, and rewinds it to each revision.
    private func checkWhole() throws(Finding) {
        guard !batches.isEmpty else { return }
        guard let whole = try? Snapshot.folding(batches, of: Self.key, dialect: EntryDialect()) else {
            throw Finding(description: "the whole log is refused")
        }
        try check(whole, "of the whole log")
        for revision in plain.views.indices.dropFirst() {
            let target = Revision(rawValue: UInt64(revision))
            guard let view = snapshot.view(at: target), Array(view.ranges.joined()) == plain.views[revision] else {
                throw Finding(description: "another view of revision \(revision)")
            }
            // Each has been seen to be right; to rewind to a few of them is enough.
            guard revision.isMultiple(of: 3) else { continue }
            var batch = Batch(.view, turn: TurnID(rawValue: 1), created: Timestamp(milliseconds: 0))
            batch.view = Batch.View(base: target, kept: view.count)
            let rewound = snapshot.successor(batch)
            guard rewound.snapshot.transcript.elementsEqual(plain.views[revision].map { plain.entries[$0] }) else {
                throw Finding(description: "rewound to revision \(revision): another transcript")
            }
            guard let read = try? snapshot.following([rewound.encoded]), read.head == rewound.snapshot.head else {
                throw Finding(description: "rewound to revision \(revision): the own batch is refused")
            }
        }
    }
}

extension Rendering {
    fileprivate var joined: ByteBuffer {
        var pieces: [ByteBuffer] = []
        appendBuffers(to: &pieces)
        return pieces.reduce(into: ByteBuffer()) { $0.writeImmutableBuffer($1) }
    }
}
