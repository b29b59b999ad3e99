internal import NIOConcurrencyHelpers
public import Stateline
public import Tracing

/// Spans of turns: a span `session.turn` for each, with child spans for its load, calls and commit.
///
///     session.turn
///       session.load      if the store was asked for the session
///       chat MODEL        one for each call
///       session.commit    if the turn came to a commit
///
/// The turn's span begins when its session is checked out, as a child of the span that is current then. It is current
/// while the model is called and tools run, so that spans of a transport or a tool are its children. The child spans
/// are made when the turn has ended, with the times that it measured. A turn whose session could not be loaded is
/// traced as a whole at its end. A boundary without observers makes no spans.
///
/// The attribute `gen_ai.conversation.id` names the session: attributes of spans may have any number of values, labels of
/// metrics may not. By default it is a pseudonym, because ids may be names of people. No attribute holds content, tool
/// arguments or keys of providers.
public struct TurnSpans: TurnObserver {
    private let tracer: (any Tracer)?
    private let now: @Sendable () -> UInt64
    private let sessionName: @Sendable (SessionKey) -> String
    private let open = OpenSpans()

    /// Makes an observer.
    ///
    /// - Parameters:
    ///   - tracer: The tracer; `nil` for the one that the process was bootstrapped with.
    ///   - sessionName: Returns the name of a session. The default is a keyed hash under a random key of this process;
    ///     `SessionPseudonyms` of a key that several processes share connects their spans, and `{ $0.id }` shows ids.
    ///   - now: Returns the time of day in nanoseconds since 1970, from which the spans' times are computed back.
    public init(
        tracer: (any Tracer)? = nil,
        sessionName: @escaping @Sendable (SessionKey) -> String = { SessionPseudonyms.ofProcess.name(of: $0) },
        now: @escaping @Sendable () -> UInt64 = { DefaultTracerClock.now.nanosecondsSinceEpoch }
    ) {
        self.tracer = tracer
        self.now = now
        self.sessionName = sessionName
    }

    /// Begins the turn's span, and makes it current while the model and tools work for the turn.
    public func turnBegan(_ turn: TurnID, of session: SessionKey, elapsed: Duration) -> (any TurnScope)? {
        let tracer = tracer ?? InstrumentationSystem.tracer
        let span = tracer.startSpan("session.turn", at: Timeline(end: now(), total: elapsed).start)
        open.began(turn, span)
        return SpanScope(context: span.context)
    }

    /// Ends the turn's span, and makes its child spans.
    public func turnEnded(_ turn: EndedTurn) {
        let tracer = tracer ?? InstrumentationSystem.tracer
        let timeline = Timeline(end: now(), total: turn.trace.total)
        let span = open.ended(turn.turn) ?? tracer.startSpan("session.turn", at: timeline.start)
        defer { span.end(at: timeline.end) }
        let conversation = sessionName(turn.session)
        span.attributes.set(turn, conversation)
        if case .failed(let error) = turn.outcome { span.fail(turn.outcomeLabel.rawValue, error) }

        func child(
            _ name: String,
            from start: Duration,
            for duration: Duration,
            ofKind kind: SpanKind,
            _ fill: (any Span) -> Void
        ) {
            let child = tracer.startSpan(name, context: span.context, ofKind: kind, at: timeline[start])
            fill(child)
            child.end(at: timeline[start + duration])
        }

        let trace = turn.trace
        let loads = trace.storeRoundTrips - turn.commitRoundTrips
        if loads > 0 {
            let duration = trace[.cacheLookup] + trace[.storeLoad] + trace[.decode]
            child("session.load", from: trace[.queueWait], for: duration, ofKind: .client) { span in
                span.attributes["stateline.store.round_trips"] = loads
                span.attributes["stateline.store.bytes"] = trace.storeBytesRead
            }
        }
        for (crossing, start) in zip(trace.crossings, turn.crossingStarts) {
            child("chat \(crossing.route.model)", from: start, for: crossing.duration, ofKind: .client) { span in
                span.attributes.set(crossing, of: conversation)
                if let type = crossing.errorType { span.fail(type) }
            }
        }
        if turn.commitRoundTrips > 0 {
            let duration = trace[.storeCommit]
            child("session.commit", from: trace.total - duration, for: duration, ofKind: .client) { span in
                span.attributes["stateline.store.round_trips"] = turn.commitRoundTrips
                span.attributes["stateline.store.bytes"] = trace.storeBytesWritten
                guard let label = turn.commitLabel else { return }
                span.attributes["stateline.commit.result"] = label.rawValue
                if case .failed = turn.outcome { span.fail(label.rawValue) }
            }
        }
    }
}

