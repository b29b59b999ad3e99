internal import NIOCore
internal import Stateline

/// What a script of the store's answered.
enum Verdict: Sendable {
    /// It did what was asked.
    case done
    /// It had been done before.
    case duplicate
    /// The reader has all there is.
    case current
    /// The position is not in the log.
    case regressed
    /// The log does not stand there.
    case stale
    /// The reader or writer lacks what the log has beyond its position.
    case behind(LogTail)
    /// Another session has the key, or had it.
    case taken
    /// There is no session.
    case gone(Absence)
    /// It has not found the position yet; it has to be asked again, with this.
    case walking(ByteBuffer)
    /// What is stored is not what was written; about where.
    case corrupt(Revision)
    /// A command of the script's failed, and nothing was done.
    case failed(String)

    /// Reads an answer without its nonce; `nil` where no script answers so.
    init?(_ answer: ByteBuffer, to operation: Operation) {
        var rest = answer
        guard let letter = rest.readInteger(as: UInt8.self) else { return nil }
        switch (UnicodeScalar(letter), operation) {
        case ("C", _): self = .done
        case ("D", _): self = .duplicate
        case ("K", .load): self = .current
        case ("R", _): self = .regressed
        case ("S", .delete): self = .stale
        case ("S", .create), ("S", .commit), ("T", .load):
            guard let tail = LogTail(&rest) else { return nil }
            self = .behind(tail)
        case ("O", .fork): self = .taken
        case ("G", _):
            guard let kind = rest.readInteger(as: UInt8.self), let absence = Absence(letter: kind) else { return nil }
            self = .gone(absence)
        case ("W", _): self = .walking(rest)
        case ("X", _): self = .corrupt(rest.readRevision() ?? 0)
        case ("E", _): self = .failed(String(buffer: rest))
        default: return nil
        }
    }

    /// What was asked for, by the letter that a script knows it by.
    enum Operation: String, Sendable {
        case create = "n"
        case commit = "c"
        case load = "l"
        case fork = "f"
        case delete = "d"
    }
}

extension Absence {
    /// Reads the letter of a kind.
    fileprivate init?(letter: UInt8) {
        switch UnicodeScalar(letter) {
        case "a": self = .absent
        case "d": self = .deleted
        case "e": self = .expired
        case "v": self = .evicted
        default: return nil
        }
    }
}

/// What a log has beyond a position: where it is, and the batches themselves where they are few.
struct LogTail: Sendable {
    /// A part of an ancestor's log.
    struct Segment: Sendable {
        /// The ancestor's branch.
        let branch: String
        /// Whose log it is, where another session has the branch's keys by now.
        let incarnation: Incarnation?
        /// Where the part ends.
        let end: Int
    }

    /// Where the log stands.
    let position: Position
    /// The position before the first batch.
    let origin: Position
    /// The revision before the session's own first batch: 0 for a root.
    let base: Revision
    /// Where the session's own log ends.
    let end: Int
    /// Where the tail begins in its first segment.
    let start: Int
    /// The parts of ancestors' logs, in order; the session's own log follows.
    let segments: [Segment]
    /// All batches of the tail, framed.
    let batches: ByteBuffer?

    /// Reads a tail, and all that is left.
    init?(_ buffer: inout ByteBuffer) {
        guard
            let place = buffer.readPlace(), let origin = buffer.readPlace(), let revision = buffer.readRevision(),
            let base = buffer.readRevision(), let end = buffer.readRevision(), let start = buffer.readRevision(),
            let count = buffer.readInteger(as: UInt16.self)
        else { return nil }
        position = Position(incarnation: place.incarnation, revision: revision, digest: place.digest)
        self.origin = Position(incarnation: origin.incarnation, revision: 0, digest: origin.digest)
        self.base = base
        self.end = Int(end.rawValue)
        self.start = Int(start.rawValue)
        var segments: [Segment] = []
        for _ in 0..<count {
            guard
                let isMoved = buffer.readInteger(as: UInt8.self), let branch = buffer.readString(length: 16),
                let place = buffer.readPlace(), let end = buffer.readRevision()
            else { return nil }
            let incarnation = isMoved == UInt8(ascii: "1") ? place.incarnation : nil
            segments.append(Segment(branch: branch, incarnation: incarnation, end: Int(end.rawValue)))
        }
        self.segments = segments
        guard let isInline = buffer.readInteger(as: UInt8.self) else { return nil }
        batches = isInline == UInt8(ascii: "1") ? buffer : nil
    }
}

extension ByteBuffer {
    /// Reads a number of 6 bytes.
    fileprivate mutating func readRevision() -> Revision? {
        guard let (high, low) = readMultipleIntegers(as: (UInt16, UInt32).self) else { return nil }
        return Revision(rawValue: UInt64(high) << 32 | UInt64(low))
    }

    /// Reads an incarnation and a digest.
    fileprivate mutating func readPlace() -> (incarnation: Incarnation, digest: Digest)? {
        guard let bits = readInteger(as: UInt128.self), let digest = Digest(from: &self) else { return nil }
        return (Incarnation(rawValue: bits), digest)
    }

    /// Writes a number of 6 bytes; a greater one as the greatest.
    mutating func writeSixBytes(_ number: UInt64) {
        let number = Swift.min(number, 1 << 48 - 1)
        writeMultipleIntegers(UInt16(number >> 32), UInt32(truncatingIfNeeded: number))
    }

    /// Writes an incarnation and a digest.
    mutating func writePlace(_ position: Position) {
        writeInteger(position.incarnation.rawValue)
        position.digest.write(to: &self)
    }
}
