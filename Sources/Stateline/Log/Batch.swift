/// The content of one commit to a session's log.
///
/// The creation of a session, a turn, a rewind, a fork, a record of failed calls: each is one batch at the next
/// revision. So there is one write path, one rule of concurrency, one format and one audit.
public struct Batch: Hashable, Sendable {
    /// The cause of a batch: for people and for audits.
    ///
    /// Newer writers have kinds that this version has no name for. The content of a batch alone decides what it
    /// changes. In JSON a kind is a word (`creation`, `turn`, `crossings`, `view`, `fork`, `values`,
    /// `step`, `repair`, `edit`, `rekey`), or the number of a kind without a name.
    public struct Kind: RawRepresentable, Hashable, Sendable {
        /// The session's beginning.
        public static let creation = Kind(rawValue: 1)
        /// A committed turn.
        public static let turn = Kind(rawValue: 2)
        /// Calls of turns that failed, were cancelled or were abandoned: the ledger keeps every call.
        public static let crossings = Kind(rawValue: 3)
        /// A change of the active view: a rewind or a compaction.
        public static let view = Kind(rawValue: 4)
        /// The beginning of a fork.
        public static let fork = Kind(rawValue: 5)
        /// A change of values apart from turns.
        public static let values = Kind(rawValue: 6)
        /// A step of a turn that is kept step by step, or another event of it; the batch that ends it is a ``turn``.
        public static let step = Kind(rawValue: 7)
        /// A repair of the history, so that providers accept it.
        public static let repair = Kind(rawValue: 8)
        /// A change of entries or of settings by the program.
        public static let edit = Kind(rawValue: 9)
        /// A change of the key under which the session is encrypted.
        public static let rekey = Kind(rawValue: 10)

        /// The stored number.
        public let rawValue: UInt8

        /// Makes a kind of its stored number.
        public init(rawValue: UInt8) {
            self.rawValue = rawValue
        }
    }

    /// A log that a fork continues up to a revision.
    public struct Ancestor: Hashable, Sendable, Codable {
        /// The ancestor's id; its tenant and family are the fork's own.
        public let id: String
        /// The position in the ancestor's log at which the fork begins.
        public let position: Position

        /// Makes an ancestor.
        public init(id: String, position: Position) {
            self.id = id
            self.position = position
        }
    }

    /// A view that a batch makes the active one: the beginning of an earlier view, and the entries after it.
    ///
    /// So its size does not grow with the number of earlier views.
    public struct View: Hashable, Sendable, Codable {
        /// The revision whose view this one begins as; 0 if it begins with nothing.
        public let base: Revision
        /// The number of entries of that view with which it begins.
        public let kept: Int
        /// The entries after those: ranges of entry numbers, counted over the whole log from 0.
        public let ranges: [Range<Int>]

        /// Makes a view that begins as an earlier one.
        ///
        /// - Parameters:
        ///   - base: The revision of the earlier view.
        ///   - kept: The number of its entries that are kept.
        ///   - ranges: The entries after those.
        public init(base: Revision, kept: Int, ranges: [Range<Int>] = []) {
            self.base = base
            self.kept = kept
            self.ranges = ranges
        }
    }

    /// The cause of the batch.
    public let kind: Kind
    /// The turn, or other piece of work, that the batch belongs to; a batch that is sent again keeps it.
    public let turn: TurnID
    /// The time at which the batch was made, by its writer's clock: for people, never for order.
    public let created: Timestamp
    /// The entries that the batch adds to the history.
    public var entries: [Entry] = []
    /// The calls that were made.
    public var crossings: [Crossing] = []
    /// The view that the batch makes the active one; `nil` if it adds its entries to the one there is.
    public var view: View?
    /// The event of the turn, if the turn is kept step by step; `nil` for a turn that is one batch, and for other batches.
    public var record: TurnRecord?
    /// The changes of the session's values, their names ascending by their bytes.
    public internal(set) var values: [ValueChange] = []
    /// The session that a fork continues; `nil` for other batches.
    public var parent: Ancestor?
    /// The settings that the batch changes; `nil` for none.
    public var settings: Settings?
    /// Sections that a newer writer added, their tags ascending.
    public var extensions: [FormatExtension] = []

    /// Makes a batch without content.
    public init(_ kind: Kind, turn: TurnID, created: Timestamp) {
        self.kind = kind
        self.turn = turn
        self.created = created
    }
}
