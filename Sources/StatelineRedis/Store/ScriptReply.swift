internal import NIOCore
internal import Stateline

/// A reply of ``StoreScript``.
enum ScriptReply: Sendable {
    /// The operation was done.
    case done
    /// The operation had been done before.
    case duplicate
    /// The reader has the newest batch.
    case current
    /// The position is not in the log.
    case regressed
    /// The log's position is another one.
    case stale
    /// The log has batches after the reader's or writer's position.
    case behind(LogTail)
    /// The log has a newest batch, after this position.
    case newest(after: Position, LogTail)
    /// Another session has or had the key.
    case taken
    /// There is no live session.
    case gone(Absence)
    /// The renewals of the lease of a turn, if there were any, and the position of the newest batch.
    case lease(Renewals?, Position)
    /// The script has not found the position yet, and continues when it is called with this hint.
    case walking(ByteBuffer)
    /// The stored data is damaged, near a revision.
    case corrupt(Revision)

    /// Reads a reply without its nonce; returns `nil` if it is malformed.
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
        case ("N", .newest):
            guard let before = rest.readFingerprint(), let tail = LogTail(&rest), tail.position.revision > 0 else {
                return nil
            }
            let position = Position(
                incarnation: before.incarnation,
                revision: Revision(rawValue: tail.position.revision.rawValue - 1),
                digest: before.digest
            )
            self = .newest(after: position, tail)
        case ("O", .fork): self = .taken
        case ("G", _):
            guard let kind = rest.readInteger(as: UInt8.self), let absence = Absence(letter: kind) else { return nil }
            self = .gone(absence)
        case ("L", .lease):
            guard let position = rest.readTip(), let renewals = Renewals.read(&rest) else { return nil }
            self = .lease(renewals, position)
        case ("W", _): self = .walking(rest)
        case ("X", _): self = .corrupt(rest.readRevision() ?? 0)
        default: return nil
        }
    }

    /// An operation, by its letter in a request.
    enum Operation: String, Sendable {
        case create = "n"
        case commit = "c"
        case load = "l"
        case fork = "f"
        case delete = "d"
        case lease = "r"
        case newest = "h"

        /// `true` if the operation may change the log.
        var isWrite: Bool { self != .load && self != .newest && self != .lease }
    }

    /// The renewals of a lease.
    struct Renewals: Sendable {
        /// The turn that holds it.
        let turn: TurnID
        /// The number of renewals.
        let count: UInt64

        /// Reads the rest of a reply: a count, `.some(nil)` for none; `nil` if it is malformed.
        fileprivate static func read(_ rest: inout ByteBuffer) -> Renewals?? {
            guard rest.readableBytes > 0 else { return .some(nil) }
            guard
                rest.readableBytes == 22, let turn = rest.readInteger(as: UInt128.self),
                let count = rest.readRevision()
            else { return nil }
            return Renewals(turn: TurnID(rawValue: turn), count: count.rawValue)
        }
    }
}

extension ByteBuffer {
    /// Reads a fingerprint and its revision.
    fileprivate mutating func readTip() -> Position? {
        guard let fingerprint = readFingerprint(), let revision = readRevision() else { return nil }
        return Position(incarnation: fingerprint.incarnation, revision: revision, digest: fingerprint.digest)
    }
}

extension Absence {
    /// Reads the letter of an absence.
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
