internal import NIOCore
internal import Stateline
internal import Synchronization

/// The upstream's memory of requests.
///
/// Only the count of cached tokens goes into answers. Bodies are kept newest first within a bound of bytes, so a
/// conversation's previous body can be forgotten. From then on the next request of an unknown conversation is not
/// compared, and its record says so, because the conversation may be a forgotten one.
final class RequestLog: Sendable {
    /// The facts of a request after its body arrived.
    struct Receipt {
        /// The request's number.
        var index: Int
        /// The SHA-256 of the body, in hexadecimal digits.
        var sha256: String
        /// Leading bytes in common with the conversation's previous request; 0 without one.
        var common: Int
        /// The outline of that previous request.
        var outline: RequestOutline?
        /// The member `tools` of that previous request; empty without one.
        var tools = ByteBuffer()
    }

    private let byteLimit: Int
    private let countLimit: Int
    private let state = Mutex(State())

    init(byteLimit: Int, countLimit: Int) {
        self.byteLimit = byteLimit
        self.countLimit = countLimit
    }

    /// Notes a request after its body arrived.
    ///
    /// Bodies are compared under the lock, so "previous" is by number even for concurrent requests.
    ///
    /// - Complexity: O(*n*) in the bytes of the body.
    func receive(_ body: ByteBuffer, conversation name: String) -> Receipt {
        let digest = Digest.sha256(body).description
        return state.withLock { state in
            let previous = state.conversations[name]
            let earlier = previous.flatMap { state.bodies[$0.newest] }?.bytes
            let common = earlier.map { body.commonPrefixLength(with: $0) } ?? (state.hasForgotten ? nil : 0)
            let request = UpstreamRequest(
                index: state.nextIndex,
                conversation: name,
                requestBytes: body.readableBytes,
                sentAgainBytes: common,
                prefixBytes: common,
                sha256: digest
            )
            state.add(request, countLimit: countLimit)
            state.keep(Body(bytes: body, conversation: name), as: request.index, byteLimit: byteLimit)
            return Receipt(
                index: request.index,
                sha256: digest,
                common: common ?? 0,
                outline: previous?.outline,
                tools: previous?.outline.flatMap { earlier?.bytes(at: $0.toolsMember) } ?? ByteBuffer()
            )
        }
    }

    /// Notes the content of a request's body.
    ///
    /// Tools that are the same as in the conversation's previous request count as sent again at any place.
    func note(_ outline: RequestOutline, of body: ByteBuffer, receipt: Receipt) {
        let member = outline.toolsMember
        let isRepeated = !member.isEmpty && body.bytes(at: member) == receipt.tools
        let repeated = isRepeated ? max(0, member.upperBound - max(member.lowerBound, receipt.common)) : 0
        let cachedTokens = outline.tokens(within: receipt.common)
        state.withLock { state in
            guard let name = state.requests[receipt.index]?.conversation else { return }
            if let sentAgain = state.requests[receipt.index]?.sentAgainBytes {
                state.requests[receipt.index]?.sentAgainBytes = sentAgain + repeated
                state.report.sentAgainBytes += repeated
                state.report.newBytes -= repeated
            }
            state.requests[receipt.index]?.promptTokens = outline.tokens
            state.requests[receipt.index]?.cachedTokens = cachedTokens
            state.report.promptTokens += outline.tokens
            state.report.cachedTokens += cachedTokens
            if state.conversations[name]?.newest == receipt.index { state.conversations[name]?.outline = outline }
        }
    }

    /// Notes the status of a request's answer.
    func note(status: Int, of receipt: Receipt) {
        state.withLock { $0.requests[receipt.index]?.status = status }
    }

    /// Returns the sums and the newest requests.
    func report(newest count: Int) -> UpstreamReport {
        state.withLock { state in
            var report = state.report
            report.requests = (max(0, state.nextIndex - count)..<state.nextIndex).compactMap { state.requests[$0] }
            return report
        }
    }

    /// Returns the body of a request, if it is kept.
    func body(_ index: Int) -> ByteBuffer? {
        state.withLock { $0.bodies[index]?.bytes }
    }

    /// Forgets everything but the numbers, so that a current request is not taken for another.
    func clear() {
        state.withLock { $0 = State(nextIndex: $0.nextIndex) }
    }
}

extension ByteBuffer {
    /// Returns the bytes at offsets from the first readable one.
    fileprivate func bytes(at range: Range<Int>) -> ByteBuffer {
        getSlice(at: readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
    }

    /// Copies a buffer's readable bytes into storage of their size.
    fileprivate init(copying other: ByteBuffer) {
        self = ByteBufferAllocator().buffer(capacity: other.readableBytes)
        writeImmutableBuffer(other)
    }
}

extension RequestLog {
    private struct Conversation {
        var newest: Int
        var outline: RequestOutline?
    }

    private struct Body {
        var bytes: ByteBuffer
        var conversation: String
    }

    private struct State {
        var report = UpstreamReport()
        var nextIndex = 1
        var requests: [Int: UpstreamRequest] = [:]
        var bodies: [Int: Body] = [:]
        var oldestBody: Int
        var bodyBytes = 0
        var conversations: [String: Conversation] = [:]
        var hasForgotten = false

        init(nextIndex: Int = 1) {
            self.nextIndex = nextIndex
            self.oldestBody = nextIndex
        }

        mutating func add(_ request: UpstreamRequest, countLimit: Int) {
            nextIndex += 1
            requests[request.index] = request
            requests[request.index - countLimit] = nil
            conversations[request.conversation] = Conversation(newest: request.index)
            report.requestCount += 1
            report.requestBytes += request.requestBytes
            guard let sentAgain = request.sentAgainBytes else { return }
            report.comparedCount += 1
            report.sentAgainBytes += sentAgain
            report.prefixBytes += sentAgain
            report.newBytes += request.requestBytes - sentAgain
        }

        /// Keeps a body, whatever its size, and drops the oldest ones over the limit.
        mutating func keep(_ body: Body, as index: Int, byteLimit: Int) {
            var body = body
            // A small body is a slice of what was read at once from the socket: without a copy it would keep all of it.
            if body.bytes.storageCapacity > 2 * body.bytes.readableBytes {
                body.bytes = ByteBuffer(copying: body.bytes)
            }
            bodies[index] = body
            bodyBytes += body.bytes.storageCapacity
            while bodyBytes > byteLimit, oldestBody < index {
                if let dropped = bodies.removeValue(forKey: oldestBody) {
                    bodyBytes -= dropped.bytes.storageCapacity
                    if conversations[dropped.conversation]?.newest == oldestBody {
                        conversations[dropped.conversation] = nil
                        hasForgotten = true
                    }
                }
                oldestBody += 1
            }
        }
    }
}
