internal import NIOCore

/// A state machine that pairs the requests and replies of one connection in order, and applies the planned faults.
struct RelayStateMachine: ~Copyable {
    /// An action to perform, in this order.
    enum Action: Equatable {
        /// Send to the server.
        case up(ByteBuffer)
        /// Send to the client, after a delay.
        case down(ByteBuffer, after: Duration)
        /// End both connections after all earlier bytes were sent.
        case end(RequestFault.Ending)
    }

    private enum Expected {
        /// The server's reply, with its fault.
        case reply(RequestFault?)
        /// The proxy's own reply, which waits for those before it.
        case own(ByteBuffer)
        /// The end of the connection, after which no request is taken.
        case end(RequestFault.Ending)
    }

    private enum State {
        /// Relays. Becomes `ended` with a cut; sets `isLast` first if replies are still expected.
        case relaying(expected: [Expected], held: ByteBuffer?, isLast: Bool)
        /// The connection has ended; all input is ignored.
        case ended
    }

    private var state = State.relaying(expected: [], held: nil, isLast: false)

    /// The number of requests that the server has not answered.
    var unanswered: Int {
        guard case .relaying(let expected, _, _) = state else { return 0 }
        return expected.count
    }

    /// Takes a request.
    mutating func request(_ frame: ByteBuffer, _ fault: RequestFault?) -> [Action] {
        guard case .relaying(var expected, let held, false) = state else { return [] }
        switch fault?.action {
        case .cutBeforeRequest:
            expected.append(.end(fault?.ending ?? .close))
            state = .relaying(expected: expected, held: held, isLast: true)
            return ownReplies()
        case .answer(let own):
            expected.append(.own(own))
            state = .relaying(expected: expected, held: held, isLast: false)
            return ownReplies()
        default:
            expected.append(.reply(fault))
            state = .relaying(expected: expected, held: held, isLast: false)
            return [.up(frame)]
        }
    }

    /// Takes a reply.
    mutating func reply(_ frame: ByteBuffer) -> [Action] {
        guard case .relaying(var expected, let held, let isLast) = state else { return [] }
        var fault: RequestFault?
        // A reply without a request passes.
        if case .reply(let planned)? = expected.first {
            fault = planned
            expected.removeFirst()
        }
        state = .relaying(expected: expected, held: nil, isLast: isLast)
        let ending = fault?.ending ?? .close
        var actions: [Action] = []
        switch fault?.action {
        case .cutBeforeReply:
            state = .ended
            return [.end(ending)]
        case .cutInReply(let count):
            state = .ended
            let part = frame.getSlice(at: frame.readerIndex, length: min(count, frame.readableBytes))
            return [.down(part ?? ByteBuffer(), after: .zero), .end(ending)]
        case .cutAfterReply:
            state = .ended
            return [.down(frame, after: .zero), .end(ending)]
        case .swapReplyWithNext where held == nil:
            state = .relaying(expected: expected, held: frame, isLast: isLast)
            return ownReplies()
        case .dropReply: break
        case .delayReply(let time): actions = [.down(frame, after: time)]
        case .duplicateReply: actions = [.down(frame, after: .zero), .down(frame, after: .zero)]
        case .insertBeforeReply(let bytes): actions = [.down(bytes, after: .zero), .down(frame, after: .zero)]
        default: actions = [.down(frame, after: .zero)]
        }
        if let held { actions.append(.down(held, after: .zero)) }
        return actions + ownReplies()
    }

    /// Returns the proxy's own replies that are next in order, and the end.
    private mutating func ownReplies() -> [Action] {
        guard case .relaying(var expected, var held, let isLast) = state else { return [] }
        var actions: [Action] = []
        while let first = expected.first {
            switch first {
            case .reply:
                state = .relaying(expected: expected, held: held, isLast: isLast)
                return actions
            case .own(let bytes):
                expected.removeFirst()
                actions.append(.down(bytes, after: .zero))
                if let first = held { actions.append(.down(first, after: .zero)) }
                held = nil
            case .end(let ending):
                state = .ended
                return actions + [.end(ending)]
            }
        }
        state = .relaying(expected: expected, held: held, isLast: isLast)
        return actions
    }
}
