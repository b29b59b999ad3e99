internal import NIOCore
internal import Synchronization

/// One connection to one server.
///
/// Requests are pipelined: each is written as soon as the loop gets to it, and its reply is told by its place. Closing is
/// the owner's business: whoever made the connection calls ``close()``, or drops it, which closes it at once.
final class RedisConnection: RedisSender {
    let channel: any Channel
    private let handler: RedisChannelHandler

    init(channel: any Channel, handler: RedisChannelHandler) {
        self.channel = channel
        self.handler = handler
    }

    deinit {
        channel.close(promise: nil)
    }

    /// Whether requests are taken.
    var isOpen: Bool { handler.isOpen.load(ordering: .acquiring) }

    /// How many commands wait for their replies, as of the loop's last turn.
    var pendingCommands: Int { handler.published.load(ordering: .relaxed) }

    /// The loop, for tasks that want to run where replies are read: several times cheaper than anywhere else, for work
    /// that is short and never blocks.
    var executor: any TaskExecutor { handler.executor }

    func send(_ request: RedisRequest, deadline: NIODeadline) async throws(RedisError) -> RESPValue {
        guard !Task.isCancelled else { throw .cancelledUnsent }
        let handler = handler
        let outcome = await ReplyContinuation.wait { handler.submit(request, deadline, $0) }
        return try outcome.get()
    }

    /// Returns when it has ended.
    func closed() async {
        _ = try? await channel.closeFuture.get()
    }

    /// Takes no more requests, waits for the replies of those that were sent, and returns when it has ended.
    func close() async {
        beginClose()
        await closed()
    }

    /// Ends at once; those who wait are told why.
    func end(_ error: RedisError) {
        let handler = handler
        handler.eventLoop.execute { handler.executor.run { handler.end(error) } }
    }

    /// Sets what is called, on the loop, each time that a reply is due for too long without a byte.
    func onSilence(_ body: @escaping @Sendable () -> Void) {
        let handler = handler
        handler.eventLoop.execute { handler.onSilence = body }
    }

    /// Makes way for another connection to the same server: takes no more requests, and ends once those that were sent
    /// have their replies, or soon where the server stays silent.
    func makeWay() {
        let handler = handler
        handler.eventLoop.execute { handler.executor.run { handler.makeWay() } }
    }

    /// Reports silence where a reply is due and no byte has come since a time.
    func reportSilence(since time: NIODeadline) {
        let handler = handler
        handler.eventLoop.execute { handler.executor.run { handler.reportSilence(since: time) } }
    }

    /// Takes no more requests, and ends once those that were sent have their replies.
    func beginClose() {
        let handler = handler
        handler.eventLoop.execute { handler.executor.run { handler.drain() } }
    }
}