/// The spans of turns that have not ended; each turn that begins is reported as ended.
private final class OpenSpans: Sendable {
    private let spans = NIOLockedValueBox<[TurnID: any Span]>([:])

    func began(_ turn: TurnID, _ span: any Span) {
        spans.withLockedValue { $0[turn] = span }
    }

    func ended(_ turn: TurnID) -> (any Span)? {
        spans.withLockedValue { $0.removeValue(forKey: turn) }
    }
}

/// A scope in which a turn's span is the current one.
private struct SpanScope: TurnScope {
    let context: ServiceContext

    func run<Value>(_ body: () async -> Value) async -> Value {
        await ServiceContext.withValue(context) { await body() }
    }
}

/// The times of a turn's spans: the turn's own measurements, relative to the time of day at its end.
private struct Timeline {
    let start: DefaultTracerClock.Timestamp
    let end: DefaultTracerClock.Timestamp

    init(end: UInt64, total: Duration) {
        let length = UInt64(max(0, total.inNanoseconds))
        self.start = DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: end - min(length, end))
        self.end = DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: end)
    }

    /// The time of day at an offset from the turn's beginning; never outside the turn.
    subscript(offset: Duration) -> DefaultTracerClock.Timestamp {
        let time = start.nanosecondsSinceEpoch + UInt64(max(0, offset.inNanoseconds))
        return DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: min(time, end.nanosecondsSinceEpoch))
    }
}

extension SpanAttributes {
    fileprivate mutating func set(_ turn: EndedTurn, _ conversation: String) {
        let trace = turn.trace
        self["gen_ai.conversation.id"] = conversation
        self["stateline.turn.outcome"] = turn.outcomeLabel.rawValue
        self["stateline.revision"] = Int64(clamping: turn.head.revision.rawValue)
        self["stateline.cache.result"] = CacheLabel(trace.cacheOutcome).rawValue
        self["stateline.replay.sent_bytes"] = trace.requestBytes
        self["stateline.replay.new_bytes"] = trace.newBytes
        self["stateline.replay.prefix_bytes"] = trace.prefixBytes
    }

    fileprivate mutating func set(_ crossing: Crossing, of conversation: String) {
        self["gen_ai.conversation.id"] = conversation
        self["gen_ai.operation.name"] = "chat"
        self["gen_ai.provider.name"] = crossing.route.provider
        self["gen_ai.request.model"] = crossing.route.model
        if !crossing.route.endpoint.isEmpty { self["server.address"] = crossing.route.endpoint }
        self["stateline.replay.sent_bytes"] = crossing.requestBytes
        self["stateline.replay.new_bytes"] = crossing.newBytes
        self["stateline.replay.prefix_bytes"] = crossing.prefixBytes
        if crossing.receivedBytes > 0 {
            self["gen_ai.response.time_to_first_chunk"] = crossing.firstByte.inSeconds
        }
        if case .answered(let reason) = crossing.outcome {
            self["gen_ai.response.finish_reasons"] = [reason.conventionalName]
        }
        guard let usage = crossing.usage else { return }
        self["gen_ai.usage.input_tokens"] = usage.input.totalTokenCount
        self["gen_ai.usage.output_tokens"] = usage.output.totalTokenCount
        self["gen_ai.usage.cache_read.input_tokens"] = usage.input.cachedTokenCount
        self["gen_ai.usage.reasoning.output_tokens"] = usage.output.reasoningTokenCount
    }
}

extension Span {
    /// Marks a span as failed: with a constant, never with the message of a provider or a store.
    fileprivate func fail(_ type: String, _ error: SessionError? = nil) {
        var type = type
        if case .model(let reason, _)? = error { type = reason.code }
        attributes["error.type"] = type
        setStatus(SpanStatus(code: .error))
    }
}
