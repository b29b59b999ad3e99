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
        var isOverdue = false
        var receivedBytes = 0
    }

    private let transport: HTTPTransport
    private let limit: Int
    private let state: Mutex<State>
    private let alarm: Mutex<Scheduled<Void>?>

    /// Begins to read.
    ///
    /// - Parameters:
    ///   - body: The answer's body, which has no other reader.
    ///   - transport: The owner of the connection; held to the end.
    ///   - overdue: The time by which the answer has to have ended.
    init(_ body: HTTPClientResponse.Body, of transport: HTTPTransport, overdue: NIODeadline) {
        self.transport = transport
        self.limit = transport.maximumAnswerBytes
        self.state = Mutex(State(source: Source(iterator: body.makeAsyncIterator())))
        self.alarm = Mutex(nil)
        let alarm = HTTPClient.defaultEventLoopGroup.any()
            .scheduleTask(deadline: overdue) { [weak self] () -> Void in
                self?.becomeOverdue()
            }
        self.alarm.withLock { $0 = alarm }
    }

    deinit {
        alarm.withLock { $0?.cancel() }
    }

    private func becomeOverdue() {
        state.withLock { state in
            state.isOverdue = true
            return state.pull
        }?
        .cancel()
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
        let (receivedBytes, isOverdue) = state.withLock { state in
            state.receivedBytes += chunk?.readableBytes ?? 0
            return (state.receivedBytes, state.isOverdue)
        }
        if isOverdue { throw end(with: .timeout(.total)) }
        if receivedBytes > limit { throw end(with: .answerTooLarge(limit: limit)) }
        return chunk
    }

    /// Waits for the end of a body whose answer is complete, so that the connection can be used again.
    ///
    /// Some servers keep the connection open after the end of a stream: after ``drainTime`` the body is given up.
    func drain() async {
        let alarm = HTTPClient.defaultEventLoopGroup.any()
            .scheduleTask(in: Self.drainTime) { [weak self] () -> Void in self?.becomeOverdue() }
        defer { alarm.cancel() }
        do throws(ModelError) { while try await next() != nil {} } catch {}
    }

    /// The maximum time that the end of a body is waited for after the answer's end.
    private static var drainTime: TimeAmount { .milliseconds(100) }

    /// Pulls once, in a task of its own, so that the alarm can end the wait.
    ///
    /// The task does not outlive this call: it is awaited here and cancelled with its caller. It starts at once on the
    /// caller's thread, and a chunk that is there already costs no switch.
    private func pull() async throws -> ByteBuffer? {
        let task = Task.immediate { () async throws -> ByteBuffer? in
            guard var source = self.state.withLock({ $0.source.take() }) else { return nil }
            let chunk = try await source.iterator.next()
            if chunk != nil { self.state.withLock { [source] in $0.source = source } }
            return chunk
        }
        let isOverdue = state.withLock { state in
            state.pull = task
            return state.isOverdue
        }
        if isOverdue { task.cancel() }
        defer { state.withLock { $0.pull = nil } }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    private func failure(_ error: any Error) -> ModelError {
        let (receivedBytes, isOverdue) = state.withLock { ($0.receivedBytes, $0.isOverdue) }
        if isOverdue { return .timeout(.total) }
        if Task.isCancelled || error is CancellationError { return .cancelled }
        return ModelError(midAnswer: error, receivedBytes: receivedBytes)
    }

    /// Closes the stream before its end.
    private func end(with error: ModelError) -> ModelError {
        state.withLock { $0.source = nil }
        return error
    }
}
