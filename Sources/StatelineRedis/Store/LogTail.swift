internal import NIOCore
internal import Stateline

/// The batches of a log after a position: their places, and the batches themselves if they are few.
struct LogTail: Sendable {
    /// A part of an ancestor's log.
    struct Segment: Sendable {
        /// The ancestor's branch.
        let branch: String
        /// The ancestor's incarnation, if another session has its keys by now.
        let incarnation: Incarnation?
        /// The end of the part in the ancestor's log, in bytes.
        let end: Int
    }

    /// The position of the log.
    let position: Position
    /// The position before the first batch.
    let origin: Position
    /// The size of the session's own log, in bytes.
    let end: Int
    /// The start of the tail in its first segment, in bytes.
    let start: Int
    /// The parts of ancestors' logs, in order.
    ///
    /// The session's own log follows.
    let segments: [Segment]
    /// All batches of the tail, framed, if the reply has them.
    let batches: ByteBuffer?

    /// Reads a tail, to the end of the buffer.
    init?(_ buffer: inout ByteBuffer) {
        guard
            let fingerprint = buffer.readFingerprint(), let origin = buffer.readFingerprint(),
            let revision = buffer.readRevision(),
            buffer.readRevision() != nil, let end = buffer.readRevision(), let start = buffer.readRevision(),
            let count = buffer.readInteger(as: UInt16.self)
        else { return nil }
        position = Position(incarnation: fingerprint.incarnation, revision: revision, digest: fingerprint.digest)
        self.origin = Position(incarnation: origin.incarnation, revision: 0, digest: origin.digest)
        self.end = Int(end.rawValue)
        self.start = Int(start.rawValue)
        var segments: [Segment] = []
        for _ in 0..<count {
            guard
                let isMoved = buffer.readInteger(as: UInt8.self), let branch = buffer.readString(length: 16),
                let fingerprint = buffer.readFingerprint(), let end = buffer.readRevision()
            else { return nil }
            let incarnation = isMoved == UInt8(ascii: "1") ? fingerprint.incarnation : nil
            segments.append(Segment(branch: branch, incarnation: incarnation, end: Int(end.rawValue)))
        }
        self.segments = segments
        guard let isInline = buffer.readInteger(as: UInt8.self) else { return nil }
        batches = isInline == UInt8(ascii: "1") ? buffer : nil
    }
}
