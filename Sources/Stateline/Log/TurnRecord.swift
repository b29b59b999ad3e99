/// The event of a turn that a batch records.
///
/// The batches of a turn that is kept step by step form its life: it is opened, its steps follow, and it ends. The
/// batch's ``Batch/turn`` is the turn. Entries of a turn that is open are in the log, outside of the view; the batch that
/// ends the turn brings them into the view, or leaves them outside.
@nonexhaustive
public enum TurnRecord: Hashable, Sendable {
    /// The turn begins; the batch holds its input. From now on it is the session's open turn.
    case opened(Opening)
    /// The batch holds what a step brought: a model's answer, or the outputs of tools.
    ///
    /// - Parameter inputs: The number of inputs of other turns, in the order of the log, that the step took in before it.
    case stepped(inputs: Int)
    /// The batch holds the input of this turn, which goes to the open turn: the next step takes it in.
    case steered
    /// The turn waits for these actions; the batch may hold outputs of its other tools.
    case waiting([Action])
    /// Actions were decided: the turn continues under this lease. The batch holds the outputs that came from outside.
    case decided([Decision], TurnLease)
    /// Another holder continues the turn.
    case taken(TurnLease)
    /// The turn has ended.
    case ended(Ending)
    /// The turn waits in the session's queue until it may be opened.
    case queued(TurnLease)
    /// The turn has left the queue.
    case left

    /// The beginning of a turn.
    public struct Opening: Hashable, Sendable {
        /// The holder, and the time for which it holds the turn without a sign of life.
        public let lease: TurnLease
        /// The digest of the input, to tell a repetition from another input with the same idempotency key.
        public let input: Digest
        /// The time for which the ended turn can be looked up by its id.
        public let retention: Duration

        /// Makes the beginning of a turn.
        public init(lease: TurnLease, input: Digest, retention: Duration) {
            self.lease = lease
            self.input = input
            self.retention = retention
        }
    }

    /// An action that a turn waits for.
    public struct Action: Hashable, Sendable, Codable {
        /// The kind of an action.
        public enum Kind: UInt8, Hashable, Sendable, Codable {
            /// Somebody has to allow the call before the tool runs.
            case approval = 1
            /// The client runs the tool and gives its output.
            case clientTool = 2
            /// Something outside gives the call's output when it happens.
            case externalEvent = 3
        }

        /// The kind.
        public let kind: Kind
        /// The tool call.
        public let call: ToolCall.ID

        /// Makes an action.
        public init(_ kind: Kind, call: ToolCall.ID) {
            self.kind = kind
            self.call = call
        }
    }

    /// A decision about an action that a turn waited for.
    public struct Decision: Hashable, Sendable {
        /// The tool call.
        public let call: ToolCall.ID
        /// `true` if the call is allowed or has an output; `false` if it was denied.
        public let isApproved: Bool
        /// The user or service that decided; `nil` if none is known.
        public let principal: Principal?
        /// The reason of a denial; `nil` for none.
        public let reason: String?

        /// Makes a decision.
        public init(call: ToolCall.ID, isApproved: Bool, principal: Principal? = nil, reason: String? = nil) {
            self.call = call
            self.isApproved = isApproved
            self.principal = principal
            self.reason = reason
        }
    }

    /// The end of a turn.
    public struct Ending: Hashable, Sendable {
        /// The outcome of a turn.
        @nonexhaustive
        public enum Outcome: Hashable, Sendable {
            /// It has its answer; its entries are in the view.
            case committed
            /// It was left before its last answer; what it had received is in the view.
            case incomplete
            /// It failed with an error of this code; its entries are outside of the view.
            case failed(String)
            /// Its task was cancelled; its entries are outside of the view.
            case cancelled
            /// Another turn took its place; its entries are outside of the view.
            case superseded(by: TurnID)

            /// `true` if the turn's entries are in the view.
            public var isInView: Bool {
                switch self {
                case .committed, .incomplete: true
                case .failed, .cancelled, .superseded: false
                }
            }
        }

        /// The outcome.
        public let outcome: Outcome
        /// The number of the batch's last calls that are the turn's own; those before are of earlier turns.
        public let calls: Int

        /// Makes the end of a turn.
        public init(_ outcome: Outcome, calls: Int = 0) {
            self.outcome = outcome
            self.calls = calls
        }
    }

    /// `true` if the batch's entries are those of a turn that has not ended: they are outside of the view.
    var holdsEntries: Bool {
        switch self {
        case .opened, .stepped, .steered, .waiting, .decided: true
        case .taken, .ended, .queued, .left: false
        }
    }

    /// `true` if the batch brings the entries of its turn into the view.
    var bringsEntries: Bool {
        if case .ended(let ending) = self { ending.outcome.isInView } else { false }
    }
}

/// The right to continue a turn: its holder, and the term.
///
/// A holder renews its lease with each batch of the turn and, in between, with ``SessionStore/lease(of:renewing:)``. Others
/// may take the turn over when they have seen no sign of life for the term, each by its own monotonic clock.
public struct TurnLease: Hashable, Sendable, Codable {
    /// The holder.
    public let holder: TurnHolder
    /// The time without a sign of life after which others may take the turn over.
    public let term: Duration

    /// Makes a lease.
    public init(holder: TurnHolder, term: Duration) {
        self.holder = holder
        self.term = term
    }
}

/// The name of a process, or of a part of it, that continues turns: 128 random bits.
public struct TurnHolder: Hashable, Sendable, Codable {
    /// The bits.
    public let rawValue: UInt128

    /// Makes a name of its bits.
    public init(rawValue: UInt128) {
        self.rawValue = rawValue
    }

    /// Draws a name from the system's generator.
    public static func random() -> TurnHolder {
        TurnHolder(rawValue: .random(in: .min ... .max))
    }

    /// Decodes a name from 32 hexadecimal digits.
    public init(from decoder: any Decoder) throws {
        self.init(rawValue: try decoder.singleValueContainer().decodeHexadecimal())
    }

    /// Encodes the name as 32 hexadecimal digits.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue.hexadecimal)
    }
}
