/// The size of the model's context window, and the way in which a session stays within it.
///
/// ```swift
/// var configuration = SessionConfiguration()
/// configuration.contextWindow = ContextWindow(
///     limit: 128_000,
///     strategies: [.trimToolOutputs(over: 2_000), .dropCompletedToolCalls(keepingLast: 3), .rollingWindow(turns: 20)]
/// )
/// ```
///
/// The strategies are asked in order until the request has at most ``target`` tokens. What they leave out stays in the log:
/// ``ModelSession/rewind(to:)`` brings it back.
public struct ContextWindow: Sendable {
    /// The time at which the strategies are asked.
    public struct Triggers: OptionSet, Hashable, Sendable {
        /// The bits.
        public let rawValue: UInt8

        /// Before a call whose request would have more tokens than ``ContextWindow/limit`` without the reserve.
        public static let beforeCall = Triggers(rawValue: 1)
        /// After ``ModelError/contextSizeExceeded(message:)``, once in a turn.
        ///
        /// The call is made again if the request became smaller.
        public static let sizeExceeded = Triggers(rawValue: 2)

        /// Makes triggers of their bits.
        public init(rawValue: UInt8) {
            self.rawValue = rawValue
        }
    }

    /// The tokens of the model's context window, for request and answer.
    public var limit: Int
    /// The tokens of the window that are left to the answer.
    public var reserve: Int
    /// The tokens of a request at which no further strategy is asked.
    ///
    /// The lower it is, the more turns pass until the next compaction, and each compaction costs the provider's prefix
    /// cache.
    public var target: Int
    /// The strategies, in the order in which they are asked.
    public var strategies: [any ContextStrategy]
    /// The time at which they are asked.
    public var triggers: Triggers

    /// Makes a window.
    ///
    /// - Parameters:
    ///   - limit: The tokens of the model's context window, for request and answer.
    ///   - reserve: The tokens that are left to the answer; `nil` for an eighth of the limit, and at most 16,384.
    ///   - target: The tokens of a request at which no further strategy is asked; `nil` for 5/8 of what the reserve leaves.
    ///   - strategies: The strategies, in the order in which they are asked.
    ///   - triggers: The time at which they are asked.
    public init(
        limit: Int,
        reserve: Int? = nil,
        target: Int? = nil,
        strategies: [any ContextStrategy],
        triggers: Triggers = [.beforeCall, .sizeExceeded]
    ) {
        let reserve = reserve ?? min(limit / 8, 16_384)
        precondition(limit > 0 && reserve >= 0 && reserve < limit, "the reserve must be less than the limit")
        self.limit = limit
        self.reserve = reserve
        self.target = target ?? (limit - reserve) / 8 * 5
        self.strategies = strategies
        self.triggers = triggers
    }

    /// The largest number of tokens of a request.
    public var maximumRequestTokens: Int { max(limit - reserve, 1) }
}

extension ContextWindow: Hashable {
    private var names: [String] { strategies.map(\.name) }

    /// Returns `true` if two windows have the same figures, and strategies of the same names.
    public static func == (a: ContextWindow, b: ContextWindow) -> Bool {
        a.limit == b.limit && a.reserve == b.reserve && a.target == b.target && a.triggers == b.triggers
            && a.names == b.names
    }

    /// Hashes the figures, and the names of the strategies.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(limit)
        hasher.combine(reserve)
        hasher.combine(target)
        hasher.combine(triggers)
        hasher.combine(names)
    }
}
