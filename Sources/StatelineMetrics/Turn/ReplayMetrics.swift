internal import CoreMetrics
internal import Stateline

/// The metrics of bytes and tokens that were sent again.
struct ReplayMetrics {
    private let sentTokens: any CounterHandler
    private let newTokens: any CounterHandler
    private let sentBytes: any CounterHandler
    private let newBytes: any CounterHandler
    private let prefixBytes: any CounterHandler
    private let cachedTokens: any CounterHandler
    private let amplification: any RecorderHandler
    private let prefixBroken: any CounterHandler

    init(_ factory: any MetricsFactory) {
        sentTokens = factory.counter(.sentTokens)
        newTokens = factory.counter(.newTokens)
        sentBytes = factory.counter(.sentBytes)
        newBytes = factory.counter(.newBytes)
        prefixBytes = factory.counter(.prefixBytes)
        cachedTokens = factory.counter(.cachedTokens)
        amplification = factory.recorder(.amplification)
        // The byte at which the prefix broke is known, but not the reason: a view may have been set, or a draft
        // dropped.
        prefixBroken = factory.counter(.prefixBroken, ["reason": "unknown"])
    }

    func record(_ trace: TurnTrace) {
        var sent = 0
        var new = 0
        for crossing in trace.crossings {
            sent += crossing.requestBytes
            new += crossing.newBytes
            guard let againTokens = crossing.sentAgainTokens, let tokens = crossing.newTokens else { continue }
            sentTokens.add(againTokens + tokens)
            newTokens.add(tokens)
            cachedTokens.add(crossing.usage?.input.cachedTokenCount ?? 0)
        }
        sentBytes.add(sent)
        newBytes.add(new)
        prefixBytes.add(trace.prefixBytes)
        if new > 0 { amplification.record(Double(sent) / Double(new)) }
        if case .broken = trace.prefix { prefixBroken.increment(by: 1) }
    }
}
