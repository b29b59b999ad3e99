import NIOConcurrencyHelpers
import NIOCore
import Synchronization

@testable import StatelineRedis

/// A sender that counts what goes through it, and that a test can have do something about it.
final class WatchedSender: RedisSender {
    /// What went through.
    struct Counts: Hashable, Sendable {
        var requests = 0
        var commands = 0
        var bytesUp = 0
        var bytesDown = 0
        /// The lanes that were asked for.
        var lanes: [RedisRequest.Lane] = []
    }

    private let sender: any RedisSender
    private let seen = NIOLockedValueBox(Counts())
    private let change = NIOLockedValueBox<(@Sendable (RESPValue) throws(RedisError) -> RESPValue)?>(nil)
    private let early = NIOLockedValueBox<(@Sendable () async throws(RedisError) -> Void)?>(nil)
    private let late = NIOLockedValueBox<(@Sendable () async -> Void)?>(nil)

    init(_ sender: any RedisSender) {
        self.sender = sender
    }

    func send(_ request: RedisRequest, deadline: NIODeadline) async throws(RedisError) -> RESPValue {
        if let step = early.withLockedValue({ step in step.take() }) { try await step() }
        var encoder = CommandEncoder()
        request.encode(&encoder)
        precondition(encoder.commands == request.commands, "a request is not what it says")
        let size = encoder.buffer.readableBytes
        let reply = try await sender.send(request, deadline: deadline)
        seen.withLockedValue { counts in
            counts.requests += 1
            counts.commands += request.commands
            counts.bytesUp += size
            counts.bytesDown += reply.wireSize
            counts.lanes.append(request.lane)
        }
        if let step = late.withLockedValue({ step in step.take() }) { await step() }
        guard let change = change.withLockedValue({ change in change.take() }) else { return reply }
        return try change(reply)
    }

    /// What went through so far.
    var counts: Counts { seen.withLockedValue(\.self) }

    /// What went through while something was done.
    func counting(_ body: () async throws -> Void) async rethrows -> Counts {
        seen.withLockedValue { $0 = Counts() }
        try await body()
        return seen.withLockedValue(\.self)
    }

    /// Changes the next reply.
    func changeNext(_ body: @escaping @Sendable (RESPValue) throws(RedisError) -> RESPValue) {
        change.withLockedValue { $0 = body }
    }

    /// Loses the next reply: its request is executed.
    func loseNext() {
        changeNext { _ throws(RedisError) in throw RedisError(.closed, .unknown, message: "lost") }
    }

    /// Does something before the next request is sent.
    func beforeNext(_ body: @escaping @Sendable () async throws(RedisError) -> Void) {
        early.withLockedValue { $0 = body }
    }

    /// Does something after the next request was answered, before its caller knows.
    func afterNext(_ body: @escaping @Sendable () async -> Void) {
        late.withLockedValue { $0 = body }
    }
}

extension RESPValue {
    /// How many bytes the value has on the wire, about.
    fileprivate var wireSize: Int {
        switch self {
        case .status(let text), .error(let text): text.utf8.count + 3
        case .integer(let number): String(number).utf8.count + 3
        case .bytes(let bytes): bytes.readableBytes + String(bytes.readableBytes).utf8.count + 5
        case .null: 5
        case .array(let values): values.reduce(4) { $0 + $1.wireSize }
        }
    }
}
