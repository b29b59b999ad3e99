/// One attempt at a call, as a model sees it when it chooses a route.
public struct CallAttempt: Sendable {
    /// The number of calls of the turn that were answered before.
    public let step: Int
    /// The number of attempts at this call that failed before.
    public let number: Int
    /// The error of the attempt before; `nil` for the first one.
    public let previousError: ModelError?

    /// Makes an attempt.
    public init(step: Int = 0, number: Int = 0, previousError: ModelError? = nil) {
        self.step = step
        self.number = number
        self.previousError = previousError
    }
}

/// The destination and the format of one attempt.
public struct CallPlan: Sendable {
    /// The destination, for the call and for the ledger.
    public var route: Route
    /// The wire format; `nil` for the model's own.
    public var dialect: (any Dialect)?

    /// Makes a plan.
    public init(route: Route, dialect: (any Dialect)? = nil) {
        self.route = route
        self.dialect = dialect
    }
}
