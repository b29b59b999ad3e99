public import NIOCore

/// A batch in its stored form: bytes, and the facts that a store has to know.
///
/// The bytes hold the batch, its head and the digest of the log up to it. A store compares positions and keeps bytes;
/// it never has to decode them.
public struct EncodedBatch: Hashable, Sendable {
    /// The position of the log after this batch.
    public let position: Position
    /// The turn that the batch belongs to.
    public let turn: TurnID
    /// The stored form, whose first byte is the format's version.
    public let bytes: ByteBuffer

    init(position: Position, turn: TurnID, bytes: ByteBuffer) {
        self.position = position
        self.turn = turn
        self.bytes = bytes
    }

    /// Encodes a batch that follows a position.
    ///
    /// - Parameters:
    ///   - batch: The batch.
    ///   - head: Its head; the digest in it is not used.
    ///   - previous: The position.
    ///   - cipher: The encryption of this revision; `nil` for none.
    /// - Complexity: O(*n*) in the size of the batch.
    init(_ batch: Batch, head: Head, after previous: Position, cipher: SessionCipher? = nil) {
        let summary = BatchFormat.encode(head)
        let body =
            cipher?.seal(batch, at: head.position, head: summary, after: previous.digest) ?? BatchFormat.encode(batch)
        let digest = Digest.chained(after: previous.digest, batch: body, head: summary)
        self.init(
            position: Position(
                incarnation: head.position.incarnation,
                revision: previous.revision.next,
                digest: digest
            ),
            turn: batch.turn,
            bytes: BatchFormat.frame(body: consume body, head: summary, digest: digest)
        )
    }

    /// Makes a batch from its stored form.
    ///
    /// Only the frame, the turn and the position are read.
    ///
    /// - Throws: ``FormatError`` if the version is unknown or the bytes are not a stored form. An unknown kind or
    ///   section is not an error: a store keeps batches of newer writers as they are.
    public init(stored bytes: ByteBuffer) throws(FormatError) {
        let frame = try BatchFormat.Frame(bytes)
        self.init(position: try frame.position(), turn: try frame.turn(), bytes: bytes)
    }

    /// Reads the batch and its head.
    ///
    /// - Throws: ``FormatError`` if the bytes are not a batch, or hold a field that this library does not know and may
    ///   not ignore; ``FormatError/sealed(keyID:)`` if the content is encrypted.
    public func decoded() throws(FormatError) -> (batch: Batch, head: Head) {
        let frame = try BatchFormat.Frame(bytes)
        return (try frame.batch(), try frame.head())
    }

    /// Reads the batch and its head, and opens the content if it is encrypted.
    ///
    /// - Parameters:
    ///   - cipher: The encryption of the session; `nil` for none.
    ///   - previous: The position that the batch follows.
    /// - Returns: The batch and its head.
    /// - Throws: ``LogError``.
    package func opened(
        by cipher: SessionCipher?,
        after previous: Position
    ) throws(LogError) -> (batch: Batch, head: Head) {
        if let cipher { return try cipher.open(self, after: previous) }
        do throws(FormatError) { return try decoded() } catch { throw LogError(error, at: position.revision) }
    }

    /// Reads the head, which is never encrypted.
    ///
    /// - Throws: ``FormatError`` if the bytes are not a head.
    /// - Complexity: O(1).
    public func head() throws(FormatError) -> Head { try BatchFormat.Frame(bytes).head() }

    /// Returns the same batch under another version of the format, as a newer writer would make it: for tests of
    /// stores.
    package func ofVersion(_ version: UInt8) -> EncodedBatch {
        var bytes = bytes
        bytes.setInteger(version, at: bytes.readerIndex)
        return EncodedBatch(position: position, turn: turn, bytes: bytes)
    }

    /// Returns `true` if the digest shows that these bytes follow a position, unchanged.
    package func follows(_ previous: Position) throws(FormatError) -> Bool {
        let frame = try BatchFormat.Frame(bytes)
        return position.revision == previous.revision.next
            && position.digest == .chained(after: previous.digest, batch: frame.body, head: frame.summary)
    }
}

/// A failure to read stored bytes.
@nonexhaustive
public enum FormatError: Error, Hashable, Sendable {
    /// The first byte names a version that this library does not know. Such bytes are refused and never rewritten.
    case unknownVersion(UInt8)
    /// The bytes hold a section, a kind or a flag that this library does not know and may not ignore; the text names
    /// it.
    ///
    /// A newer writer made them. Such bytes are refused and never rewritten.
    case unsupported(String)
    /// The bytes end too early, or hold a value that the version does not allow.
    case malformed(String)
    /// The content of the batch is encrypted, and only a session with its keys can read it. The id is that of the master
    /// key, if this batch names it.
    case sealed(keyID: UInt32?)

    /// `true` if the bytes are those of a newer writer; `false` if they are damaged or encrypted.
    public var isNewer: Bool {
        switch self {
        case .unknownVersion, .unsupported: true
        case .malformed, .sealed: false
        }
    }
}

extension FormatError: CustomStringConvertible {
    /// The reason in one line.
    public var description: String {
        switch self {
        case .unknownVersion(let version): "version \(version) of the stored format is unknown: update this library"
        case .unsupported(let field): "the \(field) is unknown: update this library"
        case .malformed(let reason): reason
        case .sealed(let id):
            "the content is encrypted\(id.map { " under key \($0)" } ?? ""): open it with the session's key ring"
        }
    }
}
