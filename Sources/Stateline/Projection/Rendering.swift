internal import NIOCore

/// The transcript part of a request's body, kept beside the transcript so that no entry is rendered twice.
///
/// The bytes are in chunks that grow geometrically: each append adds a small one, and four neighbours of one level are
/// joined into one of the next, as in a log-structured merge tree. So *n* appends leave at most 3 (log4 *n* + 1)
/// chunks, each byte is copied at most log4 *n* times in all, and no copy is ever shared with a reader that could see
/// it change.
///
/// - Complexity: append O(*k*) in the bytes appended, amortised O(*k* log *n*) with joins; copy O(1).
struct Rendering: Sendable {
    /// The number of chunks of a level that make one of the next.
    private static let fanOut = 4

    private struct Chunk: Sendable {
        var bytes: ByteBuffer
        /// The end of each append: entries and bytes, counted from the chunk's beginning.
        var ends: [End]
        var level = 0
        var entryCount: Int { ends.last?.entries ?? 0 }

        /// Returns the chunk's first entries; the last of them is one that an append ended with.
        ///
        /// They stay in its storage, unless they are a small part of it.
        func prefix(_ entries: Int) -> Chunk {
            guard let end = Rendering.end(of: entries, in: ends) else { return Chunk(bytes: ByteBuffer(), ends: []) }
            let slice = bytes.getSlice(at: bytes.readerIndex, length: ends[end].bytes) ?? ByteBuffer()
            let isLittle = slice.readableBytes < bytes.storageCapacity / 8
            return Chunk(
                bytes: isLittle ? ByteBuffer(bytes: slice.readableBytesView) : slice,
                ends: Array(ends[...end]),
                level: level
            )
        }
    }

    private struct End: Sendable {
        var entries: Int
        var bytes: Int
    }

    /// The format of the bytes.
    private(set) var dialect: any Dialect
    /// The body's first bytes, which stand before the transcript.
    private(set) var opening: ByteBuffer
    /// The number of leading entries that `opening` was rendered for.
    private var preambleCount = 0
    private var chunks: [Chunk] = []
    /// The number of bytes.
    private(set) var byteCount = 0
    /// The number of rendered entries.
    private(set) var entryCount = 0

    init(dialect: any Dialect) {
        self.dialect = dialect
        self.opening = dialect.opening(Transcript().preamble)
    }

    /// The offset in a body at which the transcript ends.
    var end: Int { opening.readableBytes + byteCount }

    /// The bytes of memory that the rendering keeps; after a truncation more than it shows.
    ///
    /// - Complexity: O(log *n*).
    var storageByteCount: Int {
        chunks.reduce(0) { $0 + $1.bytes.storageCapacity + $1.ends.count * MemoryLayout<End>.stride }
    }

    /// The number of pieces of the bytes.
    var chunkCount: Int { chunks.count }

    /// Appends the bytes to a body, in order.
    func appendBuffers(to pieces: inout [ByteBuffer]) {
        for chunk in chunks { pieces.append(chunk.bytes) }
    }

    /// Returns the same bytes for another dialect; `nil` if that renders otherwise.
    func adopted(by other: any Dialect) -> Rendering? {
        guard other.rendersLike(dialect) else { return nil }
        var copy = self
        copy.dialect = other
        return copy
    }

    /// Renders entries that were added together.
    ///
    /// - Parameters:
    ///   - entries: The entries.
    ///   - transcript: The transcript that they belong to. It begins with the entries that are rendered already.
    /// - Returns: The new bytes.
    @discardableResult
    mutating func append(_ entries: ArraySlice<Entry>, of transcript: Transcript) -> ByteBuffer {
        guard !entries.isEmpty else { return ByteBuffer() }
        // Most dialects need no more than the stored form; escapes may.
        var bytes = ByteBufferAllocator().buffer(capacity: entries.reduce(0) { $0 + $1.storedSizeEstimate })
        dialect.render(entries, after: transcript[..<entryCount], into: &bytes)
        if preambleCount == entryCount { extendPreamble(with: entries, of: transcript) }
        chunks.append(Chunk(bytes: bytes, ends: [End(entries: entries.count, bytes: bytes.readableBytes)]))
        byteCount += bytes.readableBytes
        entryCount += entries.count
        while joinsLast() { join() }
        return bytes
    }

