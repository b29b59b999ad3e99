internal import NIOCore

extension BatchFormat {
    /// The parts of a stored batch, as slices of its bytes.
    struct Frame {
        /// The digest of the log up to and with the batch.
        let digest: Digest
        /// The head's bytes.
        let summary: ByteBuffer
        /// The batch's bytes.
        let body: ByteBuffer

        /// Finds the parts.
        ///
        /// - Complexity: O(1), without an allocation.
        init(_ stored: ByteBuffer) throws(FormatError) {
            var buffer = stored
            let version = try buffer.read(UInt8.self, "version")
            guard version == BatchFormat.version else {
                guard buffer.readableBytes >= Digest.byteCount else { throw .missing("digest") }
                throw .unknownVersion(version)
            }
            self.digest = try buffer.readDigest("digest")
            self.summary = try buffer.readSized("head")
            self.body = try buffer.readSized("batch")
            try buffer.expectEnd(of: "stored form")
        }

        /// Reads the position of the log after the batch.
        func position() throws(FormatError) -> Position {
            var buffer = summary
            return try BatchFormat.readPosition(digest: digest, from: &buffer)
        }

        /// Reads the head.
        func head() throws(FormatError) -> Head {
            var buffer = summary
            return try BatchFormat.readHead(digest: digest, from: &buffer)
        }

        /// Reads the turn.
        func turn() throws(FormatError) -> TurnID {
            var buffer = body
            return try BatchFormat.readBatch(from: &buffer).turn
        }

        /// Reads the batch.
        ///
        /// - Parameter content: The opened content of the sealed section; `nil` if there is no such section.
        /// - Returns: The batch.
        /// - Throws: ``FormatError``.
        /// - Complexity: O(*n*) in the size of its texts; other bytes are not copied.
        func batch(content: ByteBuffer? = nil) throws(FormatError) -> Batch {
            var buffer = body
            var batch = try BatchFormat.readBatch(from: &buffer)
            guard try BatchFormat.readSections(from: &buffer, into: &batch) else { return batch }
            guard var content else { throw .sealed(keyID: try seal()?.envelope?.masterID) }
            let parent = batch.parent
            guard try !BatchFormat.readSections(from: &content, into: &batch), batch.parent == parent else {
                throw .invalid("sealed content")
            }
            return batch
        }

        /// Reads the parent, which is never sealed.
        func parent() throws(FormatError) -> Batch.Ancestor? {
            var buffer = body
            var batch = try BatchFormat.readBatch(from: &buffer)
            _ = try BatchFormat.readSections(from: &buffer, into: &batch)
            return batch.parent
        }
    }

    /// Reads the fields before a batch's sections.
    private static func readBatch(from buffer: inout ByteBuffer) throws(FormatError) -> Batch {
        Batch(
            Batch.Kind(rawValue: try buffer.read(UInt8.self, "batch's kind")),
            turn: TurnID(rawValue: try buffer.read(UInt128.self, "turn")),
            created: Timestamp(milliseconds: try buffer.read(Int64.self, "batch's time"))
        )
    }

    /// Reads sections to the end.
    ///
    /// - Returns: `true` if the last one is sealed: it is left out.
    private static func readSections(
        from buffer: inout ByteBuffer,
        into batch: inout Batch
    ) throws(FormatError) -> Bool {
        var previous: UInt8 = 0
        var isSealed = false
        while buffer.readableBytes > 0 {
            let tag = try buffer.read(UInt8.self, "section's tag")
            guard tag > previous else { throw .invalid("section's tag") }
            var payload = try buffer.readSized("section")
            if let section = Section(rawValue: tag) {
                if section == .sealed { isSealed = true }
                try read(section, from: &payload, into: &batch)
            } else if tag >= FormatExtension.firstTag {
                batch.extensions.append(FormatExtension(tag: tag, bytes: payload))
            } else {
                throw .unsupported("section \(tag)")
            }
            previous = tag
        }
        return isSealed
    }

    private static func read(
        _ section: Section,
        from payload: inout ByteBuffer,
        into batch: inout Batch
    ) throws(FormatError) {
        guard payload.readableBytes > 0 else { throw .malformed("a section is empty") }
        switch section {
        case .entries: batch.entries = try payload.readAll(readEntry)
        case .crossings: batch.crossings = try payload.readAll(readCrossing)
        case .view: batch.view = try readView(from: &payload)
        case .values: batch.values = try readValues(from: &payload)
        case .record: batch.record = try readRecord(from: &payload)
        case .parent:
            batch.parent = try readAncestor(from: &payload)
            try payload.expectEnd(of: "parent")
        case .settings: batch.settings = try readSettings(from: &payload)
        case .sealed: break
        }
    }

    private static func readView(from buffer: inout ByteBuffer) throws(FormatError) -> Batch.View {
        Batch.View(
            base: try buffer.readRevision("view's base"),
            kept: try buffer.readCount("entries of the view's base"),
            ranges: try buffer.readAll { buffer throws(FormatError) in
                let first = try buffer.readCount("range's first entry")
                let length = try buffer.readCount("range's length")
                guard length > 0 else { throw FormatError.invalid("range's length") }
                return first..<first + length
            }
        )
    }

    private static func readAncestor(from buffer: inout ByteBuffer) throws(FormatError) -> Batch.Ancestor {
        Batch.Ancestor(
            id: try buffer.readText("ancestor's id"),
            position: Position(
                incarnation: Incarnation(rawValue: try buffer.read(UInt128.self, "ancestor's incarnation")),
                revision: try buffer.readRevision("ancestor's revision"),
                digest: try buffer.readDigest("ancestor's digest")
            )
        )
    }
}
