internal import NIOCore

/// The entries of a session's next request with an estimate of their tokens: the input of a ``ContextStrategy``.
///
/// The entries are those of the view, then those of the turn that is under way, if there is one.
public struct ContextView: Sendable {
    /// An entry of the view.
    public struct Item: Sendable {
        /// The entry.
        public let entry: Entry
        /// The number of the entry, counted over the whole log from 0; `nil` for an entry that is not in the log, such as a
        /// summary that a strategy before this one made, or an entry of the turn that is under way.
        public let number: Int?
        /// The tokens of the entry, estimated.
        public let tokens: Int
        /// `true` for an entry of the turn that is under way.
        ///
        /// A plan may replace it, for the turn's calls only, and may not leave it out.
        public let isOfTurn: Bool
        /// The place in the view before any strategy; `nil` for an inserted entry.
        let slot: Int?
        /// `true` for an entry that a strategy made.
        var isNew = false
    }

    /// The entries, in order.
    public internal(set) var items: [Item]
    /// Tokens of the request that belong to no entry: the tools and the options.
    public let otherTokens: Int
    /// The number of tokens at which no further strategy is asked.
    public let target: Int
    /// The number of bytes to a token, for the estimate of a new entry.
    public let bytesPerToken: Double

    /// The tokens of the request.
    ///
    /// - Complexity: O(*n*) in the number of entries.
    public var tokens: Int { items.reduce(otherTokens) { $0.adding($1.tokens) } }

    /// Makes a view, such as for the test of a strategy.
    ///
    /// - Parameters:
    ///   - entries: The entries of the view; they are numbered from 0.
    ///   - turn: The entries of the turn that is under way.
    ///   - target: The number of tokens at which no further strategy is asked.
    ///   - bytesPerToken: The number of bytes to a token.
    public init(
        _ entries: [Entry],
        turn: [Entry] = [],
        target: Int = 0,
        bytesPerToken: Double = ContextSize.assumedBytesPerToken
    ) {
        self.target = target
        self.bytesPerToken = bytesPerToken
        self.otherTokens = 0
        self.items = (entries + turn).enumerated()
            .map { slot, entry in
                let isOfTurn = slot >= entries.count
                return Item(
                    entry: entry,
                    number: isOfTurn ? nil : slot,
                    tokens: Self.tokens(of: entry, bytesPerToken),
                    isOfTurn: isOfTurn,
                    slot: slot
                )
            }
    }

    /// Makes the view of a session.
    ///
    /// The entries' tokens are in proportion to their bytes as they are sent, and sum to the size of the request.
    ///
    /// - Complexity: O(*n*) in the size of the view, which is rendered entry by entry.
    init(
        of snapshot: Snapshot,
        turn: [Entry],
        size: ContextSize,
        tools: ToolDeclaration,
        target: Int
    ) {
        let numbers = snapshot.view.ranges.flatMap { Array($0) }
        var transcript = snapshot.transcript
        transcript.append(contentsOf: turn)
        let weights = snapshot.rendering.dialect.weights(of: transcript)
        let other = min(ContextSize.tokens(tools.bytes.readableBytes, size.bytesPerToken), size.tokens)
        let scale = Double(size.tokens - other) / Double(max(weights.reduce(0, +), 1))
        self.target = target
        self.otherTokens = other
        self.bytesPerToken = size.bytesPerToken
        self.items = zip(transcript, weights).enumerated()
            .map { slot, pair in
                Item(
                    entry: pair.0,
                    number: slot < numbers.count ? numbers[slot] : nil,
                    tokens: Int(exactly: (Double(pair.1) * scale).rounded()) ?? .max,
                    isOfTurn: slot >= numbers.count,
                    slot: slot
                )
            }
    }

    /// Returns the estimated tokens of an entry.
    func tokens(of entry: Entry) -> Int { Self.tokens(of: entry, bytesPerToken) }

    private static func tokens(of entry: Entry, _ bytesPerToken: Double) -> Int {
        let media = entry.media
        return media.count * ContextSize.mediaTokens
            + ContextSize.tokens(max(entry.storedSizeEstimate - media.bytes, 0), bytesPerToken)
    }
}

extension Dialect {
    /// Returns the sizes of entries as they are sent, in bytes; a picture or a file counts as its tokens do.
    ///
    /// - Complexity: O(*n*) in the size of the entries.
    fileprivate func weights(of transcript: Transcript) -> [Int] {
        let entries = Array(transcript)
        var buffer = ByteBuffer()
        return entries.indices.map { index in
            let media = entries[index].media
            guard media.count == 0 else {
                let rest = max(entries[index].storedSizeEstimate - media.bytes, 0)
                return rest + media.count * ContextSize.mediaTokens * Int(ContextSize.assumedBytesPerToken)
            }
            buffer.clear()
            render(entries[index...index], after: transcript[..<index], into: &buffer)
            return buffer.readableBytes
        }
    }
}
