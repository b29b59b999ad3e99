/// A stateless model that is a function, without HTTP and without a provider.
///
/// ```swift
/// let echo = FunctionModel { request in .text("You said: \(request.transcript.last?.text ?? "")") }
/// ```
///
/// The bytes of its calls are counted in ``EntryDialect``.
public struct FunctionModel: LanguageModel {
    /// The dialect of requests: entries as they are stored.
    public var dialect: any Dialect { EntryDialect() }
    /// The destination of calls: the function.
    public let route: Route

    private let function: @Sendable (ModelRequest) async throws -> Answer

    /// Wraps a function.
    ///
    /// - Parameters:
    ///   - name: The model's name, for the ledger.
    ///   - function: Makes an answer of the request alone. An error that it throws becomes
    ///     ``ModelError/function(description:)``; a ``ModelError`` is thrown as it is.
    public init(name: String = "function", _ function: @escaping @Sendable (ModelRequest) async throws -> Answer) {
        self.route = Route(provider: "function", model: name)
        self.function = function
    }

    /// Calls the function.
    public func call(_ request: ModelRequest, stopwatch: Stopwatch) async throws(ModelError) -> ModelReply {
        do {
            return .answer(try await function(request))
        } catch let error as ModelError {
            throw error
        } catch is CancellationError {
            throw .cancelled
        } catch {
            throw .function(description: String(describing: error))
        }
    }
}
