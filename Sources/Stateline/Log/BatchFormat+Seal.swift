internal import NIOCore

extension BatchFormat {
    /// The sealed section of a batch, as slices of its bytes.
    struct Seal {
        /// The keys of a session, wrapped under a master key.
        struct Envelope {
            let masterID: UInt32
            /// The keys, and the revision from which on each was used.
            let keys: [(revision: Revision, wrapped: ByteBuffer)]
        }

        /// The number of bytes of a wrapped key.
        static let wrappedKeySize = 40
        /// The number of bytes that a nonce and a tag take.
        static let boxSize = 12 + 16

        /// The revision of the batch with the key of this one.
        let keyRevision: Revision
        /// The keys; `nil` if another batch has them.
        let envelope: Envelope?
        /// Nonce, ciphertext and tag.
        let box: ByteBuffer
        /// The batch's bytes before the section.
        let preamble: ByteBuffer
        /// The batch's bytes before the nonce.
        let plain: ByteBuffer
    }

    /// Writes the field that tells the key of a batch: the revision of the batch with the envelope, and that if it is
    /// this one.
    static func writeKey(_ revision: Revision, envelope: ByteBuffer?, to buffer: inout ByteBuffer) {
        buffer.writeRevision(revision)
        if let envelope { buffer.writeBytes(sized: envelope) }
    }

    /// Writes the tag and the length of the sealed section.
    static func writeSealHeader(size: Int, to buffer: inout ByteBuffer) {
        buffer.writeInteger(Section.sealed.rawValue)
        buffer.writeCount(size)
    }

    /// Writes the content of an envelope.
    static func writeEnvelope(_ master: UInt32, _ keys: [(Revision, some Sequence<UInt8>)]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeCount(Int(master))
        for (revision, wrapped) in keys {
            buffer.writeRevision(revision)
            buffer.writeBytes(wrapped)
        }
        return buffer
    }

    private static func readEnvelope(from buffer: inout ByteBuffer) throws(FormatError) -> Seal.Envelope {
        guard let id = UInt32(exactly: try buffer.readCount("key's id")) else { throw .invalid("key's id") }
        let keys = try buffer.readAll { buffer throws(FormatError) in
            let revision = try buffer.readRevision("key's revision")
            guard let wrapped = buffer.readSlice(length: Seal.wrappedKeySize) else { throw FormatError.missing("key") }
            return (revision: revision, wrapped: wrapped)
        }
        guard !keys.isEmpty, zip(keys, keys.dropFirst()).allSatisfy({ $0.revision < $1.revision }) else {
            throw .invalid("envelope")
        }
        return Seal.Envelope(masterID: id, keys: keys)
    }

    /// Reads the payload of the sealed section of a batch.
    ///
    /// - Parameters:
    ///   - payload: The payload, a slice of the body.
    ///   - start: The index of the section in the body.
    ///   - body: The batch's bytes.
    ///   - revision: The batch's revision.
    /// - Returns: The section.
    /// - Throws: ``FormatError``.
    fileprivate static func readSeal(
        _ payload: ByteBuffer,
        at start: Int,
        of body: ByteBuffer,
        revision: Revision
    ) throws(FormatError) -> Seal {
        var payload = payload
        let size = payload.readableBytes
        let keyRevision = try payload.readRevision("key's revision")
        var envelope: Seal.Envelope?
        if keyRevision == revision {
            var bytes = try payload.readSized("envelope")
            envelope = try readEnvelope(from: &bytes)
            guard envelope?.keys.last?.revision == revision else { throw .invalid("envelope") }
        }
        guard payload.readableBytes >= Seal.boxSize else { throw .missing("sealed content") }
        // The section is the last one, so its box ends where the body does.
        let plainSize = body.readableBytes - payload.readableBytes
        guard size <= body.readableBytes,
            let preamble = body.getSlice(at: body.readerIndex, length: start - body.readerIndex),
            let plain = body.getSlice(at: body.readerIndex, length: plainSize)
        else { throw .invalid("sealed content") }
        return Seal(keyRevision: keyRevision, envelope: envelope, box: payload, preamble: preamble, plain: plain)
    }
}

extension BatchFormat.Frame {
    /// The sealed section; `nil` if the batch has none.
    ///
    /// - Throws: ``FormatError`` if the section cannot be read, or if content stands beside it: only the parent may.
    /// - Complexity: O(1) in the size of the content.
    func seal() throws(FormatError) -> BatchFormat.Seal? {
        var buffer = body
        buffer.moveReaderIndex(forwardBy: min(BatchFormat.preambleSize, buffer.readableBytes))
        var hasContent = false
        while buffer.readableBytes > 0 {
            let start = buffer.readerIndex
            let tag = try buffer.read(UInt8.self, "section's tag")
            let payload = try buffer.readSized("section")
            guard tag == BatchFormat.Section.sealed.rawValue else {
                if tag != BatchFormat.Section.parent.rawValue { hasContent = true }
                continue
            }
            guard !hasContent, buffer.readableBytes == 0 else {
                throw .malformed("a section beside the sealed one is not sealed")
            }
            return try BatchFormat.readSeal(payload, at: start, of: body, revision: try position().revision)
        }
        return nil
    }
}
