internal import NIOCore

/// The stored form of batches, version 1.
///
/// Integers of a fixed width are big-endian. A *varint* is QUIC's variable-length integer (RFC 9000, section 16): the
/// first byte's two highest bits tell whether 1, 2, 4 or 8 bytes are used, the rest is the value; the shortest form is
/// not required. A *count* is a varint of at most 2^53 - 1, so that sums of many do not overflow and JSON can hold
/// them. A *text* is a varint of its length *n* and *n* bytes of UTF-8; *bytes* are the same without UTF-8. A field
/// that repeats does so to the end of its container. Only extensions may follow the last field of a container.
///
/// The format grows by *extensions*. Each is a tag of 1 byte, a varint of the content's length, and the content; tags
/// ascend, each at most once. A tag below 128 is critical: a reader that does not know it refuses the whole. A tag from
/// 128 on is optional: a reader that does not know it keeps its bytes and continues.
///
/// | stored form | |
/// |---|---|
/// | version | 1 byte: 1 |
/// | digest | 32 bytes: of the log up to and with this batch |
/// | head | varint of its length, then the head |
/// | batch | varint of its length, then the batch |
///
/// Every version begins with its number and a digest. The digest is SHA-256 of the previous digest, the length of the
/// batch as 8 bytes, the batch and the head.
///
/// | head | |
/// |---|---|
/// | incarnation | 16 bytes |
/// | revision | count |
/// | totals | 9 counts: entries, crossings, bytes sent again, new and received, tokens sent again, new, cached, output |
/// | view | 4 counts: revision, entries, entries and tokens of the newest request |
/// | tools | 2 counts: fingerprint of the newest request's tools, total of repeated bytes of tools |
/// | extensions | at most 4096 bytes; a writer that does not know one copies it into the next head; tag 1: the open turn (16 bytes), then 1 if it waits, else 0 (1 byte); tag 2: the total cost (count, not 0) |
///
/// | batch | |
/// |---|---|
/// | kind | 1 byte, any: 1 creation, 2 turn, 3 crossings, 4 view, 5 fork, 6 values, 7 step, 8 repair, 9 edit, 10 rekey; the cause, which no reader needs |
/// | turn | 16 bytes |
/// | created | 8 bytes, signed: milliseconds since 1970 in UTC |
/// | sections | extensions of the tags below, and optional ones |
///
/// | tag | payload; an empty one is left out |
/// |---|---|
/// | 1 | entries, repeated: a varint of the length, then the entry |
/// | 2 | crossings, repeated: a varint of the length, then the crossing |
/// | 3 | the view: a revision whose view it begins as, or 0 (count); the number of entries of that (count); then ranges, repeated: first entry (count), number of entries (count, not 0) |
/// | 4 | the parent of a fork: id (text), incarnation (16 bytes), revision (count), digest (32 bytes) |
/// | 5 | the turn record: event (1 byte), then its fields |
/// | 6 | changes of values, repeated, their names ascending by their bytes: flags (1 byte: 1 removed), name (text, 1 to 128 bytes of 0x21 to 0x7e), JSON (bytes) if not removed |
/// | 7 | settings: extensions of the tags below |
/// | 8 | sealed content, the last section: the revision of the batch with the key (count); the envelope (bytes) if that is this batch; nonce (12 bytes), ciphertext, tag (16 bytes) |
///
/// The ciphertext holds all sections but 4 and 8, which alone stand beside it; it may hold none. See ``SessionCipher``.
///
/// | envelope | |
/// |---|---|
/// | master key | id (count, below 2^32) |
/// | keys | repeated, the newest last: the revision of the first batch with the key (count, the last one's this batch's); the wrapped key (40 bytes) |
///
/// | tag of settings | content |
/// |---|---|
/// | 1 | the session's options, in place of former ones: extensions of the tags below |
/// | 2 | tools: fingerprint (4 bytes), names, repeated (text) |
///
/// | tag of options | content |
/// |---|---|
/// | 1, 3 | temperature, share of the likeliest tokens: 8 bytes, IEEE 754 |
/// | 2 | maximum number of tokens of an answer: count |
/// | 4 | seed: 8 bytes, signed |
/// | 5 | stop sequences, repeated: text |
/// | 6 | choice of tools: 1 byte: 1 automatic, 2 none, 3 required, 4 a tool (text) |
/// | 7 | parallel calls: 1 byte: 1 allowed, 0 not |
/// | 8 | form of answers: 1 byte: 1 text, 2 JSON object, 3 JSON schema: strictness (1 byte: 0 unset, 1 no, 2 yes), name, schema (texts), purpose (text) if there is one |
/// | 9, 10 | effort of reasoning, key of the prompt cache: text |
/// | 11 | members of the body, repeated: name, JSON (texts) |
///
/// | turn record's event | |
/// |---|---|
/// | 1 opened | lease, digest of the input (32 bytes), retention (varint, nanoseconds) |
/// | 2 stepped | inputs of other turns that the step took in (count) |
/// | 3 steered, 9 left | |
/// | 4 waiting | actions, repeated: kind (1 byte: 1 approval, 2 client's tool, 3 external event), id of the call (text) |
/// | 5 decided | lease; decisions, repeated: flags (1 byte: 1 approved, 2 principal, 4 reason), id of the call (text), principal (text) if flagged, reason (text) if flagged |
/// | 6 taken, 8 queued | lease |
/// | 7 ended | outcome (1 byte: 1 committed, 2 incomplete, 3 failed, 4 cancelled, 5 superseded), calls of the turn in the batch (count); then of 3 the error's code (text), of 5 the superseding turn (16 bytes) |
///
/// A *lease* is its holder (16 bytes) and term (varint, nanoseconds).
///
/// | entry | |
/// |---|---|
/// | kind | 1 byte, +128 with provider bytes, +64 with extensions: 1 instructions, 2 prompt, 3 reasoning, 4 tool calls, 5 tool output, 6 response, 7 compaction |
/// | extensions | if flagged: a varint of their length, not 0, then the extensions |
/// | provider bytes | if flagged: dialect (text), bytes |
/// | content of 1, 2, 6, 7 | parts, repeated |
/// | content of 3 | flags (1 byte: 1 signature), text, signature (bytes) if flagged |
/// | content of 4 | calls, repeated: id (text), name (text), arguments (text) |
/// | content of 5 | flags (1 byte: 1 error, 2 denial), id of the call (text), name (text), denial if flagged: principal (text, empty for none, at most 256 bytes), number of missing permissions (count, at most 32), these (texts, at most 128 bytes each); then parts, repeated |
///
/// | part | |
/// |---|---|
/// | kind | 1 byte: 1 text, 2 image, 3 file, 4 refusal, 5 JSON; from 128 on optional: bytes follow, which a reader skips |
/// | content of 1, 4, 5 | text |
/// | content of 2, 3 | flags (1 byte: 1 media type, 2 name), source (1 byte: 1 URL, 2 data, 3 provider's file), URL or id (text) or data (bytes), media type (text) if flagged, name (text) if flagged |
///
/// | crossing | |
/// |---|---|
/// | flags | 1 byte: 1 tokens sent again, 2 new tokens, 4 answer digest, 8 usage, 16 repeated bytes of tools, 32 request id, 64 cost |
/// | step | count |
/// | route | provider (text, at most 32 bytes), endpoint, model (texts, at most 64 bytes each) |
/// | started | 8 bytes, signed: milliseconds since 1970 in UTC |
/// | request | bytes sent again (count), new bytes (count), digest (32 bytes); if flagged: repeated bytes of tools, tokens sent again, new tokens (counts) |
/// | answer | received bytes (count); if flagged: digest (32 bytes), request id (text; left out if it takes more than 168 bytes with the texts of the route) |
/// | usage | if flagged: flags (1 byte: 1 cached, 2 reasoning), then counts: input tokens, cached ones if flagged, output tokens, those of reasoning if flagged |
/// | cost | if flagged: millionths of a unit (count) |
/// | times | 2 varints, nanoseconds: to the first byte, to the end |
/// | outcome | 1 byte: 1 stop, 2 length, 3 tool calls, 4 content filter, 5 another reason (text), 6 failed (code: text), 7 cancelled, 8 abandoned, 9 incomplete, 10 broken off (code: text); texts of at most 64 bytes |
/// | extensions | at most 4096 bytes; kept when the crossing is encoded again |
///
/// A reader refuses a version, a critical tag, a kind of entry, part or outcome, or a flag that it does not know. It
/// reports that a newer writer made the bytes, and never rewrites them. Counts and times outside their bounds are
/// stored as the nearest bound. Texts of crossings are cut before the scalar that would exceed their bound.
enum BatchFormat {
    /// The version that is written, and the only one that is read.
    static let version: UInt8 = 1

