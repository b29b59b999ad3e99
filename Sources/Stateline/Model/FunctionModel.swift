/// A stateless model made of a function: no HTTP, no provider.
///
/// ```swift
/// let echo = FunctionModel { request in .text("You said: \(request.transcript.last?.text ?? "")") }
/// ```
///
/// What crosses is counted in the bytes of ``EntryDialect``.
public struct FunctionModel: LanguageModel {
    /// The dialect of requests: entries as they are stored.
    public var dialect: any Dialect { EntryDialect() }
    /// Where calls go: to the function.
    public let route: Route

    private let function: @Sendable (ModelRequest) async throws -> Answer

    /// Wraps a function.
    ///
    /// - Parameters:
    ///   - name: The model's name, for the ledger.
    ///   - function: Makes an answer of what the request carries, and of nothing else. What it throws becomes
    ///     ``ModelError/function(description:)``, a ``ModelError`` stays what it is.
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
