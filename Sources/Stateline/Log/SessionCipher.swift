internal import Crypto
internal import NIOCore
internal import Synchronization

/// The encryption of one session's batches: its keys as far as its log was read, and the ring that they are wrapped under.
///
/// Each session has random keys of its own. A batch is sealed with the newest one, by AES-256-GCM, and no nonce is used twice.
/// The associated data is everything that stays readable: the tenant, the family and the id of the log that the batch was
/// written to, the digest of the log before it, its head, kind, turn, time and parent. So a batch opens at its place
/// alone. A key is stored once, in the envelope of the batch that uses it first, wrapped by RFC 3394 under a key that
/// HKDF-SHA256 derives from the master key and that batch's associated data. Each envelope repeats all keys before it, so
/// that the newest master key suffices to read a log.
///
/// It is an immutable value that later ones share, so that no turn derives or unwraps a key again.
///
/// Source: NIST SP 800-38D (GCM); RFC 5869 (HKDF); RFC 3394 (key wrap).
package final class SessionCipher: Sendable {
    /// A key, and the revision from which on it is used.
    struct DataKey: Sendable {
        let revision: Revision
        let secret: SymmetricKey
    }

    /// The text that stands in a secret's place.
    static var placeholder: String { "<redacted>" }

    let key: SessionKey
    let provider: any KeyRingProvider
    /// The ring of the time at which the session was opened or last got a key.
    let ring: KeyRing
    /// The master key of the newest envelope; `nil` before the first.
    let masterID: UInt32?
    /// The keys, the oldest first; none before the first envelope.
    let dataKeys: [DataKey]
    /// The ids of the logs that the session continues, by their incarnations; without its own.
    let ancestors: [Incarnation: String]

    init(
        key: SessionKey,
        provider: any KeyRingProvider,
        ring: KeyRing,
        masterID: UInt32? = nil,
        dataKeys: [DataKey] = [],
        ancestors: [Incarnation: String] = [:]
    ) {
        self.key = key
        self.provider = provider
        self.ring = ring
        self.masterID = masterID
        self.dataKeys = dataKeys
        self.ancestors = ancestors
    }

    /// Makes the encryption of a session whose log was not read yet.
    ///
    /// - Throws: ``SealError/noKeyRing`` if the provider has none.
    package convenience init(of key: SessionKey, from provider: any KeyRingProvider) throws(SealError) {
        guard let ring = provider.keyRing(of: key) else { throw .noKeyRing }
        self.init(key: key, provider: provider, ring: ring)
    }

    /// `true` if the newest key is wrapped under the active master key.
    var isCurrent: Bool { masterID == (provider.keyRing(of: key) ?? ring).active.id }

    /// Returns `true` if the ring of a provider has the master key of the newest envelope.
    func isOpen(to keys: any KeyRingProvider) -> Bool {
        guard let ring = keys.keyRing(of: key) else { return false }
        guard let masterID else { return ring.allowsPlaintext }
        return ring.key(masterID)?.secret == self.ring.key(masterID)?.secret
    }

    /// Returns the encryption of the batch of a revision: with a new key if the newest one is not wrapped under the active
    /// master key.
    func sealing(_ revision: Revision) -> SessionCipher {
        let ring = provider.keyRing(of: key) ?? ring
        guard masterID != ring.active.id else { return self }
        return SessionCipher(
            key: key,
            provider: provider,
            ring: ring,
            masterID: ring.active.id,
            dataKeys: dataKeys + [DataKey(revision: revision, secret: SymmetricKey(size: .bits256))],
            ancestors: ancestors
        )
    }

    /// Returns the encryption of a fork that begins at a position.
    func forked(to fork: SessionKey, at position: Position) -> SessionCipher {
        var ancestors = ancestors
        ancestors[position.incarnation] = id(of: position.incarnation)
        return SessionCipher(
            key: fork,
            provider: provider,
            ring: ring,
            masterID: masterID,
            dataKeys: dataKeys,
            ancestors: ancestors
        )
    }

    /// Returns the encryption of the beginning of the log, for a fork there.
    ///
    /// Later keys are not in the fork's log. If there were such, it begins with one of its own.
    func ending(at revision: Revision) -> SessionCipher {
        let earlier = dataKeys.filter { $0.revision <= revision }
        return SessionCipher(
            key: key,
            provider: provider,
            ring: ring,
            masterID: earlier.count == dataKeys.count ? masterID : nil,
            dataKeys: earlier,
            ancestors: ancestors
        )
    }

    // MARK: Sealing

    /// Encodes a batch and seals its content.
    ///
    /// - Parameters:
    ///   - batch: The batch.
    ///   - position: The position in its head.
    ///   - summary: Its encoded head.
    ///   - previous: The digest of the log before it.
    /// - Returns: The batch's bytes.
    /// - Complexity: O(*n*) in the size of the batch.
    func seal(_ batch: Batch, at position: Position, head summary: ByteBuffer, after previous: Digest) -> ByteBuffer {
        guard let dataKey = dataKeys.last else { preconditionFailure("the session has no key") }
        let content = BatchFormat.encodeContent(of: batch)
        var body = BatchFormat.encodePreamble(of: batch, reserving: content.readableBytes)
        let place = Place(id: id(of: position.incarnation), previous: previous, summary: summary)
        let envelope =
            dataKey.revision == position.revision ? sealEnvelope(associatedData(place, body, .envelope)) : nil
        var keyField = ByteBuffer()
        BatchFormat.writeKey(dataKey.revision, envelope: envelope, to: &keyField)
        let size = keyField.readableBytes + content.readableBytes + BatchFormat.Seal.boxSize
        BatchFormat.writeSealHeader(size: size, to: &body)
        body.writeImmutableBuffer(keyField)
        let data = associatedData(place, body, .content)
        do {
            // Safety: the pointers are used only inside the closures, while the buffers' storage is alive.
            let box = try unsafe content.withUnsafeReadableBytes { content in
                try unsafe data.withUnsafeReadableBytes { data in
                    unsafe try AES.GCM.seal(
                        content,
                        using: dataKey.secret,
                        nonce: Self.nextNonce(),
                        authenticating: data
                    )
                }
            }
            guard let bytes = box.combined else { preconditionFailure("the nonce has not 12 bytes") }
            body.writeBytes(bytes)
        } catch {
            preconditionFailure("sealing failed: \(error)")
        }
        return body
    }

    /// The number of nonces that this process has made.
    private static let nonceCount = Atomic<UInt32>(0)

    /// Returns a nonce that no batch has had: 64 random bits and the process's count of nonces.
    ///
    /// Nonces of one process are equal only if their random bits are and 2^32 others lie between them. So equal ones are
    /// rarer than among 96 random bits, and one call of the system is enough.
    private static func nextNonce() throws -> AES.GCM.Nonce {
        var random = SystemRandomNumberGenerator()
        var buffer = ByteBufferAllocator().buffer(capacity: 12)
        buffer.writeInteger(random.next())
        buffer.writeInteger(nonceCount.wrappingAdd(1, ordering: .relaxed).newValue)
        // Safety: the pointer is used only inside the closure, while the buffer's storage is alive.
        return try unsafe buffer.withUnsafeReadableBytes { unsafe try AES.GCM.Nonce(data: $0) }
    }

    // MARK: Opening

    /// Opens and decodes a batch.
    ///
    /// - Parameters:
    ///   - encoded: The batch.
    ///   - previous: The position before it.
    /// - Returns: The batch and its head.
    /// - Throws: ``LogError``: sealed, unreadable or corrupt.
    func open(
        _ encoded: EncodedBatch,
        after previous: Position
    ) throws(LogError) -> (batch: Batch, head: Head) {
        let revision = encoded.position.revision
        let (frame, seal) = try Self.parts(of: encoded)
        var content: ByteBuffer?
        if let seal {
            guard let dataKey = dataKeys.last(where: { $0.revision == seal.keyRevision }) else {
                throw .sealed(revision, .noEnvelope(seal.keyRevision))
            }
            let data = associatedData(place(of: encoded, frame, after: previous), seal.plain, .content)
            content = Self.open(seal.box, with: dataKey.secret, authenticating: data)
            guard content != nil else { throw .sealed(revision, .notAuthentic) }
        } else {
            // A sealed batch vouches for all that was before it, and for nothing after it.
            let isOlder = dataKeys.first.map { revision < $0.revision } ?? true
            guard ring.allowsPlaintext, isOlder else { throw .sealed(revision, .plaintext) }
        }
        do throws(FormatError) { return (try frame.batch(content: content), try frame.head()) } catch {
            throw LogError(error, at: revision)
        }
    }

    /// Returns the parts of a batch.
    static func parts(
        of encoded: EncodedBatch
    ) throws(LogError) -> (frame: BatchFormat.Frame, seal: BatchFormat.Seal?) {
        do throws(FormatError) {
            let frame = try BatchFormat.Frame(encoded.bytes)
            return (frame, try frame.seal())
        } catch { throw LogError(error, at: encoded.position.revision) }
    }

    private static func open(_ box: ByteBuffer, with key: SymmetricKey, authenticating data: ByteBuffer) -> ByteBuffer?
    {
        // Safety: the pointers are used only inside the closures, while the buffers' storage is alive.
        unsafe box.withUnsafeReadableBytes { bytes in
            guard let box = unsafe try? AES.GCM.SealedBox(combined: bytes) else { return nil }
            let content = unsafe data.withUnsafeReadableBytes { data in
                unsafe try? AES.GCM.open(box, using: key, authenticating: data)
            }
            return content.map { ByteBuffer(bytes: $0) }
        }
    }
}

extension SessionCipher: CustomStringConvertible, CustomReflectable {
    /// A placeholder, not the keys.
    package var description: String { Self.placeholder }
    /// An empty mirror.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