    /// The tags of a batch's sections, in their order.
    enum Section: UInt8 {
        case entries = 1
        case crossings = 2
        case view = 3
        case parent = 4
        case record = 5
        case values = 6
        case settings = 7
        case sealed = 8
    }

    /// The number of bytes of a batch before its sections.
    static let preambleSize = 1 + 16 + 8

    /// The size from which on the stored form of a batch is made around its bytes in place, and not as a copy.
    ///
    /// The copy of a small batch frees the room that was reserved in excess; that of a large one would cost more than
    /// the rest of its encoding.
    private static let sizeInPlace = 16 << 10
    /// The maximum number of bytes of a stored form that come before the batch, without its head.
    private static let maximumFrameSize = 1 + Digest.byteCount + 2 * maximumVarintSize
    /// The room that is kept before a large batch: enough for a head without extensions.
    private static let maximumPrefixSize = maximumFrameSize + maximumHeadSize

    /// Encodes a batch; a large one with room before it for the prefix that ``frame(body:head:digest:)`` writes.
    ///
    /// - Complexity: O(*n*) in the size of the batch; one allocation if ``Entry/storedSizeEstimate`` is right.
    static func encode(_ batch: Batch) -> ByteBuffer {
        var buffer = buffer(capacity: capacity(for: batch))
        write(preambleOf: batch, to: &buffer)
        writeSections(of: batch, isSealed: false, to: &buffer)
        return buffer
    }

