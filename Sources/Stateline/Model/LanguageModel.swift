/// A stateless model: it knows only what a request carries.
///
/// `ChatCompletionsModel` and `HTTPModel` of the module `StatelineModels` call providers over HTTP; ``FunctionModel`` wraps
/// any function. Implementations hold no state between calls that could change an answer.
///
/// A model that has several routes chooses one for each attempt in ``plan(for:)``.
public protocol LanguageModel: Sendable {
    /// The wire format of requests and answers.
    var dialect: any Dialect { get }

    /// The destination of calls.
    var route: Route { get }

    /// Chooses the route and the dialect of an attempt.
    ///
    /// The turn projects the request for the plan, so a plan of another dialect renders the session for it. A session
    /// keeps its two newest renderings.
    func plan(for attempt: CallAttempt) -> CallPlan

    /// Makes one call.
    ///
    /// The reply's bytes are pulled, so that a slow reader slows the sender down. Dropping the reply, or cancelling the
    /// task, ends the call.
    ///
    /// - Parameters:
    ///   - request: The content of the call. Its route is the plan's.
    ///   - stopwatch: The stopwatch of the turn, to lap when the model was connected and when the request was sent.
    /// - Returns: A whole answer, or the bytes of a successful one for the dialect's parser.
    /// - Throws: ``ModelError`` if there is no successful answer.
    func call(_ request: ModelRequest, stopwatch: Stopwatch) async throws(ModelError) -> ModelReply
}

extension LanguageModel {
    /// Returns the model's own route and dialect.
    public func plan(for attempt: CallAttempt) -> CallPlan { CallPlan(route: route) }
}
