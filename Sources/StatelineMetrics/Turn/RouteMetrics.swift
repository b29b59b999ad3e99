internal import CoreMetrics
internal import NIOConcurrencyHelpers
internal import Stateline

/// The metrics of model calls, by provider and model.
///
/// Handlers are made when the first call of a route ends. Routes come from the adopter's code, perhaps from its users,
/// so at most *n* of them are distinguished.
final class RouteMetrics: Sendable {
    private struct Key: Hashable {
        let provider: String
        let model: String

        /// The key that all further routes share.
        static let other = Key(provider: "_OTHER", model: "_OTHER")
    }

    /// The handlers of one route.
    private final class Handlers: Sendable {
        let labels: KeyValuePairs<String, String>
        let factory: any MetricsFactory
        let answered: any TimerHandler
        let firstChunk: any TimerHandler
        let inputTokens: any RecorderHandler
        let outputTokens: any RecorderHandler

        init(_ key: Key, _ factory: any MetricsFactory) {
            labels = [
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": key.provider,
                "gen_ai.request.model": key.model,
            ]
            self.factory = factory
            answered = factory.timer(.operationDuration, labels)
            firstChunk = factory.timer(.timeToFirstChunk, labels)
            inputTokens = factory.recorder(.tokenUsage, labels, and: ("gen_ai.token.type", "input"))
            outputTokens = factory.recorder(.tokenUsage, labels, and: ("gen_ai.token.type", "output"))
        }

        /// Makes the timer of failed calls, which are rare enough to look it up each time.
        func failed(_ type: String) -> any TimerHandler {
            factory.timer(.operationDuration, labels, and: ("error.type", type))
        }
    }

    private struct Known {
        var handlers: [Key: Handlers] = [:]
        /// The route of the last call: most calls are of one route, and comparing is cheaper than hashing.
        var last: (key: Key, handlers: Handlers)?
    }

    private let factory: any MetricsFactory
    private let limit: Int
    private let known = NIOLockedValueBox(Known())

    init(_ factory: any MetricsFactory, limit: Int) {
        self.factory = factory
        self.limit = limit
    }

    /// Counts a call.
    func record(_ crossing: Crossing) {
        let handlers = handlers(of: Key(provider: crossing.route.provider, model: crossing.route.model))
        if let type = crossing.errorType {
            handlers.failed(type).record(crossing.duration)
        } else {
            handlers.answered.record(crossing.duration)
        }
        if crossing.receivedBytes > 0 { handlers.firstChunk.record(crossing.firstByte) }
        guard let usage = crossing.usage else { return }
        handlers.inputTokens.record(Int64(usage.input.totalTokenCount))
        handlers.outputTokens.record(Int64(usage.output.totalTokenCount))
    }

    private func handlers(of key: Key) -> Handlers {
        known.withLockedValue { known in
            if let last = known.last, last.key == key { return last.handlers }
            let shown = known.handlers[key] != nil || known.handlers.count < limit ? key : .other
            let handlers = known.handlers[shown] ?? Handlers(shown, factory)
            known.handlers[shown] = handlers
            known.last = (key, handlers)
            return handlers
        }
    }
}
