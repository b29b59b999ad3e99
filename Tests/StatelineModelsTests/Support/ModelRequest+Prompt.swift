import NIOCore
import Synchronization

@testable import Stateline
@testable import StatelineDialects
@testable import StatelineModels

extension ModelRequest {
    /// A request of one prompt.
    static func prompt(_ text: String, of model: ChatCompletionsModel, isStreamed: Bool) -> ModelRequest {
        let dialect = model.dialect
        var messages = ByteBuffer()
        dialect.render([.prompt(text)], after: Transcript()[...], into: &messages)
        let closing = dialect.closing(CallParameters(model: model.route.model, isStreamed: isStreamed))
        return ModelRequest(
            route: model.route,
            path: dialect.path(model: model.route.model, isStreamed: isStreamed),
            headers: dialect.headers(isStreamed: isStreamed),
            body: GatherList([dialect.opening(Transcript().preamble), messages, closing]),
            transcript: Transcript([.prompt(text)]),
            isStreamed: isStreamed
        )
    }
}

extension Stopwatch {
    /// A stopwatch whose clock stands still.
    static var idle: Stopwatch { Stopwatch { .zero } }
}

/// A clock that moves on by a second with each reading.
final class ManualTime: Sendable {
    private let seconds = Atomic(0)

    func advance() -> Duration {
        .seconds(seconds.wrappingAdd(1, ordering: .relaxed).newValue)
    }
}