    /// Renders the opening anew if entries continue the preamble.
    private mutating func extendPreamble(with entries: ArraySlice<Entry>, of transcript: Transcript) {
        let added = entries.prefix { entry in if case .instructions = entry.content { true } else { false } }.count
        guard added > 0 else { return }
        preambleCount += added
        opening = dialect.opening(transcript[..<preambleCount])
    }

    /// Renders entries of a log, in the pieces in which batches add them: instructions, input of the model, answers.
    ///
    /// - Parameters:
    ///   - entries: The entries.
    ///   - transcript: The transcript that they belong to. It begins with the entries that are rendered already.
    mutating func append(contentsOf entries: some RandomAccessCollection<Entry>, of transcript: Transcript) {
        var piece: [Entry] = []
        for entry in entries {
            if let last = piece.last, last.origin != entry.origin {
                append(piece[...], of: transcript)
                piece.removeAll(keepingCapacity: true)
            }
            piece.append(entry)
        }
        append(piece[...], of: transcript)
    }

    /// Renders the entries of a transcript after those that are rendered already.
    mutating func append(restOf transcript: Transcript) {
        append(contentsOf: transcript[entryCount...], of: transcript)
    }

    private func joinsLast() -> Bool {
        let last = chunks.suffix(Self.fanOut)
        return last.count == Self.fanOut && last.allSatisfy { $0.level == chunks[chunks.endIndex - 1].level }
    }

    private mutating func join() {
        let parts = chunks.suffix(Self.fanOut)
        var joined = Chunk(bytes: ByteBuffer(), ends: [], level: (parts.last?.level ?? 0) + 1)
        joined.bytes.reserveCapacity(parts.reduce(0) { $0 + $1.bytes.readableBytes })
        joined.ends.reserveCapacity(parts.reduce(0) { $0 + $1.ends.count })
        for part in parts {
            let (entries, bytes) = (joined.entryCount, joined.bytes.readableBytes)
            joined.ends.append(
                contentsOf: part.ends.lazy.map { End(entries: $0.entries + entries, bytes: $0.bytes + bytes) }
            )
            joined.bytes.writeImmutableBuffer(part.bytes)
        }
        chunks.removeLast(Self.fanOut)
        chunks.append(joined)
    }

    /// Returns the number of bytes that the first entries take.
    ///
    /// - Parameter index: The number of entries.
    /// - Returns: The bytes; `nil` if an append held both one of the entries and one after them.
    /// - Complexity: O(log *n*).
    func byteOffset(ofEntry index: Int) -> Int? {
        var (entries, bytes) = (0, 0)
        for chunk in chunks {
            if entries == index { break }
            if entries + chunk.entryCount > index {
                guard let end = Self.end(of: index - entries, in: chunk.ends) else { return nil }
                return bytes + chunk.ends[end].bytes
            }
            entries += chunk.entryCount
            bytes += chunk.bytes.readableBytes
        }
        return entries == index ? bytes : nil
    }

    /// Keeps the first entries' bytes without a copy.
    ///
    /// - Returns: `false`, and nothing is changed, if one append held both a kept entry and one that is not, or if the
    ///   opening would change.
    mutating func truncate(toEntry index: Int) -> Bool {
        guard index >= preambleCount, let bytes = byteOffset(ofEntry: index) else { return false }
        var left = bytes
        var kept: [Chunk] = []
        var entries = 0
        for chunk in chunks where left > 0 || entries < index {
            let chunk = entries + chunk.entryCount > index ? chunk.prefix(index - entries) : chunk
            left -= chunk.bytes.readableBytes
            entries += chunk.entryCount
            kept.append(chunk)
        }
        chunks = kept
        byteCount = bytes
        entryCount = index
        return true
    }

    /// Returns the index of the append that ended with an entry, by binary search.
    private static func end(of entries: Int, in ends: [End]) -> Int? {
        var (low, high) = (0, ends.count)
        while low < high {
            let middle = (low + high) / 2
            if ends[middle].entries < entries { low = middle + 1 } else { high = middle }
        }
        return low < ends.count && ends[low].entries == entries ? low : nil
    }
}

extension Entry {
    fileprivate enum Origin {
        case preamble
        case input
        case model
    }

    /// The origin of the entry.
    ///
    /// Entries of one origin in a row are rendered together, as the batches of a session do.
    fileprivate var origin: Origin {
        switch content {
        case .instructions, .compaction: .preamble
        case .prompt, .toolOutput: .input
        case .reasoning, .response, .toolCalls: .model
        }
    }
}
