public import NIOCore
public import Stateline

internal import Synchronization

/// A model with prepared replies, chunk by chunk, with delays of a ``ManualClock`` and errors in between.
///
/// ```swift
/// let model = ScriptedModel([
///     .text("Four."),
///     .failing(.rateLimited(retryAfter: .seconds(1), message: "slow down")),
///     .toolCalls(ToolCall(id: "1", name: "stock", arguments: "{}")),
///     Reply([.advance(by: .milliseconds(30)), .lap(.firstByte), .chunk(bytes)]),
/// ], clock: clock)
/// ```
///
/// Each call takes the next reply, and its request is kept in ``requests``. Cancelling the task of a call ends it with
/// `ModelError.cancelled` at the next event.
public final class ScriptedModel: LanguageModel {
    /// One thing that happens in a call.
    public enum Event: Sendable {
        /// Time passes on the model's clock.
        case advance(by: Duration)
        /// A stage ends.
        case lap(Stage)
        /// A piece of the answer arrives.
        case chunk(ByteBuffer)
        /// A whole, typed answer arrives; later events are ignored. Not after a chunk.
        case answer(Answer)
        /// The call fails; later events are ignored.
        case failure(ModelError)
        /// The test does something, such as cancelling a task or appending to the session.
        case perform(@Sendable () async -> Void)
        /// Nothing happens until the task is cancelled.
        case hang
    }

    /// The events of one call.
    public struct Reply: Sendable {
        /// The events, in order; the answer's bytes end after the last one.
        public let events: [Event]

        /// Makes a reply of events.
        public init(_ events: [Event]) {
            self.events = events
        }

        /// Makes a typed answer.
        public static func answer(_ answer: Answer) -> Reply { Reply([.answer(answer)]) }

        /// Makes a typed answer of plain text.
        public static func text(_ text: String) -> Reply { .answer(.text(text)) }

        /// Makes an answer that calls tools.
        public static func toolCalls(_ calls: ToolCall...) -> Reply {
            .answer(Answer(entries: [Entry(.toolCalls(calls))], finishReason: .toolCalls))
        }

        /// Makes a failure with an error instead of an answer.
        public static func failing(_ error: ModelError) -> Reply { Reply([.failure(error)]) }

        /// Makes a reply of an answer's bytes, in pieces of at most `length` bytes.
        public static func bytes(_ bytes: ByteBuffer, inPiecesOf length: Int = .max) -> Reply {
            precondition(length > 0, "a piece must hold at least one byte")
            var rest = bytes
            var events: [Event] = []
            while let piece = rest.readSlice(length: min(length, rest.readableBytes)), piece.readableBytes > 0 {
                events.append(.chunk(piece))
            }
            return Reply(events)
        }
    }

    /// The wire format.
    public let dialect: any Dialect
    /// The route of calls.
    public let route: Route

    private let clock: ManualClock?
    private let script: @Sendable (Int, ModelRequest) -> Reply
    private let received = Mutex<[ModelRequest]>([])

    /// Makes a model from a list of replies.
    ///
    /// A call after the last reply fails with `ModelError.function(description:)`.
    ///
    /// - Parameters:
    ///   - replies: The replies, one a call.
    ///   - dialect: The wire format of requests, and of the bytes of replies.
    ///   - route: The route of calls, for the ledger.
    ///   - clock: The clock that ``Event/advance(by:)`` moves.
    public convenience init(
        _ replies: [Reply],
        dialect: any Dialect = EntryDialect(),
        route: Route = Route(provider: "scripted", model: "script"),
        clock: ManualClock? = nil
    ) {
        self.init(dialect: dialect, route: route, clock: clock) { call, _ in
            replies.indices.contains(call)
                ? replies[call] : .failing(.function(description: "the script has no reply for call \(call)"))
        }
    }

    /// Makes a model from a function of a call's number, from 0, and its request.
    public init(
        dialect: any Dialect = EntryDialect(),
        route: Route = Route(provider: "scripted", model: "script"),
        clock: ManualClock? = nil,
        script: @escaping @Sendable (_ call: Int, _ request: ModelRequest) -> Reply
    ) {
        self.dialect = dialect
        self.route = route
        self.clock = clock
        self.script = script
    }

    /// The requests of all calls so far, in order.
    public var requests: [ModelRequest] { received.withLock { $0 } }

    /// Plays the next reply up to its first chunk; the rest is played as the answer's bytes are pulled.
    public func call(_ request: ModelRequest, stopwatch: Stopwatch) async throws(ModelError) -> ModelReply {
        let number = received.withLock { requests in
            requests.append(request)
            return requests.count - 1
        }
        let player = Player(script(number, request), clock: clock, stopwatch: stopwatch)
        switch try await player.play() {
        case .answer(let answer): return .answer(answer)
        case .chunk(let first): return .bytes(player.bytes(after: first))
        case .end: return .bytes(AnswerBytes { () throws(ModelError) in nil })
        }
    }
}

/// A player of the events of one reply.
private final class Player: Sendable {
    enum Step {
        case chunk(ByteBuffer)
        case answer(Answer)
        case end
    }

    private let events: Mutex<ArraySlice<ScriptedModel.Event>>
    private let clock: ManualClock?
    private let stopwatch: Stopwatch

    init(_ reply: ScriptedModel.Reply, clock: ManualClock?, stopwatch: Stopwatch) {
        self.events = Mutex(reply.events[...])
        self.clock = clock
        self.stopwatch = stopwatch
    }

    /// Plays up to the next chunk, the answer or the end.
    func play() async throws(ModelError) -> Step {
        while true {
            guard !Task.isCancelled else { throw .cancelled }
            guard let event = events.withLock({ $0.popFirst() }) else { return .end }
            switch event {
            case .advance(let duration):
                guard let clock else { preconditionFailure("a script with delays requires a clock") }
                clock.advance(by: duration)
            case .lap(let stage): stopwatch.lap(stage)
            case .chunk(let bytes): return .chunk(bytes)
            case .answer(let answer): return .answer(answer)
            case .failure(let error): throw error
            case .perform(let work): await work()
            case .hang: await untilCancelled()
            }
        }
    }

    /// Returns the answer's bytes, of which the first chunk was played already.
    func bytes(after first: ByteBuffer) -> AnswerBytes {
        events.withLock { $0.insert(.chunk(first), at: $0.startIndex) }
        return AnswerBytes { () async throws(ModelError) in
            switch try await self.play() {
            case .chunk(let bytes): return bytes
            case .end: return nil
            case .answer: preconditionFailure("a script has a typed answer after a chunk")
            }
        }
    }

    private func untilCancelled() async {
        let (stream, continuation) = AsyncStream<Never>.makeStream()
        for await _ in stream {}
        continuation.finish()
    }
}
