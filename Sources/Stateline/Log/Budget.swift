/// Limits of what a turn or a session may use; each `nil` limit is none.
///
/// A budget is checked before each call. A call that was made is never refused afterwards: its answer was paid for. So a
/// limit of tokens, cost or time can be exceeded by one call.
public struct Budget: Hashable, Sendable {
    /// The number of model calls, failed ones included.
    public var calls: Int?
    /// Input and output tokens, as far as providers counted them.
    public var tokens: Int?
    /// The cost, in millionths of the unit of ``SessionConfiguration/pricing``.
    public var cost: Int?
    /// The time since the turn began, or since the session was created, by the wall clock of the processes.
    public var time: Duration?

    /// Makes a budget.
    public init(calls: Int? = nil, tokens: Int? = nil, cost: Int? = nil, time: Duration? = nil) {
        self.calls = calls
        self.tokens = tokens
        self.cost = cost
        self.time = time
    }

    /// Returns the first limit that is reached.
    func excess(_ scope: BudgetExcess.Scope, calls: Int, tokens: Int, cost: Int, time: Duration) -> BudgetExcess? {
        func check(_ resource: BudgetExcess.Resource, _ used: Int, _ limit: Int?) -> BudgetExcess? {
            guard let limit, used >= limit else { return nil }
            return BudgetExcess(scope: scope, resource: resource, used: used, limit: limit)
        }
        return check(.calls, calls, self.calls) ?? check(.tokens, tokens, self.tokens) ?? check(.cost, cost, self.cost)
            ?? check(.milliseconds, time.wholeMilliseconds, self.time?.wholeMilliseconds)
    }
}

/// A budget whose limit was reached.
public struct BudgetExcess: Error, Hashable, Sendable {
    /// The work that the budget is for.
    public enum Scope: String, Hashable, Sendable {
        /// One turn.
        case turn
        /// All turns of the session.
        case session
    }

    /// The unit of a limit.
    @nonexhaustive
    public enum Resource: String, Hashable, Sendable {
        /// Model calls.
        case calls
        /// Input and output tokens.
        case tokens
        /// Millionths of the unit of cost.
        case cost
        /// Milliseconds.
        case milliseconds
    }

    /// The work that the budget is for.
    public let scope: Scope
    /// The unit of the limit.
    public let resource: Resource
    /// The amount that was used before the call that was not made.
    public let used: Int
    /// The limit.
    public let limit: Int
}

extension BudgetExcess: CustomStringConvertible {
    /// The failure and the remedy, in one line.
    public var description: String {
        "the budget of the \(scope.rawValue) is used up: \(used) of \(limit) \(resource.rawValue); raise the budget, or commit "
            + "the draft if there is one"
    }
}

/// The prices of calls, given by the caller.
///
/// ```swift
/// let pricing = Pricing { route, usage in
///     // Millionths of a dollar: 0.25 dollars a million input tokens, 2 dollars a million output tokens.
///     usage.input.totalTokenCount / 4 + usage.output.totalTokenCount * 2
/// }
/// ```
public struct Pricing: Hashable, Sendable {
    private final class Table: Sendable {
        let price: @Sendable (Route, Usage) -> Int

        init(_ price: @escaping @Sendable (Route, Usage) -> Int) {
            self.price = price
        }
    }

    private let table: Table

    /// Makes prices.
    ///
    /// - Parameter price: Returns the cost of a call in millionths of a unit, such as of a dollar; at least 0. It is asked
    ///   once for each call whose tokens the provider counted, and the cost is recorded with the call.
    public init(_ price: @escaping @Sendable (Route, Usage) -> Int) {
        self.table = Table(price)
    }

    /// Returns the cost of a call.
    func cost(of usage: Usage, on route: Route) -> Int {
        min(max(0, table.price(route, usage)), BatchFormat.maximumCount)
    }

    /// `true` if both are copies of the same prices.
    public static func == (a: Pricing, b: Pricing) -> Bool { a.table === b.table }

    /// Hashes the identity of the prices.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(table))
    }
}

extension Duration {
    /// The whole milliseconds, within the bounds of the stored form.
    fileprivate var wholeMilliseconds: Int { Int(wholeNanoseconds / 1_000_000) }
}
