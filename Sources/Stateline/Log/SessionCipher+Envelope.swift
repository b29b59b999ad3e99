internal import Crypto
internal import NIOCore

extension SessionCipher {
    /// The facts that a batch is bound to and does not hold.
    struct Place {
        /// The id of the session to whose log the batch was written.
        let id: String
        /// The digest of the log before the batch.
        let previous: Digest
        /// The batch's head.
        let summary: ByteBuffer
    }

    /// The use of associated data, its first byte.
    enum Purpose: UInt8 {
        case content = 1
        case envelope = 2
    }

    /// Returns the place of a stored batch.
    func place(of encoded: EncodedBatch, _ frame: BatchFormat.Frame, after previous: Position) -> Place {
        Place(id: id(of: encoded.position.incarnation), previous: previous.digest, summary: frame.summary)
    }

    /// Returns the id of the session whose log has an incarnation.
    func id(of incarnation: Incarnation) -> String {
        ancestors[incarnation] ?? key.id
    }

    /// Returns the associated data of a batch's content, or of its envelope.
    ///
    /// Each part has a fixed length or stands after its length, so that no two places give the same bytes.
    func associatedData(_ place: Place, _ plain: ByteBuffer, _ purpose: Purpose) -> ByteBuffer {
        let texts = [key.tenant.rawValue, key.family, place.id]
        let size = texts.reduce(64) { $0 + $1.utf8.count } + place.summary.readableBytes + plain.readableBytes
        var buffer = ByteBufferAllocator().buffer(capacity: size)
        buffer.writeInteger(purpose.rawValue)
        for text in texts { buffer.writeText(text) }
        place.previous.write(to: &buffer)
        buffer.writeBytes(sized: place.summary)
        buffer.writeImmutableBuffer(plain)
        return buffer
    }

    /// Wraps all keys under the active master key.
    func sealEnvelope(_ data: ByteBuffer) -> ByteBuffer {
        let wrapping = Self.wrappingKey(ring.active, data)
        return BatchFormat.writeEnvelope(
            ring.active.id,
            dataKeys.map { dataKey in
                guard let wrapped = try? AES.KeyWrap.wrap(dataKey.secret, using: wrapping) else {
                    preconditionFailure("a key was not wrapped")
                }
                return (dataKey.revision, wrapped)
            }
        )
    }

    private static func wrappingKey(_ master: EncryptionKey, _ data: ByteBuffer) -> SymmetricKey {
        HKDF<SHA256>
            .deriveKey(
                inputKeyMaterial: master.secret,
                salt: Array("stateline session key 1".utf8),
                info: Array(data.readableBytesView),
                outputByteCount: EncryptionKey.byteCount
            )
    }

    /// Takes in the keys of batches that follow, before they are opened.
    ///
    /// The newest envelope has all keys. Each fork's first batch has the id of its parent.
    ///
    /// - Parameters:
    ///   - batches: The batches.
    ///   - position: The position before them.
    /// - Returns: The encryption with their keys.
    /// - Throws: ``LogError``: sealed, unreadable or corrupt.
    /// - Complexity: O(1) usually; O(*n*) in the number of batches for a fork that is read from its beginning.
    package func following(_ batches: [EncodedBatch], after position: Position) throws(LogError) -> SessionCipher {
        do throws(LogError) {
            return try readingKeys(of: batches, after: position)
        } catch {
            guard case .sealed = error else { throw error }
            // If a batch does not follow the one before it, that is the reason.
            var previous = position
            for batch in batches {
                guard (try? batch.follows(previous)) ?? true else { throw .corrupt(batch.position.revision) }
                previous = batch.position
            }
            throw error
        }
    }

    private func readingKeys(
        of batches: [EncodedBatch],
        after position: Position
    ) throws(LogError) -> SessionCipher {
        guard let first = batches.first?.position.revision else { return self }
        let isUnread = key.isFork && position.revision == 0 && ancestors.isEmpty
        let ancestors = isUnread ? try Self.ancestors(of: batches) : ancestors
        guard let newest = try Self.newestSeal(of: batches), newest.revision > dataKeys.last?.revision ?? 0 else {
            return ancestors.isEmpty
                ? self
                : SessionCipher(
                    key: key,
                    provider: provider,
                    ring: ring,
                    masterID: masterID,
                    dataKeys: dataKeys,
                    ancestors: ancestors
                )
        }
        let index = Int(newest.revision.rawValue) - Int(first.rawValue)
        guard batches.indices.contains(index) else { throw .sealed(newest.user, .noEnvelope(newest.revision)) }
        let reader = SessionCipher(key: key, provider: provider, ring: ring, ancestors: ancestors)
        let previous = index == 0 ? position : batches[index - 1].position
        return try reader.openingEnvelope(of: batches[index], after: previous)
    }

    /// Returns the encryption with the keys of a batch's envelope.
    private func openingEnvelope(
        of encoded: EncodedBatch,
        after previous: Position
    ) throws(LogError) -> SessionCipher {
        let revision = encoded.position.revision
        let (frame, seal) = try Self.parts(of: encoded)
        guard let seal, let envelope = seal.envelope else { throw .sealed(revision, .noEnvelope(revision)) }
        let ring = provider.keyRing(of: key) ?? ring
        guard let master = ring.key(envelope.masterID) else {
            throw .sealed(revision, .unknownKey(id: envelope.masterID))
        }
        let data = associatedData(place(of: encoded, frame, after: previous), seal.preamble, .envelope)
        let wrapping = Self.wrappingKey(master, data)
        var keys: [DataKey] = []
        for (revision, wrapped) in envelope.keys {
            guard let secret = try? AES.KeyWrap.unwrap(Array(wrapped.readableBytesView), using: wrapping) else {
                throw .sealed(encoded.position.revision, .notAuthentic)
            }
            keys.append(DataKey(revision: revision, secret: secret))
        }
        return SessionCipher(
            key: key,
            provider: provider,
            ring: ring,
            masterID: envelope.masterID,
            dataKeys: keys,
            ancestors: ancestors
        )
    }

    /// Returns the revision of the envelope that the newest sealed batch names, and that batch's own.
    private static func newestSeal(
        of batches: [EncodedBatch]
    ) throws(LogError) -> (revision: Revision, user: Revision)? {
        for batch in batches.reversed() {
            guard let seal = try parts(of: batch).seal else { continue }
            return (seal.keyRevision, batch.position.revision)
        }
        return nil
    }

    /// Returns the ids of the logs that a fork's log begins with: each fork in it names its parent.
    private static func ancestors(of batches: [EncodedBatch]) throws(LogError) -> [Incarnation: String] {
        var ancestors: [Incarnation: String] = [:]
        var incarnation = batches.first?.position.incarnation
        for batch in batches where batch.position.incarnation != incarnation {
            incarnation = batch.position.incarnation
            do throws(FormatError) {
                guard let parent = try BatchFormat.Frame(batch.bytes).parent() else { continue }
                ancestors[parent.position.incarnation] = parent.id
            } catch { throw LogError(error, at: batch.position.revision) }
        }
        return ancestors
    }
}
