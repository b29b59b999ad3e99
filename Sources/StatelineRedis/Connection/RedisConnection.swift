internal import NIOCore
internal import Synchronization

/// One connection to one server.
///
/// Requests are pipelined: each is written as soon as possible, and the order of the replies assigns each to its
/// request. A request may also check its reply, see ``RedisRequest/readReply``; a connection that is out of step ends.
///
/// The owner of the connection calls ``close()``, or drops it, which closes it at once.
final class RedisConnection: RedisSender {
    let channel: any Channel
    private let handler: RedisChannelHandler

    init(channel: any Channel, handler: RedisChannelHandler) {
        self.channel = channel
        self.handler = handler
    }

    deinit {
        handler.isDropped.store(true, ordering: .releasing)
        channel.close(promise: nil)
    }

    /// `true` if requests are accepted.
    var isOpen: Bool { handler.isOpen.load(ordering: .acquiring) }

    /// The number of commands that wait for replies, as of the loop's last turn.
    var pendingCommands: Int { handler.published.load(ordering: .relaxed) }

    /// The event loop, as an executor for tasks.
    ///
    /// A task that runs where replies are read gets them several times cheaper than elsewhere. Its work has to be short
    /// and must never block.
    var executor: any TaskExecutor { handler.executor }

    func send(_ request: RedisRequest, deadline: NIODeadline) async throws(RedisError) -> RESPValue {
        guard !Task.isCancelled else { throw .cancelledUnsent }
        let handler = handler
        let outcome = await ReplyContinuation.wait { handler.submit(request, deadline, $0) }
        let reply = try outcome.get()
        guard request.readReply != nil else { return reply }
        if let answer = request.answer(in: reply) { return answer }
        // Replies and requests are out of step: no later reply of this connection can be trusted.
        end(.outOfStep)
        throw .outOfStep
    }

    /// Returns when the connection has ended.
    func closed() async {
        _ = try? await channel.closeFuture.get()
    }

    /// Accepts no more requests, waits for the replies to those that were sent, and returns when the connection has
    /// ended.
    func close() async {
        beginClose()
        await closed()
    }

    /// Ends the connection at once.
    ///
    /// Requests that wait fail with the error.
    func end(_ error: RedisError) {
        let handler = handler
        handler.eventLoop.execute { handler.executor.run { handler.end(error) } }
    }

    /// Sets the function that is called, on the loop, when a reply has been due for too long without a byte.
    func onSilence(_ body: @escaping @Sendable () -> Void) {
        let handler = handler
        handler.eventLoop.execute { handler.onSilence = body }
    }

    /// Sets the function that is called once, on the loop, if the connection ends and its owner has not closed it.
    func onLoss(_ body: @escaping @Sendable (RedisError) -> Void) {
        let handler = handler
        handler.eventLoop.execute { handler.onLoss = body }
    }

    /// Accepts no more requests, and ends once those that were sent have their replies, or soon if the server stays
    /// silent.
    ///
    /// Call it when another connection to the same server is ready.
    func makeWay() {
        let handler = handler
        handler.eventLoop.execute { handler.executor.run { handler.makeWay() } }
    }

    /// Reports silence if a reply is due and no byte has come since a time.
    func reportSilence(since time: NIODeadline) {
        let handler = handler
        handler.eventLoop.execute { handler.executor.run { handler.reportSilence(since: time) } }
    }

    /// Accepts no more requests, and ends once those that were sent have their replies.
    func beginClose() {
        let handler = handler
        handler.eventLoop.execute { handler.executor.run { handler.drain() } }
    }
}