    /// Encodes the sections of a batch that are sealed if there are keys.
    ///
    /// - Complexity: O(*n*) in the size of the batch.
    static func encodeContent(of batch: Batch) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: capacity(for: batch))
        writeSections(of: batch, isSealed: true, to: &buffer)
        return buffer
    }

    /// Encodes the part of a batch that is never sealed, with room for the rest and for the prefix of a large one.
    ///
    /// - Parameters:
    ///   - batch: The batch.
    ///   - size: The number of bytes that the sealed content takes.
    /// - Returns: The batch's bytes before its sealed section.
    static func encodePreamble(of batch: Batch, reserving size: Int) -> ByteBuffer {
        let parent = batch.parent == nil ? 0 : ancestorSize
        var buffer = buffer(capacity: preambleSize + parent + Seal.boxSize + 128 + size)
        write(preambleOf: batch, to: &buffer)
        writeParent(of: batch, to: &buffer)
        return buffer
    }

    private static func buffer(capacity size: Int) -> ByteBuffer {
        let room = size < sizeInPlace ? 0 : maximumPrefixSize
        var buffer = ByteBufferAllocator().buffer(capacity: room + size)
        buffer.moveWriterIndex(to: room)
        buffer.moveReaderIndex(to: room)
        return buffer
    }

    private static func write(preambleOf batch: Batch, to buffer: inout ByteBuffer) {
        buffer.writeInteger(batch.kind.rawValue)
        buffer.writeInteger(batch.turn.rawValue)
        buffer.writeInteger(batch.created.milliseconds)
    }

    /// Writes the sections in the order of their tags; those of sealed content are all but the parent.
    private static func writeSections(of batch: Batch, isSealed: Bool, to buffer: inout ByteBuffer) {
        if !batch.entries.isEmpty {
            write(.entries, to: &buffer) { buffer in
                for entry in batch.entries { write(entry, to: &buffer) }
            }
        }
        if !batch.crossings.isEmpty {
            write(.crossings, to: &buffer) { buffer in
                for crossing in batch.crossings { write(crossing, to: &buffer) }
            }
        }
        if let view = batch.view {
            write(.view, to: &buffer) { buffer in
                buffer.writeRevision(view.base)
                buffer.writeCount(view.kept)
                for range in view.ranges {
                    buffer.writeCount(range.lowerBound)
                    buffer.writeCount(range.count)
                }
            }
        }
        if !isSealed { writeParent(of: batch, to: &buffer) }
        if let record = batch.record {
            write(.record, to: &buffer) { write(record, to: &$0) }
        }
        if !batch.values.isEmpty {
            write(.values, to: &buffer) { buffer in
                for change in batch.values { write(change, to: &buffer) }
            }
        }
        if let settings = batch.settings, !settings.isEmpty {
            write(.settings, to: &buffer) { write(settings, to: &$0) }
        }
        buffer.writeExtensions(batch.extensions)
    }

    private static func writeParent(of batch: Batch, to buffer: inout ByteBuffer) {
        if let parent = batch.parent { write(.parent, to: &buffer) { write(parent, to: &$0) } }
    }

    /// Assembles the stored form of a batch.
    ///
    /// - Complexity: O(*n*) in the size of the batch: one allocation, one `memcpy`; O(1) if there is room before it and
    ///   its bytes are not shared.
    static func frame(body: consuming ByteBuffer, head: ByteBuffer, digest: Digest) -> ByteBuffer {
        let (size, room) = (body.readableBytes, body.readerIndex)
        let prefixSize = maximumFrameSize + head.readableBytes
        let isInPlace = room >= prefixSize
        // Exact to the byte: a store in memory would keep the excess of every small batch.
        let capacity = prefixSize + (isInPlace ? 0 : size)
        var prefix = ByteBufferAllocator().buffer(capacity: capacity)
        prefix.writeInteger(version)
        digest.write(to: &prefix)
        prefix.writeEncodedInteger(head.readableBytes, strategy: .quic)
        prefix.writeImmutableBuffer(head)
        prefix.writeEncodedInteger(size, strategy: .quic)
        guard isInPlace else {
            prefix.writeImmutableBuffer(body)
            return prefix
        }
        let start = room - prefix.readableBytes
        body.setBuffer(prefix, at: start)
        body.moveReaderIndex(to: start)
        return body
    }

    /// The approximate number of bytes of an ancestor.
    private static let ancestorSize = 128

    private static func capacity(for batch: Batch) -> Int {
        let fixed = 64
        let crossing = 384
        let range = 16
        return batch.entries.reduce(fixed) { $0 + $1.storedSizeEstimate }
            + crossing * batch.crossings.count
            + (batch.parent == nil ? 0 : ancestorSize)
            + range * (batch.view?.ranges.count ?? 0)
            + batch.values.reduce(0) { $0 + range + $1.name.utf8.count + ($1.value?.readableBytes ?? 0) }
            + batch.extensions.reduce(0) { $0 + range + $1.bytes.readableBytes }
    }

    private static func write(_ section: Section, to buffer: inout ByteBuffer, payload: (inout ByteBuffer) -> Void) {
        buffer.writeInteger(section.rawValue)
        buffer.writeSized(.four, payload)
    }

    private static func write(_ ancestor: Batch.Ancestor, to buffer: inout ByteBuffer) {
        buffer.writeText(ancestor.id)
        buffer.writeInteger(ancestor.position.incarnation.rawValue)
        buffer.writeRevision(ancestor.position.revision)
        ancestor.position.digest.write(to: &buffer)
    }
}
