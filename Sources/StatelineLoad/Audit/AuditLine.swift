internal import NIOCore
internal import Stateline

/// An event of a batch.
enum AuditEvent: Hashable, Sendable {
    /// The batch is about to be appended.
    case began(after: Position)
    /// The batch was acknowledged, as new or as already there.
    case acknowledged(isNew: Bool)
    /// This attempt failed.
    case failed(StoreError.Committed)
    /// The batch will not be in the log, whatever the outcome of other attempts.
    case refused
}

/// An event as a line of text, for another process.
struct AuditLine: Hashable, Sendable, CustomStringConvertible {
    private static let mark = "audit"

    /// The session, no fork.
    let key: SessionKey
    /// The batch.
    let name: BatchName
    /// The event.
    let event: AuditEvent

    init(key: SessionKey, name: BatchName, event: AuditEvent) {
        self.key = key
        self.name = name
        self.event = event
    }

    /// Reads a line; `nil` if it is malformed.
    init?(_ text: some StringProtocol) {
        let fields = text.split(separator: " ")
        guard fields.count >= 8, fields[0] == Self.mark,
            let tenant = String(hexadecimal: fields[1]), let id = String(hexadecimal: fields[2]),
            let turn = UInt128(fields[3], radix: 16), let incarnation = UInt128(fields[4], radix: 16),
            let position = Position(incarnation, fields[5], fields[6])
        else { return nil }
        key = SessionKey(id, tenant: Tenant(rawValue: tenant))
        name = BatchName(turn: TurnID(rawValue: turn), position: position)
        switch (fields[7], fields.count) {
        case ("began", 10):
            guard let expected = Position(incarnation, fields[8], fields[9]) else { return nil }
            event = .began(after: expected)
        case ("committed", 8): event = .acknowledged(isNew: true)
        case ("duplicate", 8): event = .acknowledged(isNew: false)
        case ("refused", 8): event = .refused
        case ("failed", 9):
            guard let committed = StoreError.Committed(rawValue: String(fields[8])) else { return nil }
            event = .failed(committed)
        default: return nil
        }
    }

    /// The line without its end.
    var description: String {
        let position = name.position
        let words: [String] =
            switch event {
            case .began(let expected): ["began", "\(expected.revision)", "\(expected.digest)"]
            case .acknowledged(isNew: true): ["committed"]
            case .acknowledged(isNew: false): ["duplicate"]
            case .failed(let committed): ["failed", committed.rawValue]
            case .refused: ["refused"]
            }
        let names = [key.tenant.rawValue.hexadecimal, key.id.hexadecimal, String(name.turn.rawValue, radix: 16)]
        let place = [String(position.incarnation.rawValue, radix: 16), "\(position.revision)", "\(position.digest)"]
        return ([Self.mark] + names + place + words).joined(separator: " ")
    }
}

extension Position {
    fileprivate init?(_ incarnation: UInt128, _ revision: some StringProtocol, _ digest: some StringProtocol) {
        guard let revision = UInt64(revision), var bytes = ByteBuffer(hexadecimal: digest), bytes.readableBytes == 32,
            let digest = Digest(from: &bytes)
        else { return nil }
        self.init(
            incarnation: Incarnation(rawValue: incarnation),
            revision: Revision(rawValue: revision),
            digest: digest
        )
    }
}

extension String {
    /// The UTF-8 bytes in hexadecimal digits; a dash if there are none.
    fileprivate var hexadecimal: String {
        isEmpty ? "-" : utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    fileprivate init?(hexadecimal text: some StringProtocol) {
        guard text != "-" else {
            self = ""
            return
        }
        guard let bytes = ByteBuffer(hexadecimal: text) else { return nil }
        self.init(buffer: bytes)
    }
}

extension ByteBuffer {
    fileprivate init?(hexadecimal text: some StringProtocol) {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == text.count, digits.count.isMultiple(of: 2) else { return nil }
        self.init(bytes: stride(from: 0, to: digits.count, by: 2).map { UInt8(16 * digits[$0] + digits[$0 + 1]) })
    }
}
