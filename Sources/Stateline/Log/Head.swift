/// The running summary of a session that each batch carries; its size does not grow with the history.
public struct Head: Hashable, Sendable {
    /// Sums over all batches of the log.
    public struct Totals: Hashable, Sendable, Codable {
        /// The number of entries of the log, in the active view or not.
        public var entries = 0
        /// The number of stateless calls.
        public var crossings = 0
        /// Bytes of requests that the previous requests had too.
        public var sentAgainBytes = 0
        /// Bytes of ``sentAgainBytes`` that declared tools and followed new bytes.
        public var repeatedToolBytes = 0
        /// Bytes of requests that were new.
        public var newBytes = 0
        /// Bytes of answers.
        public var receivedBytes = 0
        /// Input tokens that were sent again, if providers counted.
        public var sentAgainTokens = 0
        /// Input tokens that were new, if providers counted.
        public var newTokens = 0
        /// Input tokens that providers read from a cache.
        public var cachedTokens = 0
        /// Output tokens.
        public var outputTokens = 0
        /// The cost of the calls whose cost is known, in millionths of a unit.
        public var cost = 0

        /// Leading bytes of requests that were prefixes of the previous requests: those that a provider's prefix cache
        /// could read.
        public var prefixBytes: Int { sentAgainBytes - repeatedToolBytes }

        enum CodingKeys: String, CodingKey {
            case entries, crossings
            case sentAgainBytes = "sent_again_bytes"
            case repeatedToolBytes = "repeated_tool_bytes"
            case newBytes = "new_bytes"
            case receivedBytes = "received_bytes"
            case sentAgainTokens = "sent_again_tokens"
            case newTokens = "new_tokens"
            case cachedTokens = "cached_tokens"
            case outputTokens = "output_tokens"
            case cost = "cost_millionths"
        }

        /// Makes sums of zero.
        public init() {}
    }

    /// The summary of the active view.
    public struct View: Hashable, Sendable, Codable {
        /// The newest batch that set the view; 0 if the view is the whole log.
        public var revision: Revision = 0
        /// The number of entries in the view.
        public var entries = 0
        /// The number of the view's first entries that the newest request carried.
        public var sentEntries = 0
        /// The number of input tokens of the newest request, if the provider counted.
        public var sentTokens = 0
        /// The fingerprint of the tools that the newest request declared; 0 if it declared none, or if it is not known.
        ///
        /// It is the first four bytes of the declaration's SHA-256. A reader without the request compares it.
        public var sentTools: UInt32 = 0

        enum CodingKeys: String, CodingKey {
            case revision, entries
            case sentEntries = "sent_entries"
            case sentTokens = "sent_tokens"
            case sentTools = "sent_tools"
        }

        /// Makes an empty view.
        public init() {}
    }

    /// The turn of a session that is open.
    public struct OpenTurn: Hashable, Sendable, Codable {
        /// The turn.
        public let turn: TurnID
        /// `true` if it waits for actions from outside; `false` if its holder continues it, or should.
        public let isWaiting: Bool

        enum CodingKeys: String, CodingKey {
            case turn
            case isWaiting = "is_waiting"
        }

        /// Makes an open turn.
        public init(turn: TurnID, isWaiting: Bool) {
            self.turn = turn
            self.isWaiting = isWaiting
        }
    }

    /// The position of the log after this batch.
    public internal(set) var position: Position
    /// Sums over the log.
    public internal(set) var totals = Totals()
    /// The active view.
    public internal(set) var view = View()
    /// The turn that is open; `nil` if none is.
    public internal(set) var openTurn: OpenTurn? {
        get { rest?.openTurn }
        set { update { $0.openTurn = newValue } }
    }
    /// Fields that a newer writer added.
    ///
    /// Each later head carries them on until a writer that knows them changes them. They take at most 4096 bytes with
    /// their tags and lengths; a log whose head has more is corrupt.
    public internal(set) var extensions: [FormatExtension] {
        get { rest?.extensions ?? [] }
        set { update { $0.extensions = newValue } }
    }
    /// The fields that few heads have; `nil` if this one has none.
    private var rest: Rest?

    private final class Rest: Hashable, Sendable {
        let openTurn: OpenTurn?
        let extensions: [FormatExtension]

        init(_ fields: Fields) {
            openTurn = fields.openTurn
            extensions = fields.extensions
        }

        static func == (a: Rest, b: Rest) -> Bool { a.openTurn == b.openTurn && a.extensions == b.extensions }

        func hash(into hasher: inout Hasher) {
            hasher.combine(openTurn)
            hasher.combine(extensions)
        }
    }

    private struct Fields {
        var openTurn: OpenTurn?
        var extensions: [FormatExtension] = []
    }

    private mutating func update(_ change: (inout Fields) -> Void) {
        var fields = Fields(openTurn: rest?.openTurn, extensions: rest?.extensions ?? [])
        change(&fields)
        rest = fields.openTurn == nil && fields.extensions.isEmpty ? nil : Rest(fields)
    }

    init(position: Position) {
        self.position = position
    }

    /// The newest batch.
    public var revision: Revision { position.revision }

    /// Replay amplification in bytes: (sent again + new) / new; 1 before the first call.
    public var amplification: Double {
        totals.newBytes == 0 ? 1 : Double(totals.sentAgainBytes + totals.newBytes) / Double(totals.newBytes)
    }
}

extension Head.Totals {
    /// Returns the sums with one more batch.
    func adding(_ batch: Batch) -> Head.Totals {
        var sums = self
        Self.add(batch.entries.count, to: &sums.entries)
        for crossing in batch.crossings { sums.add(crossing) }
        return sums
    }

    /// Adds a count within the bounds of the stored form, so that every reader of a log computes its writer's sums.
    private static func add(_ count: Int, to sum: inout Int) {
        let limit = BatchFormat.maximumCount
        sum = min(sum + min(max(count, 0), limit), limit)
    }

    mutating func add(_ crossing: Crossing) {
        Self.add(1, to: &crossings)
        Self.add(crossing.sentAgainBytes, to: &sentAgainBytes)
        Self.add(crossing.repeatedToolBytes, to: &repeatedToolBytes)
        Self.add(crossing.newBytes, to: &newBytes)
        Self.add(crossing.receivedBytes, to: &receivedBytes)
        Self.add(crossing.sentAgainTokens ?? 0, to: &sentAgainTokens)
        Self.add(crossing.newTokens ?? 0, to: &newTokens)
        Self.add(crossing.usage?.input.cachedTokenCount ?? 0, to: &cachedTokens)
        Self.add(crossing.usage?.output.totalTokenCount ?? 0, to: &outputTokens)
        if let cost = crossing.cost { Self.add(cost, to: &self.cost) }
    }
}
