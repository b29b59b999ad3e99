internal import AsyncHTTPClient
internal import NIOCore
internal import Stateline
internal import Synchronization

/// A reader that pulls the body of one answer, within its limits of time and size.
///
/// Only the library's own buffer reads ahead of the caller. Releasing the reader closes the stream.
final class AnswerReader: Sendable {
    /// The library's iterator, on its way from one pull to the next.
    ///
    /// Unchecked, because the library does not mark it as sendable. It is made in this file, and stays in `state` under
    /// its lock except while one pull has taken it out: so no two tasks ever hold it, and the lock orders them.
    private struct Source: @unchecked Sendable {
        var iterator: HTTPClientResponse.Body.AsyncIterator
    }

    private struct State {
        /// The source of the bytes; `nil` while a pull is under way and after the end.
        var source: Source?
        var pull: Task<ByteBuffer?, any Error>?
        var deadlines: AnswerDeadlines
        var receivedBytes = 0
    }

    private let transport: HTTPTransport
    private let limit: Int
    private let afterEnd: TimeAmount
    private let state: Mutex<State>
    private let alarm: Mutex<Scheduled<Void>?>

    /// Begins to read.
    ///
    /// - Parameters:
    ///   - body: The answer's body, which has no other reader.
    ///   - transport: The owner of the connection; held to the end.
    ///   - limits: The time limits of the call.
    ///   - start: The start of the call.
    init(_ body: HTTPClientResponse.Body, of transport: HTTPTransport, limits: TimeLimits, callStart start: NIODeadline)
    {
        self.transport = transport
        self.afterEnd = TimeAmount(limits.afterEnd)
        self.limit = transport.maximumAnswerBytes
        let deadlines = AnswerDeadlines(limits, from: start)
        self.state = Mutex(State(source: Source(iterator: body.makeAsyncIterator()), deadlines: deadlines))
        self.alarm = Mutex(nil)
        setAlarm(to: deadlines.nextAlarm(after: .now()))
    }

    deinit {
        alarm.withLock { $0?.cancel() }
    }

    /// Sets the alarm, in place of an earlier one.
    private func setAlarm(to time: NIODeadline) {
        alarm.withLock { alarm in
            alarm?.cancel()
            alarm = transport.alarms.schedule(time) { [weak self] in self?.ring() }
        }
    }

    private func ring() {
        let (next, pull) = state.withLock { state in
            let next = state.deadlines.alarmRang(at: .now())
            return (next, next == nil ? state.pull : nil)
        }
        pull?.cancel()
        if let next { setAlarm(to: next) }
    }

    /// The number of bytes that have come so far.
    var receivedBytes: Int { state.withLock { $0.receivedBytes } }

    /// Returns the next bytes, or `nil` at the end; one pull at a time.
    func next() async throws(ModelError) -> ByteBuffer? {
        let chunk: ByteBuffer?
        do {
            chunk = try await pull()
        } catch {
            throw failure(error)
        }
        if Task.isCancelled { throw end(with: .cancelled) }
        let (receivedBytes, reached) = state.withLock { state in
            state.receivedBytes += chunk?.readableBytes ?? 0
            return (state.receivedBytes, state.deadlines.reached)
        }
        // Bytes that came in time are given; the call that follows finds the limit reached.
        if chunk == nil, let reached { throw end(with: .timeout(reached)) }
        if receivedBytes > limit { throw end(with: .answerTooLarge(limit: limit)) }
        return chunk
    }

    /// Limits the time that is waited for what follows the answer's content.
    func contentEnded() {
        limitRest(to: afterEnd)
    }

    /// Takes back the limit of ``contentEnded()``: more content came.
    func contentResumed() {
        state.withLock { $0.deadlines.answerResumed() }
        resetAlarm()
    }

    /// Waits for the end of a body whose answer is complete, so that the connection can be used again.
    ///
    /// Some servers keep the connection open after the end of a stream: after ``drainTime`` the body is given up.
    func drain() async {
        limitRest(to: Self.drainTime)
        do throws(ModelError) { while try await next() != nil {} } catch {}
    }

    /// The maximum time that the end of a body is waited for after the answer's end.
    private static var drainTime: TimeAmount { .milliseconds(100) }

    private func limitRest(to time: TimeAmount) {
        state.withLock { $0.deadlines.answerEnded(restBy: .now() + time) }
        resetAlarm()
    }

    private func resetAlarm() {
        setAlarm(to: state.withLock { $0.deadlines.nextAlarm(after: .now()) })
    }

    /// Pulls once, in a task of its own, so that the alarm can end the wait.
    ///
    /// The task does not outlive this call: it is awaited here and cancelled with its caller. It starts at once on the
    /// caller's thread, and a chunk that is there already costs no switch.
    private func pull() async throws -> ByteBuffer? {
        let (needsAlarm, isOver) = state.withLock { state in
            (state.deadlines.waitBegan(at: .now()), state.deadlines.reached != nil)
        }
        if isOver { throw CancellationError() }
        let task = Task.immediate { () async throws -> ByteBuffer? in
            guard var source = self.state.withLock({ $0.source.take() }) else { return nil }
            let chunk = try await source.iterator.next()
            if chunk != nil { self.state.withLock { [source] in $0.source = source } }
            return chunk
        }
        let isOverdue = state.withLock { state in
            state.pull = task
            return state.deadlines.reached != nil
        }
        if isOverdue { task.cancel() }
        if needsAlarm { resetAlarm() }
        do {
            let chunk = try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
            endPull(hasPiece: chunk != nil)
            return chunk
        } catch {
            endPull(hasPiece: false)
            throw error
        }
    }

    private func endPull(hasPiece: Bool) {
        let needsAlarm = state.withLock { state in
            state.pull = nil
            return state.deadlines.waitEnded(hasPiece: hasPiece)
        }
        if needsAlarm { resetAlarm() }
    }

    private func failure(_ error: any Error) -> ModelError {
        let (receivedBytes, reached) = state.withLock { ($0.receivedBytes, $0.deadlines.reached) }
        if let reached { return end(with: .timeout(reached)) }
        if Task.isCancelled || error is CancellationError { return .cancelled }
        return ModelError(midAnswer: error, receivedBytes: receivedBytes)
    }

    /// Closes the stream before its end.
    private func end(with error: ModelError) -> ModelError {
        state.withLock { $0.source = nil }
        return error
    }
}
